"""The evidence lower bound: exact for one component, below the evidence for two, never falling."""

import numpy as np
import pytest
from bayesian_help import evidence_of_one, evidence_of_two, plain_prior, uneven_rows
from hypothesis import given
from hypothesis import strategies as st
from structure_help import OneVolume

from gmm_widget.bayes.posterior import Prior, surrogate
from gmm_widget.bayes.variational import begin, begin_from, climbing_bound, variational
from gmm_widget.bayes.weights_prior import WEIGHT_PRIORS
from gmm_widget.core.binning import bin_points
from gmm_widget.core.mixture import Mixture
from gmm_widget.core.points import Points
from gmm_widget.core.structure import structure

KINDS = ("spherical", "diag", "tied", "full")
WEIGHTS = tuple(WEIGHT_PRIORS)


def _last(steps):
    for step in steps:
        last = step
    return last


@pytest.mark.parametrize("weights", WEIGHTS)
@pytest.mark.parametrize("kind", ["tied", "full"])
def test_of_one_component_the_bound_is_the_evidence(kind, weights):
    x = np.random.default_rng(0).normal(size=(30, 3)) @ np.diag([1.0, 20.0, 0.1]) + 5
    prior = plain_prior(x, kind, weights, 0.5)
    points, shape = Points.of(x), structure(kind)
    first = begin_from(points, prior, np.ones((30, 1)), shape, regularisation=0.0)
    elbo = _last(variational(points, prior, first, shape, regularisation=0.0)).elbo
    weight = _weight_term(prior, 30)
    assert elbo == pytest.approx(evidence_of_one(x, prior) + weight, rel=1e-9)


def _weight_term(prior, n):
    """A single piece of a stick breaks off the rows' share: log E v^n; else its weight is 1."""
    if prior.weights.name == "dirichlet_distribution":
        return 0.0
    v = np.arange(n)
    return float(np.log((1 + v) / (1 + prior.concentration + v)).sum())


def test_of_one_component_without_correlations_it_is_that_of_each_column():
    x = np.random.default_rng(1).normal(size=(25, 3)) * [1.0, 5.0, 0.2]
    prior = plain_prior(x, "diag", "dirichlet_distribution", 1.0)
    points, shape = Points.of(x), structure("diag")
    first = begin_from(points, prior, np.ones((25, 1)), shape, regularisation=0.0)
    elbo = _last(variational(points, prior, first, shape, regularisation=0.0)).elbo
    parts = [
        evidence_of_one(
            x[:, [i]],
            Prior(
                prior.weights,
                1.0,
                prior.mean[[i]],
                prior.mean_precision,
                prior.degrees,
                prior.covariance[i : i + 1, i : i + 1],
            ),
        )
        for i in range(3)
    ]
    assert elbo == pytest.approx(sum(parts), rel=1e-9)


def test_of_one_sphere_it_is_that_of_a_gamma_distribution():
    x = np.random.default_rng(2).normal(size=(25, 2))
    prior = plain_prior(x, "spherical", "dirichlet_distribution", 1.0)
    points, shape = Points.of(x), structure("spherical")
    first = begin_from(points, prior, np.ones((25, 1)), shape, regularisation=0.0)
    elbo = _last(variational(points, prior, first, shape, regularisation=0.0)).elbo
    from scipy.special import gammaln

    n, d = x.shape
    a, b = prior.degrees * d / 2, prior.degrees * d / 2 * prior.covariance[0, 0] / prior.degrees
    strength = prior.mean_precision
    scatter = ((x - x.mean(axis=0)) ** 2).sum()
    away = ((x.mean(axis=0) - prior.mean) ** 2).sum() * strength * n / (strength + n)
    after_a, after_b = a + n * d / 2, b + (scatter + away) / 2
    exact = gammaln(after_a) - gammaln(a) + a * np.log(b) - after_a * np.log(after_b)
    exact += d / 2 * np.log(strength / (strength + n)) - n * d / 2 * np.log(2 * np.pi)
    assert elbo == pytest.approx(exact, rel=1e-9)


@pytest.mark.parametrize("apart", [0.0, 30.0])
def test_of_two_components_it_is_below_the_evidence_and_near_it(apart):
    rng = np.random.default_rng(3)
    x = np.concatenate([rng.normal(size=(5, 1)), rng.normal(size=(4, 1)) + apart])
    prior = plain_prior(x, "full", "dirichlet_distribution", 1.0)
    prior = Prior(prior.weights, 1.0, prior.mean, 0.05, 3.0, np.eye(1))
    points, shape = Points.of(x), structure("full")
    shares = np.where(np.arange(9)[:, None] < 5, [0.9, 0.1], [0.1, 0.9])
    first = begin_from(points, prior, shares, shape, regularisation=0.0)
    elbo = _last(variational(points, prior, first, shape, regularisation=0.0)).elbo
    exact = evidence_of_two(x, prior)
    assert elbo <= exact + 1e-9
    if apart:  # two ways to name two clear groups: the bound describes one of them
        assert elbo == pytest.approx(exact - np.log(2), abs=0.05)


@st.composite
def problems(draw):
    """Rows with weights and ties, a structure, a prior, and where the inference begins."""
    rng, x, k = uneven_rows(draw, 3, 3, 5)
    if draw(st.booleans()):
        x = np.round(x, 1)
    if (np.ptp(x, axis=0) == 0).any():
        x = x + rng.normal(size=x.shape)
    kind, weights = draw(st.sampled_from(KINDS)), draw(st.sampled_from(WEIGHTS))
    concentration = draw(st.sampled_from([1e-3, 0.1, 1.0, 50.0]))
    weight = rng.uniform(0.1, 3, len(x)) if draw(st.booleans()) else None
    prior = plain_prior(x, kind, weights, concentration)
    return Points.of(x, weight), prior, rng.dirichlet(np.ones(k), len(x)), structure(kind)


@given(problems(), st.sampled_from([0.0, 1e-6, 1e-3]))
def test_the_bound_never_falls(problem, regularisation):
    points, prior, shares, shape = problem
    first = begin_from(points, prior, shares, shape, regularisation=regularisation)
    steps = list(
        variational(points, prior, first, shape, regularisation=regularisation, max_steps=30)
    )
    bounds = np.array([step.elbo for step in steps])
    rounding = 1e-10 * (points.total_weight + np.abs(bounds).max())
    assert (np.diff(bounds) >= -rounding).all(), np.diff(bounds).min()


@given(problems(), st.floats(1e-3, 100))
def test_it_goes_on_rising_when_the_prior_is_changed_on_the_way(problem, concentration):
    points, prior, shares, shape = problem
    first = begin_from(points, prior, shares, shape)
    half = _last(variational(points, prior, first, shape, max_steps=5)).posterior
    other = Prior(
        prior.weights,
        concentration,
        prior.mean,
        prior.mean_precision,
        prior.degrees,
        prior.covariance,
    )
    bounds = [step.elbo for step in variational(points, other, half, shape, max_steps=10)]
    assert (np.diff(bounds) >= -1e-10 * (points.total_weight + np.abs(bounds).max())).all()


def test_the_guess_has_the_expected_log_joint():
    x = np.random.default_rng(0).normal(size=(40, 2))
    prior = plain_prior(x, "full", "dirichlet_process", 0.7)
    points, shape = Points.of(x), structure("full")
    shares = np.random.default_rng(1).dirichlet(np.ones(3), 40)
    posterior = begin_from(points, prior, shares, shape)
    known = surrogate(prior, posterior, shape)
    from scipy.stats import beta, wishart

    rng, draws, at = np.random.default_rng(2), 40_000, np.array([0.3, -1.0])
    left, expected = np.zeros(draws), []
    for k in range(3):
        v = beta(*posterior.weights[:, k]).rvs(draws, random_state=rng)
        degrees, c = posterior.precisions.degrees[k], posterior.precisions.covariances[k]
        shapes = wishart(degrees, np.linalg.inv(degrees * c)).rvs(draws, random_state=rng)
        lower = np.linalg.cholesky(np.linalg.inv(shapes) / posterior.mean_precision[k])
        means = posterior.means[k] + (lower @ rng.normal(size=(draws, 2, 1)))[:, :, 0]
        away = np.einsum("ni,nij,nj->n", at - means, shapes, at - means)
        logs = np.log(v) + left + np.linalg.slogdet(shapes)[1] / 2 - away / 2 - np.log(2 * np.pi)
        expected.append(logs.mean())
        left += np.log1p(-v)
    found = known.mixture.log_joint(at[None])[0] + known.log_sum
    np.testing.assert_allclose(found, expected, atol=0.1)


def test_cells_lead_to_the_same_posterior():
    truth = Mixture([0.6, 0.4], [[0, 0], [4, 1]], [np.eye(2), np.diag([0.5, 2.0])])
    x, _ = truth.sample(20_000, np.random.default_rng(0))
    points, shape = Points.of(x), structure("full")
    prior = plain_prior(x, "full", "dirichlet_distribution", 0.1)
    first = begin(points, prior, truth, shape)
    cells = bin_points(points)
    exact = _last(climbing_bound(points, prior, first, shape))
    short = list(climbing_bound(points, prior, first, shape, cells=cells))
    assert short[-1].elbo == pytest.approx(exact.elbo, rel=1e-8)
    assert len(short) <= exact.n_steps


def test_a_structure_without_conjugate_prior_is_refused_by_name():
    x = np.random.default_rng(0).normal(size=(20, 2))
    prior = plain_prior(x, "diag", "dirichlet_process", 1.0)
    first = begin_from(Points.of(x), prior, np.full((20, 2), 0.5), structure("diag"))
    with pytest.raises(ValueError, match="'one volume' has no conjugate prior"):
        next(variational(Points.of(x), prior, first, OneVolume()))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"concentration": 0.0}, "concentration must be a positive"),
        ({"mean_precision": np.inf}, "mean_precision must be a positive"),
        ({"degrees": 1.0}, "degrees must be more than 1"),
        ({"covariance": -np.eye(2)}, "positive definite"),
        ({"covariance": np.eye(3)}, r"covariance \(2, 2\)"),
    ],
)
def test_a_wrong_prior_is_named(change, message):
    given = {
        "weights": WEIGHT_PRIORS["dirichlet_process"],
        "concentration": 1.0,
        "mean": np.zeros(2),
        "mean_precision": 1.0,
        "degrees": 2.0,
        "covariance": np.eye(2),
    }
    with pytest.raises(ValueError, match=message):
        Prior(**{**given, **change})

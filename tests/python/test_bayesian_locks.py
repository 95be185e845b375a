"""Locks under a prior: what is held stays to the bit, and the bound climbs in all the rest.

With a mean held the posterior is the best that has this mean; a held weight is known, so that the
bound is one of the evidence given that weight.
"""

from dataclasses import replace

import numpy as np
import pytest
from bayesian_help import plain_prior, uneven_rows
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import dirichlet
from session_help import new_session, poor_start, three_clusters

from gmm_widget import GMMWidget
from gmm_widget.bayes.variational import begin, look, variational
from gmm_widget.bayes.weights_prior import WEIGHT_PRIORS, Dirichlet, PartlyFixedWeights
from gmm_widget.bayes.wishart import Precisions
from gmm_widget.core.initialise import initial_mixture
from gmm_widget.core.locks import Locks
from gmm_widget.core.mixture import Mixture
from gmm_widget.core.points import Points
from gmm_widget.core.structure import structure
from gmm_widget.session import steps
from gmm_widget.session.edits import Act

KINDS = ("spherical", "diag", "tied", "full")


@st.composite
def locked_problems(draw):
    """Rows, a prior, a mixture to begin at, its structure, and any locks."""
    rng, x, k = uneven_rows(draw, 5, 2, 4)
    kind = structure(draw(st.sampled_from(KINDS)))
    points = Points.of(x, rng.uniform(0.1, 3, len(x)) if draw(st.booleans()) else None)
    mixture = initial_mixture(points, k, kind, "random", rng)
    locks = Locks(*(rng.random((3, k)) < draw(st.sampled_from([0.3, 0.7]))))
    prior = plain_prior(x, kind.name, "dirichlet_distribution", draw(st.sampled_from([1e-3, 1.0])))
    return (
        points,
        replace(prior, weights=PartlyFixedWeights(locks.weights, mixture.weights)),
        mixture,
        kind,
        locks,
    )


@given(locked_problems())
@settings(max_examples=60, deadline=None)
def test_the_bound_never_falls_and_what_is_held_stays_to_the_bit(problem):
    points, prior, mixture, kind, locks = problem
    first = begin(points, prior, mixture, kind, locks=locks)
    walk = list(variational(points, prior, first, kind, locks=locks, max_steps=25))
    bounds = np.array([step.elbo for step in walk])
    rounding = 1e-10 * (points.total_weight + np.abs(bounds).max())
    assert (np.diff(bounds) >= -rounding).all(), np.diff(bounds).min()
    shapes = locks.locked_covariances(kind)
    for step in walk:
        found = step.mixture(prior)
        np.testing.assert_array_equal(found.means[locks.means], mixture.means[locks.means])
        np.testing.assert_array_equal(found.covariances[shapes], mixture.covariances[shapes])
        np.testing.assert_array_equal(found.weights[locks.weights], mixture.weights[locks.weights])


@pytest.mark.parametrize("kind", KINDS)
def test_around_a_held_mean_the_rest_of_its_posterior_is_the_best(kind):
    x, shape = three_clusters(120), structure(kind)
    points, locks = Points.of(x), Locks(np.array([1, 0, 0], bool), *np.zeros((2, 3), bool))
    prior = plain_prior(x, kind, "dirichlet_distribution", 0.5)
    mixture = initial_mixture(points, 3, shape, "k-means++", np.random.default_rng(0))
    means = mixture.means.copy()
    means[0] += [1.0, 0.5]
    mixture = Mixture(mixture.weights, means, mixture.covariances)
    first = begin(points, prior, mixture, shape, locks=locks)
    *_, last = variational(points, prior, first, shape, locks=locks, tolerance=1e-12)
    best, here = last.elbo, last.posterior
    for share in (1 - 1e-3, 1 + 1e-3):
        degrees, covariances = here.precisions.degrees, here.precisions.covariances
        wider = Precisions(degrees, covariances * share)
        surer = Precisions(degrees * share, covariances)
        for other in (
            replace(here, precisions=wider),
            replace(here, precisions=surer),
            replace(here, mean_precision=here.mean_precision * share),
        ):
            assert look(points, prior, other, shape)[1] < best


def test_with_no_weight_held_the_prior_is_the_dirichlet_distribution():
    parameters = np.array([[2.5, 0.3, 11.0]])
    plain, partly = Dirichlet(), PartlyFixedWeights(np.zeros(3, bool), np.full(3, 1 / 3))
    np.testing.assert_allclose(partly.expected(parameters), plain.expected(parameters), rtol=1e-14)
    np.testing.assert_allclose(
        partly.expected_logs(parameters), plain.expected_logs(parameters), rtol=1e-14
    )
    assert partly.divergence(parameters, 0.7) == pytest.approx(plain.divergence(parameters, 0.7))


def test_of_held_weights_the_others_are_what_draws_say():
    """What is left of a known weight, in Dirichlet shares: means of logs over many draws."""
    held, weights = np.array([False, True, False]), np.array([0.3, 0.45, 0.25])
    parameters = np.array([[2.5, 7.0, 4.0]])
    partly = PartlyFixedWeights(held, weights)
    draws = 0.55 * dirichlet([2.5, 4.0]).rvs(200_000, random_state=1)
    found = partly.expected_logs(parameters)
    np.testing.assert_allclose(found[~held], np.log(draws).mean(axis=0), atol=5e-3)
    np.testing.assert_allclose(partly.expected(parameters)[~held], draws.mean(axis=0), atol=2e-3)
    assert found[1] == np.log(0.45)
    assert partly.expected(parameters)[1] == 0.45
    assert "partly_held" not in WEIGHT_PRIORS


@pytest.mark.parametrize("what", ["mean", "covariance", "weight", "all"])
def test_locks_hold_in_the_widget_from_the_first_step_to_the_last(what):
    w = GMMWidget(three_clusters(), 3, mixture=poor_start())
    w.lock("B", what)
    w.concentration = 0.5
    assert w.converged
    fixed = {"mean": ("means",), "covariance": ("covariances",), "weight": ("weights",)}
    names = fixed.get(what, ("means", "covariances", "weights"))
    for name in ("means", "covariances", "weights"):
        same = np.array_equal(getattr(w.mixture, name)[1], getattr(poor_start(), name)[1])
        assert same == (name in names), name
    bounds = [p.state.elbo for p in w._session.history.present.step_records]
    assert np.all(np.diff(bounds) >= -1e-9 * abs(bounds[-1]))


def test_a_lock_set_on_the_way_holds_what_is_there_then_and_can_be_let_go():
    w = GMMWidget(three_clusters(), 3, mixture=poor_start())
    w.concentration = 0.5
    w.jump(w.history[-1].id, step=2)
    there = w.mixture
    w.lock("A")
    assert w.elbo is None, "of a known weight it is the bound of another model"
    w.step(5)
    for name in ("means", "covariances", "weights"):
        np.testing.assert_array_equal(getattr(w.mixture, name)[0], getattr(there, name)[0])
    held = w.elbo
    w.lock("A", on=False)
    w.step(5)
    assert not np.array_equal(w.mixture.means[0], there.means[0])
    assert held is not None


def test_a_hand_holds_its_component_in_a_bayesian_run():
    session = new_session()
    session.settings = session.settings._replace(concentration=0.5)
    session.do_immediately(Act("place", {"component": 0, "mean": [1.0, 1.0]}, ("me", 1), False))
    session.set_running(True)
    before = session.state.mixture
    walk = steps.with_held(steps.advance, (0,))
    for _ in range(3):
        done = walk(session.points, session.state, session.settings, poll=None)
        assert session.accept(session.state, done.state, "run", done.trace)
    after = session.state.mixture
    np.testing.assert_array_equal(after.means[0], before.means[0])
    np.testing.assert_array_equal(after.covariances[0], before.covariances[0])
    assert after.weights[0] == before.weights[0]
    assert not np.array_equal(after.means[1], before.means[1])
    assert not session.state.locks.any()

"""The Bayesian estimator: scikit-learn's checks and numbers, beside it from the same start."""

import copy
import tracemalloc
import warnings

import numpy as np
import pytest
from bayesian_help import prior_like
from sklearn.cluster import KMeans
from sklearn.mixture import BayesianGaussianMixture as Peer
from sklearn.utils.estimator_checks import check_estimator

import gmm_widget
from gmm_widget.bayes.posterior import Posterior
from gmm_widget.bayes.variational import look
from gmm_widget.bayes.wishart import Precisions
from gmm_widget.core.mixture import Mixture
from gmm_widget.core.points import Points
from gmm_widget.core.structure import structure
from gmm_widget.datasets import old_faithful
from gmm_widget.estimator import BayesianGaussianMixture
from gmm_widget.estimator.parameters import BAYESIAN_RULES
from gmm_widget.estimator.protocol import defaults

X = old_faithful(as_frame=True)
ROWS = X.to_numpy()
KINDS = ("spherical", "diag", "tied", "full")
WEIGHTS = ("dirichlet_process", "dirichlet_distribution")
SAME = {"reg_covar": 0.0, "tol": 1e-11, "max_iter": 20_000, "random_state": 0}


def _both(x, k, kind, weights, **more):
    """Ours and scikit-learn's, from the labels that scikit-learn's own k-means gives."""
    common = {"covariance_type": kind, "weight_concentration_prior_type": weights, **SAME, **more}
    labels = KMeans(k, n_init=1, random_state=0).fit(x).labels_
    shares = np.eye(k)[labels]
    ours = BayesianGaussianMixture(n_components=k, responsibilities_init=shares, **common).fit(x)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = Peer(n_components=k, **common).fit(x)
    return ours, theirs


def _their_bound(model, other):
    """scikit-learn's own bound, which leaves out constants, after a step from another's posterior.

    Its formula holds right after such a step.
    """
    peer = copy.deepcopy(model)
    for name in ("weight_concentration_", "mean_precision_", "degrees_of_freedom_"):
        setattr(peer, name, getattr(other, name))
    peer.means_, peer.precisions_cholesky_ = other.means_, other.precisions_cholesky_
    log_resp = peer._estimate_log_prob_resp(ROWS)[1]
    peer._m_step(ROWS, log_resp)
    return float(np.squeeze(peer._compute_lower_bound(log_resp, 0.0)))


def _as_posterior(model, kind):
    """What a fitted model of scikit-learn believes, in our terms."""
    weights = np.atleast_2d(np.array(model.weight_concentration_))
    k, d = model.means_.shape
    covariances = structure(kind).unpack(model.covariances_, k, d)
    degrees = np.broadcast_to(model.degrees_of_freedom_, k).astype(float)
    counts = model.mean_precision_ - model.mean_precision_prior_
    return Posterior(
        weights, model.mean_precision_, model.means_, Precisions(degrees, covariances), counts
    )


def test_scikit_learns_own_checks():
    results = check_estimator(BayesianGaussianMixture(), on_skip=None, on_fail=None)
    failed = [(r["check_name"], str(r["exception"])) for r in results if r["status"] == "failed"]
    assert not failed
    assert sum(r["status"] == "passed" for r in results) > 40


def test_the_arguments_and_attributes_are_scikit_learns():
    assert set(defaults(Peer)) <= set(defaults(BayesianGaussianMixture))
    model, peer = _both(ROWS, 3, "full", "dirichlet_process")
    learnt = {name for name in vars(peer) if name.endswith("_") and not name.startswith("_")}
    assert not {name for name in learnt if not hasattr(model, name)}
    assert gmm_widget.BayesianGaussianMixture is BayesianGaussianMixture


@pytest.mark.parametrize("weights", WEIGHTS)
@pytest.mark.parametrize("kind", ["tied", "full"])
def test_from_the_same_start_it_comes_to_scikit_learns_posterior(kind, weights):
    ours, theirs = _both(ROWS, 5, kind, weights)
    np.testing.assert_allclose(ours.weights_, theirs.weights_, atol=1e-5)
    np.testing.assert_allclose(ours.means_, theirs.means_, rtol=1e-4)
    assert ours.covariances_.shape == theirs.covariances_.shape
    np.testing.assert_allclose(ours.covariances_, theirs.covariances_, rtol=1e-3)
    np.testing.assert_allclose(ours.degrees_of_freedom_, theirs.degrees_of_freedom_, rtol=1e-4)
    np.testing.assert_allclose(ours.covariance_prior_, theirs.covariance_prior_, rtol=1e-9)
    assert _their_bound(theirs, ours) >= _their_bound(theirs, theirs) - 1e-6
    apart = ours.score_samples(X) - theirs.score_samples(ROWS)
    level = apart[0] if kind == "tied" else 0.0  # of all rows: the expected log determinant
    np.testing.assert_allclose(apart, level, atol=1e-4)
    np.testing.assert_allclose(ours.predict_proba(X), theirs.predict_proba(ROWS), atol=1e-3)


@pytest.mark.parametrize("weights", WEIGHTS)
@pytest.mark.parametrize("kind", KINDS)
def test_the_bound_is_at_least_that_of_scikit_learns_posterior(kind, weights):
    ours, theirs = _both(ROWS, 5, kind, weights)
    prior = prior_like(theirs, kind)
    posterior = _as_posterior(theirs, kind)
    points = Points.of(ROWS)
    _, theirs_elbo = look(points, prior, posterior, structure(kind), regularisation=0.0)
    assert ours.lower_bound_ >= theirs_elbo - 1e-6
    _, again = look(points, prior, ours.posterior_, structure(kind), regularisation=0.0)
    assert ours.lower_bound_ == pytest.approx(again, abs=1e-5)


@pytest.mark.parametrize("weights", WEIGHTS)
@pytest.mark.parametrize("kind", KINDS)
def test_weights_are_scikit_learns_where_rows_are_many(kind, weights):
    truth = Mixture([0.5, 0.3, 0.2], [[0, 0], [8, 0], [0, 8]], [np.eye(2)] * 3)
    x, _ = truth.sample(6000, np.random.default_rng(5))
    ours, theirs = _both(x, 3, kind, weights)
    np.testing.assert_allclose(ours.weights_, theirs.weights_, atol=1e-3)


def test_components_without_need_lose_their_weight():
    truth = Mixture([0.6, 0.4], [[0, 0], [6, 1]], [np.eye(2), np.diag([0.5, 2.0])])
    x, _ = truth.sample(2000, np.random.default_rng(0))
    model = BayesianGaussianMixture(
        n_components=8, weight_concentration_prior=1e-2, random_state=0, n_init=3
    ).fit(x)
    assert model.n_effective_ == 2
    assert np.sort(model.weights_)[-2:] == pytest.approx([0.4, 0.6], abs=0.03)
    assert model.counts_.sum() == pytest.approx(2000, rel=1e-9)
    assert np.diff(model.lower_bounds_).min() >= -1e-9 * abs(model.lower_bound_)


def test_a_row_of_weight_two_is_a_row_given_twice():
    weight = np.where(np.arange(len(ROWS)) % 2 == 0, 2, 1)
    first = np.random.default_rng(0).dirichlet(np.ones(3), len(ROWS))
    once = BayesianGaussianMixture(n_components=3, responsibilities_init=first)
    once.fit(ROWS, sample_weight=weight)
    twice = BayesianGaussianMixture(
        n_components=3, responsibilities_init=np.repeat(first, weight, axis=0)
    ).fit(np.repeat(ROWS, weight, axis=0))
    assert once.lower_bound_ == pytest.approx(twice.lower_bound_, rel=1e-8)
    np.testing.assert_allclose(once.weights_, twice.weights_, atol=1e-4)


def test_units_and_origin_do_not_matter():
    first = np.random.default_rng(0).dirichlet(np.ones(3), len(ROWS))
    models = [
        BayesianGaussianMixture(n_components=3, responsibilities_init=first).fit(x)
        for x in (ROWS, ROWS * [1e-6, 1e5] + [1e3, -1e8])
    ]
    np.testing.assert_allclose(models[0].weights_, models[1].weights_, atol=1e-5)


@pytest.mark.parametrize("algorithm", ["exact", "cells"])
def test_many_rows_are_never_met_by_all_components_at_once(algorithm):
    k, x = 20, np.random.default_rng(0).normal(size=(250_000, 2))
    model = BayesianGaussianMixture(
        n_components=k, max_iter=3, algorithm=algorithm, init_params="k-means++", random_state=0
    )
    tracemalloc.start()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.fit(x)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 8 * len(x) * k


def test_a_warm_start_goes_on_under_another_prior():
    model = BayesianGaussianMixture(
        n_components=6, weight_concentration_prior=100.0, random_state=0, warm_start=True
    ).fit(X)
    before = model.n_effective_
    model.set_params(weight_concentration_prior=1e-3).fit(X)
    assert model.n_effective_ <= before
    assert model.lower_bounds_[0] <= model.lower_bound_ + 1e-9


@pytest.mark.parametrize("kind", KINDS)
def test_rows_on_a_line_have_a_posterior_too(kind):
    x = np.repeat(np.arange(20.0)[:, None], 2, axis=1)
    model = BayesianGaussianMixture(n_components=2, covariance_type=kind, random_state=0).fit(x)
    assert np.isfinite(model.lower_bound_)


WRONG = [
    ("n_components", 0),
    ("covariance_type", "round"),
    ("tol", -1.0),
    ("reg_covar", -1.0),
    ("max_iter", 1.5),
    ("n_init", 0),
    ("init_params", "search"),
    ("weight_concentration_prior_type", "pitman-yor"),
    ("weight_concentration_prior", 0.0),
    ("mean_precision_prior", -1.0),
    ("mean_prior", [0.0]),
    ("degrees_of_freedom_prior", 1.0),
    ("covariance_prior", [[1.0, 2.0], [2.0, 1.0]]),
    ("random_state", "seed"),
    ("warm_start", 1),
    ("verbose", -1),
    ("verbose_interval", 0),
    ("responsibilities_init", 3),
    ("algorithm", "fast"),
]


def test_every_argument_has_a_rule_and_every_rule_a_wrong_value():
    names = {name for name, _ in WRONG}
    assert set(BAYESIAN_RULES) == set(defaults(BayesianGaussianMixture)) == names


@pytest.mark.parametrize(("name", "value"), WRONG)
def test_wrong_arguments_are_named(name, value):
    with pytest.raises(ValueError, match=name):
        BayesianGaussianMixture(**{name: value}).fit(X)


def test_rows_are_assigned_to_the_components_in_the_order_that_was_given_to_them():
    """The same fit in another order; and a mixture of another kind stands for itself."""
    x = np.random.default_rng(0).normal(size=(300, 2)) + np.repeat([[0, 0], [5, 0], [0, 6]], 100, 0)
    model = BayesianGaussianMixture(n_components=3, random_state=0).fit(x)
    before, scores, m = model.predict_proba(x), model.score_samples(x), model.mixture_
    order = [2, 0, 1]
    model.mixture_ = Mixture(m.weights[order], m.means[order], m.covariances[order])
    np.testing.assert_allclose(model.predict_proba(x), before[:, order], rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(model.score_samples(x), scores, rtol=1e-12)
    model.mixture_ = Mixture([1.0], [[0.0, 0.0]], [np.eye(2)])
    np.testing.assert_allclose(model.score_samples(x), model.mixture_.log_density(x))

"""Where `GaussianMixture` starts, with scikit-learn's class as the judge from the same start."""

import warnings

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_iris
from sklearn.exceptions import ConvergenceWarning
from sklearn.mixture import GaussianMixture as Peer

from gmm_widget import GaussianMixture
from gmm_widget.core.structure import STRUCTURES, structure

X = load_iris().data
K = 3
each_type = pytest.mark.parametrize("kind", list(STRUCTURES))


def known_start(kind: str) -> dict[str, np.ndarray]:
    covariance = np.cov(X.T) / 4 * (np.eye(4) if kind in ("diag", "spherical") else 1)
    if kind == "spherical":
        covariance = np.eye(4) * np.trace(covariance) / 4
    precisions = structure(kind).pack(np.repeat(np.linalg.inv(covariance)[None], K, axis=0))
    return {
        "weights_init": np.full(K, 1 / K),
        "means_init": X[[10, 60, 120]],
        "precisions_init": precisions,
    }


def peer(kind: str, **options: object) -> Peer:
    model = Peer(K, covariance_type=kind, reg_covar=0.0, **known_start(kind), **options)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return model.fit(X)


@each_type
def test_converged_from_the_same_start_both_are_the_same(kind):
    theirs = peer(kind, tol=1e-15, max_iter=20_000)
    ours = GaussianMixture(
        K, covariance_type=kind, reg_covar=0.0, tol=1e-15, max_iter=20_000, **known_start(kind)
    ).fit(X)
    assert ours.score(X) == pytest.approx(theirs.score(X), rel=1e-9)
    for name in ("weights_", "means_", "covariances_", "precisions_", "precisions_cholesky_"):
        assert getattr(ours, name).shape == getattr(theirs, name).shape
        np.testing.assert_allclose(
            getattr(ours, name), getattr(theirs, name), rtol=1e-5, atol=1e-6, err_msg=name
        )


@each_type
def test_one_step_from_the_same_start_is_the_same_to_nine_digits(kind):
    theirs = peer(kind, tol=0.0, max_iter=1)
    with pytest.warns(ConvergenceWarning):
        ours = GaussianMixture(
            K, covariance_type=kind, reg_covar=0.0, max_iter=1, **known_start(kind)
        ).fit(X)
    for name in ("weights_", "means_", "covariances_", "precisions_", "precisions_cholesky_"):
        np.testing.assert_allclose(
            getattr(ours, name), getattr(theirs, name), rtol=1e-9, atol=1e-9, err_msg=name
        )
    np.testing.assert_allclose(ours.score_samples(X), theirs.score_samples(X), rtol=1e-9)
    np.testing.assert_allclose(ours.predict_proba(X), theirs.predict_proba(X), atol=1e-9)
    np.testing.assert_array_equal(ours.predict(X), theirs.predict(X))
    assert ours.bic(X) == pytest.approx(theirs.bic(X), rel=1e-9)
    assert ours.aic(X) == pytest.approx(theirs.aic(X), rel=1e-9)
    assert ours.n_iter_ == 1


@each_type
def test_labels_responsibilities_and_parameters_start_alike(kind):
    labels = np.repeat([0, 1, 2], 50)
    shares = np.eye(3)[labels]
    common = {"covariance_type": kind, "max_iter": 0}
    by_labels = GaussianMixture(K, labels_init=labels, **common).fit(X)
    by_shares = GaussianMixture(K, responsibilities_init=shares, **common).fit(X)
    by_parts = GaussianMixture(
        K,
        weights_init=by_labels.weights_,
        means_init=by_labels.means_,
        covariances_init=by_labels.covariances_,
        **common,
    ).fit(X)
    for other in (by_shares, by_parts):
        np.testing.assert_allclose(other.covariances_, by_labels.covariances_, rtol=1e-12)
        np.testing.assert_allclose(other.means_, by_labels.means_, rtol=1e-12)
    for j in range(K):
        np.testing.assert_allclose(by_labels.means_[j], X[labels == j].mean(axis=0))


@pytest.mark.parametrize("init", ["search", "kmeans", "k-means++", "random", "random_from_data"])
def test_every_way_to_start_arrives_and_a_seed_fixes_it(init):
    one, two = (GaussianMixture(2, init_params=init, random_state=5).fit(X) for _ in range(2))
    assert one.converged_
    assert one.mixture_ == two.mixture_


def test_a_warm_start_goes_on_where_the_last_fit_stopped():
    model = GaussianMixture(3, warm_start=True, max_iter=2, random_state=0)
    with pytest.warns(ConvergenceWarning):
        before = model.fit(X).lower_bound_
    model.set_params(max_iter=10_000).fit(X)
    assert model.log_likelihood_trace_[0] == pytest.approx(before * len(X), rel=1e-12)
    steps, end = model.n_iter_, model.lower_bound_
    assert model.fit(X).n_iter_ <= steps
    assert model.lower_bound_ == pytest.approx(end, abs=1e-7)


def test_the_bounds_are_those_of_the_parameters_after_each_step():
    model = GaussianMixture(3, random_state=0, n_init=3).fit(X)
    assert model.lower_bound_ == pytest.approx(model.score(X), rel=1e-12)
    assert len(model.lower_bounds_) == model.n_iter_ == len(model.log_likelihood_trace_) - 1
    assert model.lower_bounds_[-1] == model.lower_bound_


@each_type
def test_a_search_by_weights_is_the_search_by_copies(kind):
    weight = np.random.default_rng(0).integers(0, 4, len(X))
    settings = {"covariance_type": kind, "n_init": 3, "random_state": 1}
    once = GaussianMixture(3, **settings).fit(X, sample_weight=weight)
    twice = GaussianMixture(3, **settings).fit(np.repeat(X, weight, axis=0))
    np.testing.assert_allclose(once.means_, twice.means_, rtol=1e-6)
    assert once.bic(X, weight) == pytest.approx(twice.bic(np.repeat(X, weight, axis=0)))
    assert once.icl(X, weight) == pytest.approx(twice.icl(np.repeat(X, weight, axis=0)))


@each_type
@pytest.mark.parametrize("algorithm", ["auto", "exact", "cells"])
def test_by_cells_or_exactly_it_is_the_same_fit(kind, algorithm):
    settings = {"covariance_type": kind, "n_init": 2, "random_state": 0}
    found = GaussianMixture(2, algorithm=algorithm, **settings).fit(X[:, 2:])
    exact = GaussianMixture(2, algorithm="exact", **settings).fit(X[:, 2:])
    assert found.lower_bound_ == pytest.approx(exact.lower_bound_, abs=1e-6)


def test_data_frames_keep_their_names_and_samples_come_sorted():
    frame = pd.DataFrame(X, columns=list("abcd"))
    model = GaussianMixture(2, random_state=0).fit(frame)
    assert model.feature_names_in_.tolist() == list("abcd")
    with pytest.raises(ValueError, match="same order"):
        model.predict(frame[list("bacd")])
    x, labels = model.sample(50)
    assert x.shape == (50, 4)
    assert (np.diff(labels) >= 0).all()
    assert model.set_params(n_components=3).fit(X).n_features_in_ == 4
    assert not hasattr(model, "feature_names_in_")


def test_parameters_of_the_structure_are_counted():
    model = GaussianMixture(2, covariance_type="diag", random_state=0).fit(X)
    free = structure("diag").n_parameters(2, 4)
    assert model.aic(X) == pytest.approx(-2 * model.score(X) * len(X) + 2 * free)

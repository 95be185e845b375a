"""A covariance structure is one class and one row: a new one works wherever the others do."""

from __future__ import annotations

import json
import pickle

import numpy as np
import pytest
import sklearn.mixture
from scipy.special import logsumexp
from scipy.stats import multivariate_normal
from structure_help import OneVolume, TiedDiag

from gmm_widget import BayesianGaussianMixture, GaussianMixture, GMMWidget, select
from gmm_widget.core.structure import STRUCTURES
from gmm_widget.magic.completing import complete
from gmm_widget.session.serialise import read

K, D = 3, 2
RNG = np.random.default_rng(0)
SD = np.array([1.0, 20.0])
X = RNG.standard_normal((400, D)) * SD + SD * np.repeat(
    [[0, 0], [6, 0], [0, 7]], [100, 150, 150], 0
)


@pytest.fixture(autouse=True)
def added(monkeypatch):
    for kind in (TiedDiag(), OneVolume()):
        monkeypatch.setitem(STRUCTURES, kind.name, kind)


def reference() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Weights, means and the one vector of variances at the optimum, by EM written out."""
    means = np.array([[0.0, 0.0], [6.0, 0.0], [0.0, 140.0]])
    weights, variances = np.full(K, 1 / K), SD**2
    for _ in range(500):
        logs = [
            np.log(w) + multivariate_normal(m, np.diag(variances)).logpdf(X)
            for w, m in zip(weights, means, strict=True)
        ]
        r = np.exp(logs - logsumexp(logs, axis=0))
        weights, means = r.mean(axis=1), r @ X / r.sum(axis=1)[:, None]
        squares = (X - means[:, None]) ** 2
        variances = np.einsum("kn,knd->d", r, squares) / len(X)
    return weights, means, variances


@pytest.fixture(scope="module")
def answer() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return reference()


def fitted(**settings) -> GaussianMixture:
    return GaussianMixture(
        K, covariance_type="tied_diag", reg_covar=0.0, random_state=0, **settings
    ).fit(X)


def test_the_estimator_finds_the_optimum_and_packs_it(answer):
    model = fitted(tol=1e-12, max_iter=1000)
    weights, means, variances = answer
    order = np.lexsort(model.means_.T[::-1])
    expected = np.lexsort(means.T[::-1])
    np.testing.assert_allclose(model.weights_[order], weights[expected], rtol=1e-6)
    np.testing.assert_allclose(model.means_[order], means[expected], rtol=1e-5, atol=1e-5)
    assert model.covariances_.shape == (D,)
    np.testing.assert_allclose(model.covariances_, variances, rtol=1e-6)
    np.testing.assert_allclose(model.precisions_, 1 / variances, rtol=1e-6)
    np.testing.assert_allclose(model.precisions_cholesky_, 1 / np.sqrt(variances), rtol=1e-6)
    parameters = K - 1 + K * D + D
    assert model.bic(X) == pytest.approx(-2 * 400 * model.score(X) + parameters * np.log(400))
    assert pickle.loads(pickle.dumps(model)).mixture_ == model.mixture_


def test_the_estimator_starts_from_packed_parameters(answer):
    weights, means, variances = answer
    given = {"weights_init": weights, "means_init": means}
    for name, packed in (("precisions_init", 1 / variances), ("covariances_init", variances)):
        model = fitted(**given, **{name: packed}, max_iter=0)
        np.testing.assert_allclose(model.covariances_, variances, rtol=1e-9)
    with pytest.raises(ValueError, match=r"'precisions_init' should have the shape of \(2,\)"):
        fitted(**given, precisions_init=np.eye(D))


def test_a_wrong_name_is_answered_with_the_new_one_too():
    with pytest.raises(ValueError, match="'tied_diag', 'one volume'"):
        GaussianMixture(K, covariance_type="tide").fit(X)


def test_the_bayesian_estimator_takes_it_if_it_has_a_conjugate_prior():
    settings = {"n_components": K, "random_state": 0, "max_iter": 1000}
    model = BayesianGaussianMixture(covariance_type="tied_diag", **settings).fit(X)
    assert model.converged_
    assert model.covariances_.shape == model.covariance_prior_.shape == (D,)
    np.testing.assert_allclose(model.covariances_, SD**2, rtol=0.3)
    with pytest.raises(ValueError, match=r"'covariance_type' parameter .* 'tied_diag'"):
        BayesianGaussianMixture(covariance_type="one volume", **settings).fit(X)


def test_select_compares_it_with_the_others_by_default():
    found = select(X, [1, 2, 3, 4], random_state=0)
    assert found.structures == ("spherical", "diag", "tied", "full", "tied_diag", "one volume")
    best = found.best()
    assert best.key == ("tied_diag", K)  # the planted one
    assert best.n_parameters == K - 1 + K * D + D
    # A constraint can only lower the best likelihood.
    nested = {"tied_diag": ["diag", "tied", "full", "one volume"], "one volume": ["diag", "full"]}
    for name, wider in nested.items():
        for k in (1, 2, 3, 4):
            for other in wider:
                low, high = (found.cell(k, kind).log_likelihood for kind in (name, other))
                assert low <= high + 1e-4 or found.cell(k, other).status != "fitted"


def test_the_widget_fits_edits_and_stores_it(answer):
    w = GMMWidget(X, K, covariance_type="tied_diag", random_state=0)
    assert w.mixture.covariances[0, 0, 1] == 0
    w.run()
    assert w.converged
    np.testing.assert_allclose(np.diag(w.mixture.covariances[1]), answer[2], rtol=1e-3)
    w.place("B", covariance=[[4.0, 1.0], [1.0, 9.0]])
    assert (w.mixture.covariances == np.diag([4.0, 9.0])).all()
    again = read(json.loads(json.dumps(w.to_json())))
    assert again.state.structure.name == "tied_diag"
    w.covariance_type = "one volume"
    w.run()
    volumes = np.linalg.det(w.mixture.covariances)
    np.testing.assert_allclose(volumes, volumes[0], rtol=1e-9)
    w.select(range(2, 4), ["tied_diag", "full"])
    w.adopt_cell(K, "tied_diag")
    assert w.covariance_type == "tied_diag"
    assert w.estimator().covariances_.shape == (D,)
    assert "covariance_type = 'tied_diag'" in w.code()


def test_the_magic_completes_it():
    assert "tied_diag" in complete("%gmm x --cov t", "t", {})


@pytest.mark.parametrize("name", ["full", "tied", "diag", "spherical"])
def test_covariances_are_packed_as_scikit_learn_packs_them(name):
    theirs = sklearn.mixture.GaussianMixture(K, covariance_type=name, random_state=0).fit(X)
    kind = STRUCTURES[name]
    matrices = kind.unpack(theirs.covariances_, K, D)
    assert matrices.shape == (K, D, D)
    assert theirs.covariances_.shape == kind.packed_shape(K, D)
    np.testing.assert_array_equal(kind.pack(matrices), theirs.covariances_)
    rows = zip(theirs.weights_, theirs.means_, matrices, strict=True)
    logs = [np.log(w) + multivariate_normal(m, c).logpdf(X) for w, m, c in rows]
    np.testing.assert_allclose(logsumexp(logs, axis=0), theirs.score_samples(X), rtol=1e-9)

"""GaussianMixture in scikit-learn's place: its checks, its numbers, and no import of it."""

import pickle
import subprocess
import sys
import warnings

import numpy as np
import pytest
from sklearn import mixture as peer
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import check_estimator

from gmm_widget.core.structure import STRUCTURES
from gmm_widget.datasets import old_faithful
from gmm_widget.estimator import GaussianMixture

X = old_faithful(as_frame=True)


def test_scikit_learns_own_checks():
    results = check_estimator(GaussianMixture(), on_skip=None, on_fail=None)
    failed = [(r["check_name"], str(r["exception"])) for r in results if r["status"] == "failed"]
    assert not failed
    assert sum(r["status"] == "passed" for r in results) > 40


def test_scikit_learn_is_not_imported():
    code = "import sys, gmm_widget.estimator; sys.exit('sklearn' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("kind", list(STRUCTURES))
def test_from_the_same_start_it_comes_to_scikit_learns_numbers(kind):
    start = {"means_init": [[2.0, 55.0], [4.3, 80.0]], "weights_init": [0.4, 0.6]}
    common = {"covariance_type": kind, "tol": 1e-12, "max_iter": 5000, "reg_covar": 0.0}
    ours = GaussianMixture(2, random_state=0, **common, **start).fit(X)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        theirs = peer.GaussianMixture(2, random_state=0, **common, **start).fit(X.to_numpy())
    assert ours.covariances_.shape == theirs.covariances_.shape
    order = np.argsort(ours.means_[:, 0])
    other = np.argsort(theirs.means_[:, 0])
    np.testing.assert_allclose(ours.means_[order], theirs.means_[other], rtol=1e-4)
    assert ours.score(X) == pytest.approx(theirs.score(X.to_numpy()), abs=1e-7)
    assert ours.score(X) >= theirs.score(X.to_numpy()) - 1e-9
    rows = X.to_numpy()[:20]
    model = peer.GaussianMixture(2, covariance_type=kind)
    for name in ("weights_", "means_", "covariances_", "precisions_cholesky_"):
        setattr(model, name, getattr(ours, name))
    np.testing.assert_allclose(
        ours.score_samples(X.iloc[:20]), model.score_samples(rows), rtol=1e-9
    )
    np.testing.assert_allclose(
        ours.predict_proba(X.iloc[:20]), model.predict_proba(rows), atol=1e-9
    )
    assert ours.bic(X) == pytest.approx(model.bic(X.to_numpy()), rel=1e-9)
    assert ours.aic(X) == pytest.approx(model.aic(X.to_numpy()), rel=1e-9)


def test_pipelines_cross_validation_clones_and_pickles():
    model = GaussianMixture(2, random_state=3)
    assert np.isfinite(cross_val_score(make_pipeline(StandardScaler(), clone(model)), X)).all()
    model.fit(X)
    again = pickle.loads(pickle.dumps(model))
    assert (again.predict(X) == model.predict(X)).all()


def test_a_row_of_weight_two_is_a_row_given_twice():
    rows = X.to_numpy()
    weight = np.where(np.arange(len(rows)) % 2 == 0, 2.0, 1.0)
    start = {"means_init": [[2.0, 55.0], [4.3, 80.0]], "weights_init": [0.4, 0.6]}
    start["covariances_init"] = [np.diag([0.1, 36.0]), np.diag([0.2, 36.0])]
    once = GaussianMixture(2, **start).fit(rows, sample_weight=weight)
    twice = GaussianMixture(2, **start).fit(np.repeat(rows, weight.astype(int), axis=0))
    np.testing.assert_allclose(once.means_, twice.means_, rtol=1e-5)
    np.testing.assert_allclose(once.weights_, twice.weights_, rtol=1e-5)


def test_the_trace_ends_with_the_log_likelihood_of_the_parameters_given():
    model = GaussianMixture(3, covariance_type="tied", n_init=10, random_state=0).fit(X)
    assert model.converged_
    total = model.score_samples(X).sum()
    assert total == pytest.approx(-1126.31593, abs=1e-4)
    assert model.log_likelihood_trace_[-1] == pytest.approx(total, rel=1e-9)

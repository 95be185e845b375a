"""Every argument of `GaussianMixture` that can be wrong is named when it is."""

import numpy as np
import pytest
from sklearn.exceptions import NotFittedError

from gmm_widget import GaussianMixture
from gmm_widget.estimator.parameters import RULES
from gmm_widget.estimator.protocol import defaults

X = np.random.default_rng(0).normal(size=(30, 2))

WRONG = [
    ("n_components", 0),
    ("n_components", 2.0),
    ("n_components", True),
    ("covariance_type", "round"),
    ("tol", -1e-3),
    ("tol", "small"),
    ("reg_covar", -1.0),
    ("reg_covar", np.nan),
    ("max_iter", -1),
    ("n_init", 0),
    ("init_params", "magic"),
    ("weights_init", 0.5),
    ("means_init", "origin"),
    ("precisions_init", 1.0),
    ("random_state", -1),
    ("random_state", "seed"),
    ("warm_start", 1),
    ("verbose", -1),
    ("verbose_interval", 0),
    ("algorithm", "fast"),
    ("covariances_init", 1.0),
    ("labels_init", 3),
    ("responsibilities_init", "all"),
    ("allow_spurious", "yes"),
    ("resolution", "fine"),
]


def test_every_argument_has_a_rule_and_every_rule_a_wrong_value():
    assert set(RULES) == set(defaults(GaussianMixture)) == {name for name, _ in WRONG}


@pytest.mark.parametrize(("name", "value"), WRONG)
def test_a_wrong_argument_is_named_by_fit_and_not_before(name, value):
    model = GaussianMixture(**{name: value})
    with pytest.raises(ValueError, match=f"The '{name}' parameter of GaussianMixture must be"):
        model.fit(X)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"weights_init": [0.5, 0.4]}, "normalized"),
        ({"weights_init": [1.5, -0.5]}, r"range \[0, 1\]"),
        ({"weights_init": [1.0, 0.0]}, "0 for component 1"),
        ({"weights_init": [1.0]}, r"'weights_init' should have the shape of \(2,\)"),
        ({"means_init": [[0.0, 1.0]]}, r"'means_init' should have the shape of \(2, 2\)"),
        ({"means_init": [[0.0, np.nan], [1.0, 1.0]]}, "finite"),
        ({"means_init": [["a", "b"], ["c", "d"]]}, "array of numbers"),
        ({"covariances_init": [np.eye(2), -np.eye(2)]}, "component 1"),
        ({"precisions_init": [np.eye(2), [[1, 2], [0, 1]]]}, "symmetric and positive-definite"),
        ({"precisions_init": [np.eye(2)] * 2, "covariances_init": [np.eye(2)] * 2}, "not both"),
        ({"labels_init": [0] * 30}, "1 groups, but n_components is 2"),
        ({"labels_init": [0, 1]}, "30 integers"),
        ({"responsibilities_init": np.ones((30, 2))}, "sum to 1"),
        ({"responsibilities_init": np.ones((30, 3))}, "should have the shape"),
        ({"labels_init": [0, 1] * 15, "means_init": X[:2]}, "exclude each other"),
    ],
)
def test_a_wrong_start_is_named(options, message):
    with pytest.raises(ValueError, match=message):
        GaussianMixture(2, **options).fit(X)


def test_cells_of_too_many_columns_are_refused():
    with pytest.raises(ValueError, match="cells serve up to 3 columns"):
        GaussianMixture(2, algorithm="cells").fit(np.random.default_rng(0).normal(size=(50, 4)))


@pytest.mark.parametrize(
    "use", ["predict", "predict_proba", "score", "score_samples", "bic", "aic", "icl"]
)
def test_before_fit_every_method_says_so(use):
    with pytest.raises(NotFittedError, match="not fitted yet"):
        getattr(GaussianMixture(), use)(X)


def test_bad_rows_are_named():
    bad = X.copy()
    bad[7, 1] = np.nan
    with pytest.raises(ValueError, match=r"NaN[^$]*row 7 column 1"):
        GaussianMixture(2).fit(bad)
    fitted = GaussianMixture(2, random_state=0).fit(X)
    with pytest.raises(ValueError, match="expecting 2 features"):
        fitted.predict(X[:, :1])
    with pytest.raises(ValueError, match="n_samples >= n_components"):
        GaussianMixture(40).fit(X)
    with pytest.raises(ValueError, match="at least one sample"):
        fitted.sample(0)
    with pytest.raises(ValueError, match="Invalid parameter 'colour'"):
        fitted.set_params(colour="red")

"""What users import: `__all__` is the list, and each name is what its module defines."""

import re
import subprocess
import sys
from functools import partial

import numpy as np
import pytest
from anywidget import AnyWidget

import gmm_widget


@pytest.mark.parametrize("name", gmm_widget.__all__)
def test_each_name_is_there_and_documented(name):
    value = getattr(gmm_widget, name)
    assert name in dir(gmm_widget)
    assert name == "__version__" or value.__doc__


def test_an_unknown_name_is_answered_with_those_that_there_are():
    with pytest.raises(AttributeError, match=r"labeled.*labelled"):
        gmm_widget.labeled  # noqa: B018


def test_every_public_trait_of_the_widget_is_documented():
    """What travels to the browser only is private."""
    own = set(gmm_widget.GMMWidget.class_traits()) - set(AnyWidget.class_traits())
    public = {name for name in own if not name.startswith("_")}
    told = set(re.findall(r"`(\w+)`|^ +(\w+) :", gmm_widget.GMMWidget.__doc__, re.MULTILINE))
    assert public <= {name for pair in told for name in pair}


def test_importing_the_package_imports_neither_jupyter_nor_scipy():
    heavy = "{'ipywidgets', 'scipy', 'matplotlib'}"
    code = f"import sys, gmm_widget; print(sorted({heavy} & {{*sys.modules}}))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_functions_on_a_fit_work_from_the_top_of_the_package():
    x = np.random.default_rng(0).normal(size=(300, 2))
    mixture = gmm_widget.GaussianMixture(2, random_state=0).fit(x).mixture_
    rare = gmm_widget.outliers(mixture, x, 0.05)
    np.testing.assert_array_equal(
        rare, mixture.log_density(x) < gmm_widget.density_level(mixture, 0.05)
    )
    axes, density = gmm_widget.density_grid(mixture, shape=40)
    cell = (axes[0][1] - axes[0][0]) * (axes[1][1] - axes[1][0])
    assert density.sum() * cell == pytest.approx(1, abs=0.02)
    assert list(gmm_widget.labelled(mixture, x).columns[-4:]) == [
        "component",
        "confidence",
        "log_density",
        "outlier",
    ]
    hard = gmm_widget.tempered(mixture, 0.0).responsibilities(x)
    assert set(np.unique(hard)) == {0.0, 1.0}


def test_kmeans_ends_where_no_row_would_change_its_centre():
    x = np.random.default_rng(1).normal(size=(200, 2))
    found = gmm_widget.kmeans(x, x[:3])
    nearest = ((x[:, None] - found.centres) ** 2).sum(axis=2).argmin(axis=1)
    means = np.stack([x[nearest == k].mean(axis=0) for k in range(3)])
    np.testing.assert_allclose(found.centres, means, atol=1e-9)


def test_old_names_of_arguments_work_and_say_what_they_are_called_now():
    mixture = gmm_widget.Mixture([1.0], [[0.0]], [[[1.0]]])
    with pytest.warns(DeprecationWarning, match=r"'rng' of sample\(\) is called 'random_state'"):
        x, _ = mixture.sample(5, rng=np.random.default_rng(3))
    np.testing.assert_array_equal(x, mixture.sample(5, random_state=3)[0])
    with pytest.warns(DeprecationWarning, match=r"'max_steps' of kmeans\(\)"):
        assert gmm_widget.kmeans(x, x[:1], max_steps=1).n_iter == 1
    with pytest.raises(TypeError, match="both 'random_state' and its old name 'rng'"):
        gmm_widget.outliers(mixture, x, rng=0, random_state=0)


def test_a_cell_of_a_selection_has_the_names_of_the_arguments_and_the_old_ones():
    x = np.random.default_rng(0).normal(size=(60, 2))
    found = gmm_widget.select(x, [1], "diag", n_init=1, random_state=0)
    (cell,) = found.cells
    assert (cell.n_components, cell.covariance_type) == (1, "diag")
    with pytest.warns(DeprecationWarning, match=r"Cell\.k is called n_components now"):
        assert cell.k == 1
    with pytest.warns(DeprecationWarning, match=r"Cell\.structure is called covariance_type now"):
        assert cell.structure == "diag"
    with pytest.warns(DeprecationWarning, match=r"'k' of cell\(\) is called 'n_components'"):
        assert found.cell(k=1, covariance_type="diag") is cell


@pytest.mark.parametrize(
    "fit", [gmm_widget.GaussianMixture(1).fit, partial(gmm_widget.select, n_components=1)]
)
def test_a_warning_about_the_data_points_at_the_call(fit):
    with pytest.warns(UserWarning, match="2 distinct values") as caught:
        fit([[0, 0], [0, 1], [1, 0], [1, 1]] * 10)
    assert {each.filename for each in caught} == {__file__}


@pytest.mark.parametrize("sklearn", ["import sklearn.exceptions as theirs", "theirs = None"])
def test_errors_have_one_home_whether_scikit_learn_is_there_or_not(sklearn):
    code = f"""
import pickle, warnings
{sklearn}
from gmm_widget import ConvergenceWarning, GaussianMixture, NotFittedError
try:
    GaussianMixture().predict([[0.0]])
except NotFittedError as error:
    again = pickle.loads(pickle.dumps(error))
    assert str(again) == str(error) and isinstance(again, NotFittedError)
    assert theirs is None or isinstance(again, theirs.NotFittedError)
with warnings.catch_warnings(record=True) as caught:
    GaussianMixture(2, max_iter=1, init_params="random", random_state=0).fit([[0.0], [1.0], [5.0]])
(kind,) = [w.category for w in caught if issubclass(w.category, ConvergenceWarning)]
assert theirs is None or issubclass(kind, theirs.ConvergenceWarning)
"""
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_widget_takes_the_words_of_the_estimators_and_the_old_ones():
    x = np.random.default_rng(0).normal(size=(60, 2))
    w, other = (gmm_widget.GMMWidget(x, 2, random_state=0) for _ in range(2))
    w.restart(n_init=2, random_state=5)
    with pytest.warns(DeprecationWarning, match=r"'seed' of restart\(\) is called 'random_state'"):
        other.restart(2, seed=5)
    found, again = (each.restarts.outcomes for each in (w, other))
    assert [one.log_likelihood for one in found] == [one.log_likelihood for one in again]
    w.select([1, 2], covariance_type="diag", n_init=1, random_state=3)
    same = gmm_widget.select(x, [1, 2], "diag", n_init=1, random_state=3)
    assert [c.log_likelihood for c in w.selection.cells] == pytest.approx(
        [c.log_likelihood for c in same.cells]
    )

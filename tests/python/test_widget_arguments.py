"""What the widget's methods take: columns by name, components by letter, and errors that say so."""

import inspect

import numpy as np
import pandas as pd
import pytest
import traitlets

from gmm_widget import BayesianGaussianMixture, GaussianMixture, GMMWidget, Mixture, select
from gmm_widget.core.defaults import REGULARISATION, TOLERANCE

NAMES = ["length", "depth", "mass"]


def widget() -> GMMWidget:
    rows = np.random.default_rng(0).normal(size=(200, 3))
    return GMMWidget(pd.DataFrame(rows, columns=NAMES), 2, random_state=0)


def test_columns_are_named_as_dims_names_them():
    w = widget()
    w.dims = ("mass", "length")
    w.place("A", mean=[1.0, 2.0], dims=w.dims)
    assert w.mixture.means[0, [2, 0]].tolist() == [1.0, 2.0]
    w.add([3.0, 4.0], dims=("depth", 2))
    assert w.mixture.means[2, 1:].tolist() == [3.0, 4.0]
    corners = [[-3, -3], [0, -3], [0, 3], [-3, 3]]
    w.carve(corners, dims=w.dims)
    inside = w.data[(w.data[:, 2] < 0) & (np.abs(w.data[:, [0, 2]]) < 3).all(axis=1)]
    np.testing.assert_allclose(w.mixture.means[3], inside.mean(axis=0), rtol=1e-12)


@pytest.mark.parametrize(
    ("act", "complaint"),
    [
        (lambda w: w.add([1, 2]), r"\['length', 'depth', 'mass'\], got \[1, 2\]"),
        (lambda w: w.add([1, 2, np.nan]), "3 finite numbers"),
        (lambda w: w.add([1, 2], dims=["mass"]), r"\['mass'\], got \[1, 2\]"),
        (lambda w: w.add([1, 2], dims=["mass", "girth"]), "no column 'girth'"),
        (lambda w: w.place("A"), "needs a mean, a covariance or a weight"),
        (lambda w: w.place("A", mean=[0, 0]), "'length', 'depth', 'mass'"),
        (lambda w: w.place("B", weight=2), "component B: weight"),
        (lambda w: w.place("B", weight="x"), "component B: weight"),
        (lambda w: w.place("B", covariance=np.eye(2)), "component B: covariance"),
        (lambda w: w.place("Z", weight=0.5), "'Z'; there are A, B"),
        (lambda w: w.lock("A", on="no"), "True .* False .*, got 'no'"),
        (lambda w: w.lock("A", on=1), "got 1"),
        (lambda w: w.step(-3), "1 or more, got -3"),
        (lambda w: w.step(0), "1 or more, got 0"),
        (lambda w: w.step(1.5), "1 or more, got 1.5"),
        (lambda w: w.step(True), "1 or more, got True"),
        (lambda w: w.delete(1.0), "letter or a position, got 1.0"),
        (lambda w: w.split(None), "letter or a position, got None"),
        (lambda w: setattr(w, "dims", 3), "2 different columns"),
        (lambda w: setattr(w, "dims", "mass"), "2 different columns"),
        (lambda w: setattr(w, "softness", "x"), "softness must be a number, got 'x'"),
        (lambda w: setattr(w, "tolerance", -1), "tolerance must be 0 or more"),
        (lambda w: setattr(w, "regularisation", None), "regularisation must be a number"),
        (lambda w: setattr(w, "n_components", 0), "1 to 200, got 0"),
    ],
)
def test_a_wrong_argument_is_named_and_nothing_changes(act, complaint):
    w = widget()
    before, entries = w.mixture, len(w.history)
    with pytest.raises(ValueError, match=complaint):
        act(w)
    assert w.mixture == before
    assert len(w.history) == entries


@pytest.mark.parametrize(
    ("name", "value", "complaint"),
    [
        ("mixture", Mixture([1.0], [[0.0, 0.0]], [np.eye(2)]), "2 columns"),
        ("mixture", 3, "Mixture"),
        ("covariance_type", "x", "unknown covariance structure 'x'"),
        ("covariance_type", 3, "unicode string|str"),
        ("speed", 99, "0.1 to 30"),
    ],
)
def test_a_wrong_value_of_any_trait_is_one_kind_of_error(name, value, complaint):
    w = widget()
    before = getattr(w, name)
    with pytest.raises(traitlets.TraitError, match=complaint):
        setattr(w, name, value)
    assert getattr(w, name) == before


def test_what_the_constructor_takes_can_be_read_back_and_set():
    w = widget()
    assert w.columns == tuple(NAMES)
    assert (w.n_components, w.regularisation, w.tolerance) == (2, REGULARISATION, TOLERANCE)
    w.n_components = 4
    assert w.mixture.n_components == w.n_components == 4
    w.tolerance = 1e-3
    assert w.tolerance == 1e-3
    assert w.to_json()["tolerance"] == 1e-3


def test_what_it_prints_says_what_it_is_and_how_far_it_has_come():
    w = widget()
    assert "200 rows of length, depth, mass; 2 components, full" in repr(w)
    assert f"{w.log_likelihood:,.3f}" in repr(w)
    assert "not converged" in repr(w)
    w.step(500)
    assert ", converged" in repr(w)


def test_place_names_its_arguments():
    """So that completion and type checkers know them."""
    names = inspect.signature(GMMWidget.place).parameters
    assert list(names) == ["self", "component", "mean", "covariance", "weight", "dims"]


TABLE = pd.DataFrame({"length": np.linspace(0, 1, 40), "width": np.ones(40)})


@pytest.mark.parametrize(
    "fit",
    [
        lambda table: GMMWidget(table),
        lambda table: GaussianMixture(2).fit(table),
        lambda table: BayesianGaussianMixture().fit(table),
        lambda table: select(table, 1),
    ],
)
def test_a_range_that_is_too_wide_names_the_column(fit):
    with pytest.raises(ValueError, match=r"^column 'width' has a range of 2e\+300"):
        fit(TABLE.assign(width=np.linspace(-1e300, 1e300, 40)))


@pytest.mark.filterwarnings("ignore:Column 'width' has one value")
def test_a_collapse_names_the_column():
    with pytest.raises(ValueError, match="all equal in column 'width'"):
        GMMWidget(TABLE, random_state=0, regularisation=0).run()
    with pytest.raises(ValueError, match="all equal in column 'width'"):
        GaussianMixture(2, reg_covar=0).fit(TABLE)


def test_a_covariance_that_is_none_is_refused_by_the_letter_alone():
    w = GMMWidget(np.random.default_rng(0).normal(size=(60, 3)), 2, random_state=0)
    for wrong in ([[1, 0], [0, -1]], [[1, 0.5], [0, 1]], [[1, 2], [2, 1]], [[0, 0], [0, 1]]):
        with pytest.raises(ValueError, match=r"^component B: covariance must be symm.*, got \[\["):
            w.place("B", covariance=wrong, dims=["x0", "x2"])

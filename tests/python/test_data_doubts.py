"""Columns that are hardly measurements and rows far out are named, with what to do; and kept."""

from __future__ import annotations

import re
import warnings
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score

from gmm_widget import BayesianGaussianMixture, GaussianMixture, GMMWidget, select
from gmm_widget.data.doubts import doubts
from gmm_widget.datasets import old_faithful, penguins

RNG = np.random.default_rng(0)
X = RNG.normal(size=(300, 3))


def warned(use: Any) -> list[str]:
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        use()
    return [str(w.message) for w in seen]


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        (X, ""),
        (np.c_[X[:, :2], np.full(300, 4.0)], "Column 'c': constant; leave out"),
        (np.c_[X[:, :2], RNG.integers(0, 3, 300)], "Column 'c' has 3 distinct values: leave it"),
        (np.c_[X[:, :2], X[:, 0] + 2 * X[:, 1]], "Columns 'a', 'b', 'c': one follows from"),
        (np.c_[X[:, :2], X[:, 1] * 1.8 + 32], "Columns 'b', 'c': one follows from the others"),
        (np.r_[X, [[0, -999999, 0]]], "Row 300 of column 'b' is -999999, far from all others:"),
        (np.r_[X, [[0, 0, 1e8], [0, 0, 1e8]]], r"Row 300 .* 1e\+08, far .*, as are 1 others"),
        (np.exp(3 * X), ""),
        (np.where(X > 1.5, X, 0.0), ""),
        (np.rint(X), ""),
    ],
)
def test_what_is_odd_is_named(rows, says):
    found = doubts(rows, ("a", "b", "c"))
    assert re.match(says, found)
    assert bool(found) == bool(says)


def test_rows_of_no_weight_are_not_looked_at():
    rows = np.r_[X, [[0, -999999, 0]]]
    assert doubts(rows, ("a", "b", "c"), np.r_[np.ones(300), 0.0]) == ""


def test_estimators_and_select_warn_and_the_widget_has_a_notice():
    birds = penguins()
    for use in (
        lambda: GaussianMixture(3, random_state=0).fit(birds),
        lambda: BayesianGaussianMixture(n_components=3, random_state=0).fit(birds),
        lambda: select(birds, 3, "tied", n_init=1, random_state=0),
    ):
        said = warned(use)
        assert any("'year' has 3 distinct values" in text for text in said)
        assert any("'species' (text)" in text for text in said)
    notice = str(GMMWidget(birds, 3)._connection.notice)
    assert "'year' has 3 distinct values" in notice
    assert "'species' (text)" in notice
    w = GMMWidget(old_faithful())
    assert w._fit["notice"] is None
    rows = w.data.copy()
    rows[7, 1] = -999999
    w.data = rows
    assert "Row 7 of column 'waiting' is -999999" in str(w._connection.notice)


@pytest.mark.parametrize("sentinel", [-999999.0, 1e8])
@pytest.mark.parametrize("d", [1, 2])
def test_one_row_far_out_does_not_ruin_the_fit(sentinel, d):
    """It takes a component, and the groups are found by the others."""
    rng = np.random.default_rng(0)
    x = np.r_[rng.normal(0, 1, (200, d)), rng.normal(8, 1, (150, d)), np.full((1, d), sentinel)]
    groups = np.repeat([0, 1], [200, 150])
    models: list[GaussianMixture] = []
    said = warned(lambda: models.append(GaussianMixture(3, random_state=0).fit(x)))
    assert any("Row 350 of column 'x0'" in text for text in said)
    assert adjusted_rand_score(groups, models[0].predict(x[:-1])) > 0.8


def test_a_far_row_is_named_by_its_place_among_all_rows_and_not_if_it_has_no_weight():
    x = np.random.default_rng(0).standard_normal((200, 1))
    x[[40, 150]] = -999999.0
    weight = np.ones(200)
    weight[:41] = 0.0
    said = doubts(x, ["height"], weight)
    assert "Row 150 of column 'height' is -999999" in said
    assert "others" not in said.replace("from all others", "")

"""Labels beside the rows: what they say, that they stay with their rows, and what is refused."""

import numpy as np
import pandas as pd
import polars as pl
import pytest

from gmm_widget.analysis.labels import ADDED, labelled
from gmm_widget.analysis.outliers import outliers
from gmm_widget.core.mixture import Mixture

MIXTURE = Mixture([0.6, 0.4], [[0.0, 0.0], [5.0, 1.0]], [np.eye(2), np.diag([0.5, 2.0])])
X, TRUE = MIXTURE.sample(70_000, np.random.default_rng(0))


def test_they_are_the_mixtures_own():
    found = labelled(MIXTURE, X)
    r = MIXTURE.responsibilities(X)
    assert list(found.columns) == ["x0", "x1", *ADDED]
    np.testing.assert_array_equal(found.component, r.argmax(axis=1))
    np.testing.assert_allclose(found.confidence, r.max(axis=1), rtol=1e-9)
    np.testing.assert_allclose(found.log_density, MIXTURE.log_density(X), rtol=1e-9)
    np.testing.assert_array_equal(found.outlier, outliers(MIXTURE, X))
    assert found.outlier.mean() == pytest.approx(0.01, abs=0.003)
    assert (found.component == TRUE).mean() > 0.95


def test_rows_keep_their_index_and_other_columns_and_the_frame_is_not_changed():
    frame = pd.DataFrame({"site": "a", "v": X[:9, 1], "u": X[:9, 0]}, index=list("ihgfedcba"))
    found = labelled(MIXTURE, frame, ["u", "v"], names=["A", "B"], prefix="gmm_")
    assert list(found.index) == list("ihgfedcba")
    assert list(found.columns) == ["site", "v", "u", *("gmm_" + name for name in ADDED)]
    assert list(frame.columns) == ["site", "v", "u"]
    expected = np.array(["A", "B"])[MIXTURE.responsibilities(X[:9]).argmax(axis=1)]
    assert found.gmm_component.tolist() == expected.tolist()
    by_place = labelled(MIXTURE, frame, [2, 1])
    np.testing.assert_array_equal(by_place.log_density, found.gmm_log_density)


def test_rows_that_miss_a_value_miss_a_label():
    frame = pd.DataFrame({"u": [0.0, np.nan, 5.0, np.inf], "v": pd.array([0, 1, None, 2], "Int64")})
    found = labelled(MIXTURE, frame)
    assert found.component.isna().tolist() == [False, True, True, True]
    assert found.outlier.isna().tolist() == [False, True, True, True]
    assert np.isnan(found.confidence).tolist() == [False, True, True, True]
    named = labelled(MIXTURE, frame, names=["A", "B"])
    assert named.component.tolist()[0] == "A"
    assert named.component.isna().tolist() == [False, True, True, True]


def test_frames_of_polars_and_a_single_column():
    found = labelled(MIXTURE, pl.DataFrame({"u": X[:5, 0], "v": X[:5, 1]}))
    np.testing.assert_allclose(found.log_density, MIXTURE.log_density(X[:5]))
    one = labelled(MIXTURE.marginal([0]), X[:5, 0])
    assert len(one) == 5


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"columns": ["u", "w"]}, "no column 'w'"),
        ({"columns": ["u"]}, "mixture has 2 columns; got 1"),
        ({}, "mixture has 2 columns and the data 4"),
        ({"columns": ["u", "kind"]}, "column 'kind' is not numeric"),
        ({"columns": ["u", "v"], "names": ["A"]}, "2 components need as many names"),
        ({"columns": ["u", "v"], "rate": 0}, "rate"),
        ({"columns": ["u", "v"]}, "a column 'outlier' already"),
    ],
)
def test_what_is_wrong_is_named(change, message):
    frame = pd.DataFrame({"u": X[:4, 0], "v": X[:4, 1], "kind": list("abcd"), "outlier": 0})
    if "outlier" not in message:
        frame = frame.rename(columns={"outlier": "other"})
    with pytest.raises(ValueError, match=message):
        labelled(MIXTURE, frame, **change)

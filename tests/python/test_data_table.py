"""Data as users have them: arrays, frames of either library, lists; and what is refused."""

import numpy as np
import pandas as pd
import polars as pl
import pytest

from gmm_widget.data.table import read_table

COLUMNS = {"x": [1.0, 2.0, 3.0], "label": ["a", "b", "c"], "y": [4, 5, 6]}


@pytest.mark.parametrize("frame", [pd.DataFrame(COLUMNS), pl.DataFrame(COLUMNS), COLUMNS])
def test_a_frame_gives_its_numeric_columns(frame):
    table = read_table(frame)
    assert table.columns == ("x", "y")
    assert table.values.tolist() == [[1.0, 4.0], [2.0, 5.0], [3.0, 6.0]]


@pytest.mark.parametrize("frame", [pd.DataFrame(COLUMNS), pl.DataFrame(COLUMNS), COLUMNS])
def test_columns_are_chosen_by_name_in_the_order_given(frame):
    assert read_table(frame, ["y", "x"]).values.tolist() == [[4.0, 1.0], [5.0, 2.0], [6.0, 3.0]]


@pytest.mark.parametrize("frame", [pd.DataFrame(COLUMNS), pl.DataFrame(COLUMNS)])
def test_a_column_of_text_or_of_no_such_name_is_named(frame):
    with pytest.raises(ValueError, match="'label' is not numeric"):
        read_table(frame, ["x", "label"])
    with pytest.raises(ValueError, match="no column 'z'; the columns are"):
        read_table(frame, ["x", "z"])


def test_a_missing_value_of_a_nullable_column_becomes_nan():
    frame = pd.DataFrame({"x": pd.array([1, None, 3], dtype="Int64")})
    values = read_table(frame).values
    assert np.isnan(values[1, 0])
    values = read_table(pl.DataFrame({"x": [1, None, 3]})).values
    assert np.isnan(values[1, 0])


def test_an_array_keeps_its_memory_and_type():
    array = np.arange(6, dtype=np.float32).reshape(3, 2)
    table = read_table(array)
    assert np.shares_memory(table.values, array)
    assert table.columns == ("x0", "x1")


def test_a_list_of_pairs():
    assert read_table([(1, 2), (3, 4)]).values.tolist() == [[1.0, 2.0], [3.0, 4.0]]


def test_one_column_may_be_flat():
    assert read_table([1.0, 2.0, 3.0]).values.shape == (3, 1)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"x": [1.0, 2.0], "y": [1.0]}, "of one length"),
        ({"x": ["a"]}, "no numeric column"),
        ([[1, 2], [3]], "rows differ|not a table"),
        (np.zeros((2, 2, 2)), r"shape \(2, 2, 2\)"),
        ([[1, "a"], [2, "b"]], "row 0 of column 'x1'"),
        (np.zeros((3, 2), complex), "Complex data not supported"),
        (pd.DataFrame({"label": ["a"]}), "no numeric column"),
    ],
)
def test_what_is_not_a_table_of_numbers_is_refused(data, message):
    with pytest.raises(ValueError, match=message):
        read_table(data)

"""X as an estimator takes it: its rows, its feature names, and scikit-learn's words for errors.

Tables are read by `gmm_widget.data`. Here are the rules and messages of scikit-learn, which its
checks look for: two dimensions, a least number of rows, no missing value, consistent names.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any, NamedTuple, final

import numpy as np
from numpy.typing import NDArray

from gmm_widget.core.linalg import Array
from gmm_widget.core.validation import non_finite
from gmm_widget.data.doubts import doubts
from gmm_widget.data.source import Source, open_source
from gmm_widget.data.table import Table, read_table


@final
class Rows(NamedTuple):
    """X (N, D) as real numbers, the names of its columns, and its feature names, if it has any."""

    values: NDArray[Any]
    columns: tuple[str, ...]
    names: NDArray[Any] | None
    remark: str


def read(x: Any, name: str, least: int = 1, columns: Sequence[Any] | None = None) -> Rows:
    """X as rows of real numbers, without a copy where it is that; nothing missing or infinite.

    `name` is that of the estimator, for messages. Columns of text and booleans are left out
    unless they are among `columns`; `Rows.remark` names them.
    """
    source = open_source(x)
    if source.flat:
        raise ValueError(
            f"Expected 2D array, got 1D array instead:\narray={x!r}.\nReshape your data either "
            "using array.reshape(-1, 1) if your data has a single feature or "
            "array.reshape(1, -1) if it contains a single sample; "
            "a Series becomes a table by .to_frame()."
        )
    names = _feature_names(source)
    table = read_table(source, columns)
    _refuse_shape(table.values, name, least)
    _refuse_non_finite(table, name)
    kept = None if names is None else np.array(table.labels, dtype=object)
    return Rows(table.values, table.columns, kept, table.remark)


def warn_of(rows: Rows, depth: int) -> None:
    """Warn of columns that were left out; `depth` calls lie between the user and this."""
    if rows.remark:
        warnings.warn(rows.remark + ".", UserWarning, stacklevel=2 + depth)


def warn_of_columns(rows: Rows, weight: Array | None, depth: int) -> None:
    """Warn of columns and rows that are hardly measurements."""
    remark = doubts(rows.values, rows.columns, weight)
    if remark:
        warnings.warn(remark, UserWarning, stacklevel=2 + depth)


def check_names(fitted: NDArray[Any] | None, given: NDArray[Any] | None, name: str) -> None:
    """Compare the names that were seen in fit with those of X: warn or raise ValueError."""
    if fitted is None and given is None:
        return
    if fitted is None:
        _warn(f"X has feature names, but {name} was fitted without feature names")
    elif given is None:
        _warn(f"X does not have valid feature names, but {name} was fitted with feature names")
    elif fitted.tolist() != given.tolist():
        raise ValueError(_difference(fitted.tolist(), given.tolist()))


def _refuse_shape(array: NDArray[Any], name: str, least: int) -> None:
    n, d = array.shape
    if n < least:
        raise ValueError(
            f"Found array with {n} sample(s) (shape={array.shape}) while a minimum of {least} "
            f"is required by {name}."
        )
    if d < 1:
        raise ValueError(
            f"Found array with {d} feature(s) (shape={array.shape}) while a minimum of 1 is "
            f"required by {name}."
        )


def _refuse_non_finite(table: Table, name: str) -> None:
    values = table.values
    bad, places = non_finite(values, table.columns if table.labels else None)
    if bad:
        infinite = f"infinity or a value too large for {values.dtype!r}"
        raise ValueError(
            f"Input X contains {'NaN' if np.isnan(values).any() else infinite}.\n{name} can't use "
            f"missing or infinite entries ({places}); leave those rows out or fill them in."
        )


def _feature_names(source: Source) -> list[Any] | None:
    """The labels of a table if all are strings, None if none is; TypeError if only some are."""
    labels = list(source.labels) if source.named else []
    strings = [isinstance(label, str) for label in labels]
    if not any(strings):
        return None
    if not all(strings):
        kinds = sorted({type(label).__qualname__ for label in labels})
        raise TypeError(
            "Feature names are only supported if all input features have string names, but your "
            f"input has {kinds} as feature name / column name types. If you want feature names to "
            "be stored and validated, you must convert them all to strings, by using "
            "X.columns = X.columns.astype(str) for example. Otherwise you can remove feature / "
            "column names from your input data, or convert them all to a non-string data type."
        )
    return labels


def _difference(fitted: list[str], given: list[str]) -> str:
    message = "The feature names should match those that were passed during fit.\n"
    unseen, missing = sorted(set(given) - set(fitted)), sorted(set(fitted) - set(given))
    for title, names in (
        ("Feature names unseen at fit time:\n", unseen),
        ("Feature names seen at fit time, yet now missing:\n", missing),
    ):
        if names:
            message += title + "".join(f"- {name}\n" for name in names[:5])
            message += "- ...\n" if len(names) > 5 else ""
    if not unseen and not missing:
        message += "Feature names must be in the same order as they were in fit.\n"
    return message


def _warn(message: str) -> None:
    warnings.warn(message, UserWarning, stacklevel=4)

"""What comes into an estimator as X: its rows, its feature names, and words for what is wrong.

The messages are those that users of scikit-learn know (and that its checks look for), followed by
ours, which name rows and columns.
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray

_SPARSE = (
    "Sparse data was passed for X, but dense data is required. "
    "Use '.toarray()' to convert to a dense numpy array."
)


def rows(x: Any, name: str, least: int = 1) -> NDArray[Any]:
    """X as (N, D) real numbers, without a copy where it is that; no NaN, nothing infinite."""
    if hasattr(x, "toarray") and hasattr(x, "nnz"):
        raise TypeError(_SPARSE)
    array = np.asarray(x)
    if np.ma.isMaskedArray(x) and np.ma.getmaskarray(x).any():
        raise ValueError("Input X has masked entries; leave those rows out or fill them")
    if array.dtype.kind == "c":
        raise ValueError(f"Complex data not supported\n{x!r}\n")
    if array.dtype.kind not in "biuf":
        array = _numbers(array)
    _refuse_shape(array, name, least)
    if array.dtype.kind == "f":
        _refuse_non_finite(array, name)
    return array


def _numbers(array: NDArray[Any]) -> NDArray[np.float64]:
    try:
        return array.astype(np.float64)
    except (TypeError, ValueError) as error:
        raise type(error)(f"Input X must be numbers: {error}") from None


def _refuse_shape(array: NDArray[Any], name: str, least: int) -> None:
    if array.ndim < 2:
        got = "1D array" if array.ndim else "scalar array"
        raise ValueError(
            f"Expected 2D array, got {got} instead:\narray={array}.\nReshape your data either "
            "using array.reshape(-1, 1) if your data has a single feature or "
            "array.reshape(1, -1) if it contains a single sample."
        )
    if array.ndim > 2:
        raise ValueError(f"Found array with dim {array.ndim}, while {name} expects 2 dimensions")
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


def _refuse_non_finite(array: NDArray[Any], name: str) -> None:
    with np.errstate(over="ignore", invalid="ignore"):
        if np.isfinite(array.sum(dtype=np.float64)):
            return
    bad = ~np.isfinite(array)
    if not bad.any():
        return
    where = [f"row {i} column {j}" for i, j in np.argwhere(bad)[:5]]
    more = ", ..." if bad.sum() > len(where) else ""
    what = "NaN" if np.isnan(array).any() else f"infinity or a value too large for {array.dtype!r}"
    raise ValueError(
        f"Input X contains {what}.\n{name} can't use such entries ({', '.join(where)}{more}); "
        "leave those rows out or fill them in."
    )


def feature_names(x: Any) -> NDArray[Any] | None:
    """The column names of a data frame if all are strings, None if none is; TypeError if some."""
    columns = getattr(x, "columns", None)
    if columns is None or callable(columns):
        return None
    names = list(columns)
    strings = [isinstance(name, str) for name in names]
    if not names or not any(strings):
        return None
    if not all(strings):
        kinds = sorted({type(name).__qualname__ for name in names})
        raise TypeError(
            "Feature names are only supported if all input features have string names, but your "
            f"input has {kinds} as feature name / column name types. If you want feature names to "
            "be stored and validated, you must convert them all to strings, by using "
            "X.columns = X.columns.astype(str) for example. Otherwise you can remove feature / "
            "column names from your input data, or convert them all to a non-string data type."
        )
    return np.array(names, dtype=object)


def check_names(fitted: NDArray[Any] | None, x: Any, name: str) -> None:
    """Compare the names that were seen in fit with those of X: warn or raise ValueError."""
    given = feature_names(x)
    if fitted is None and given is None:
        return
    if fitted is None:
        _warn(f"X has feature names, but {name} was fitted without feature names")
    elif given is None:
        _warn(f"X does not have valid feature names, but {name} was fitted with feature names")
    elif fitted.tolist() != given.tolist():
        raise ValueError(_difference(fitted.tolist(), given.tolist()))


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

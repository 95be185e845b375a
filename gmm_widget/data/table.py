"""Reads what the user hands in as data: an array, a data frame, or a list of pairs.

Frames are recognised by what they can do (pandas, polars and anything else with
`columns` and `[name]`), so neither library is imported.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, final

import numpy as np
from numpy.typing import NDArray

MAX_COLUMNS = 64


@final
class Table(NamedTuple):
    """Rows and the names of their columns.

    values : (N, D) float32 or float64.
    columns : D names, as text.
    """

    values: NDArray[np.floating[Any]]
    columns: tuple[str, ...]


def read_table(data: Any, columns: Sequence[Any] | None = None) -> Table:
    """Take the numeric columns, or those named, out of an array, frame or list of rows.

    Raises
    ------
    ValueError
        A column is unknown or not numeric, or the data are not a table of rows.
    """
    if hasattr(data, "columns") and hasattr(data, "__getitem__"):
        return _read_frame(data, columns)
    if isinstance(data, Mapping):
        return _read_columns(data, columns)
    try:
        values = np.asarray(data)
    except ValueError as problem:
        raise ValueError(f"the data are not a table: rows differ in length ({problem})") from None
    if values.ndim == 1 and values.dtype != object:
        values = values[:, None]
    if values.ndim != 2 or values.size == 0:
        raise ValueError(
            f"the data must be a table of N rows and D columns, got the shape {values.shape}"
        )
    names = tuple(f"x{j}" for j in range(values.shape[1]))
    if columns is not None:
        chosen = [_position(c, names) for c in columns]
        values, names = values[:, chosen], tuple(names[j] for j in chosen)
    return _checked(_floating(values, names), names)


def _read_frame(frame: Any, columns: Sequence[Any] | None) -> Table:
    known = list(frame.columns)
    if columns is None:
        chosen = [c for c in known if _is_number(frame[c])]
        if not chosen:
            raise ValueError(f"the data frame has no numeric column (its columns: {known})")
    else:
        chosen = [known[_position(c, known)] for c in columns]
        for name in chosen:
            if not _is_number(frame[name]):
                raise ValueError(
                    f"column {name!r} is not numeric (it holds {frame[name].dtype}); "
                    "convert it or choose another"
                )
    parts = [_plain(frame[c]) for c in chosen]
    single = all(p.dtype == np.float32 for p in parts)
    values = np.column_stack([p if single else p.astype(np.float64) for p in parts])
    return _checked(values, tuple(str(c) for c in chosen))


def _read_columns(data: Mapping[Any, Any], columns: Sequence[Any] | None) -> Table:
    """A mapping of names to columns of equal length."""
    parts = {name: np.asarray(part) for name, part in data.items()}
    lengths = {str(name): part.shape for name, part in parts.items()}
    if len(set(lengths.values())) != 1 or any(part.ndim != 1 for part in parts.values()):
        raise ValueError(f"the columns must be flat and of one length, got {lengths}")
    known = [n for n, part in parts.items() if columns is not None or part.dtype.kind in "iufb"]
    if not known:
        raise ValueError(f"no column is numeric (there are {list(parts)})")
    chosen = known if columns is None else [known[_position(c, known)] for c in columns]
    names = tuple(str(name) for name in chosen)
    return _checked(_floating(np.column_stack([parts[n] for n in chosen]), names), names)


def _position(column: Any, known: Sequence[Any]) -> int:
    if column in known:
        return list(known).index(column)
    if isinstance(column, int | np.integer) and 0 <= column < len(known):
        return int(column)
    raise ValueError(f"there is no column {column!r}; the columns are {list(known)}")


def _is_number(series: Any) -> bool:
    dtype = series.dtype
    if hasattr(dtype, "is_numeric"):  # polars
        return bool(dtype.is_numeric())
    kind = getattr(dtype, "kind", "O")
    return kind in "iuf" and getattr(dtype, "categories", None) is None


def _plain(series: Any) -> NDArray[Any]:
    """A column as a plain array; what is missing (nullable types) becomes NaN."""
    if hasattr(series, "isna") and getattr(series.dtype, "na_value", None) is not None:
        return np.asarray(series.to_numpy(dtype=np.float64, na_value=np.nan))
    return np.asarray(series.to_numpy())


def _floating(values: NDArray[Any], names: tuple[str, ...]) -> NDArray[Any]:
    if values.dtype in (np.float32, np.float64):
        return values
    if values.dtype.kind in "iufb":
        return values.astype(np.float64)
    if values.dtype.kind == "c":
        raise ValueError("the data are complex; take the real part or two columns")
    for j, name in enumerate(names):
        for i, cell in enumerate(values[:, j]):
            try:
                float(cell)
            except (TypeError, ValueError):
                raise ValueError(
                    f"row {i} of column {name!r} is {cell!r}, which is not a number; "
                    "leave the row or the column out"
                ) from None
    return values.astype(np.float64)


def _checked(values: NDArray[Any], names: tuple[str, ...]) -> Table:
    if values.shape[1] > MAX_COLUMNS:
        raise ValueError(
            f"the data have {values.shape[1]} columns; at most {MAX_COLUMNS} can be fitted: "
            "choose some with columns=[...]"
        )
    return Table(values, names)

"""Values of any type as real numbers: NaN for what is missing, an error for what is no number.

Missing are NaN, None, pandas' NA and NaT, a null of a nullable column, and a masked entry: no
array may lose its mask on the way in.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

NUMBERS, BOOLEANS, TEXT, DATES = "numbers", "booleans", "text", "dates"
_KINDS = {"b": BOOLEANS, "U": TEXT, "S": TEXT, "M": DATES, "m": DATES, "c": "complex numbers"}
COMPLEX = (
    "Complex data not supported: take the real parts, or real and imaginary parts as two columns"
)


def kind_of(values: NDArray[Any]) -> str:
    """What a column (N,) holds, in a word: `NUMBERS`, or why it can't be fitted."""
    if values.dtype.kind in "iuf":
        return NUMBERS
    if values.dtype.kind != "O":
        return _KINDS.get(values.dtype.kind, "objects")
    cells = [cell for cell in np.ma.filled(values, None) if not is_missing(cell)]
    if not cells:
        return "no values"
    if all(isinstance(cell, bool | np.bool_) for cell in cells):
        return BOOLEANS
    if any(isinstance(cell, str | bytes) for cell in cells):
        return TEXT
    return NUMBERS if all(map(_is_number, cells)) else "objects"


def real_numbers(values: NDArray[Any], names: Sequence[str]) -> NDArray[Any]:
    """Rows (N, D) of any type as real numbers, without a copy where they are.

    Types of at most eight bytes stay as they are; all others become float64.
    """
    masked = np.ma.isMaskedArray(values) and bool(np.ma.getmaskarray(values).any())
    kind = values.dtype.kind
    if kind == "c":
        raise ValueError(f"{COMPLEX}, got\n{values!r}")
    if kind in "mM":
        raise ValueError(
            f"the data hold dates ({values.dtype}); turn them into numbers, such as days"
        )
    if kind in "USO" or kind not in "biuf":
        return _converted(np.ma.filled(values.astype(object), None), names)
    if masked:
        values = np.ma.filled(values.astype(_floating(values.dtype)), np.nan)
    values = np.asarray(values)
    with np.errstate(over="ignore"):
        return values if values.dtype.itemsize <= 8 else values.astype(np.float64)


def floating(values: NDArray[Any]) -> NDArray[np.floating[Any]]:
    """Real numbers as float32 or float64, without a copy where they are."""
    return np.asarray(values, dtype=_floating(values.dtype))


def is_missing(cell: Any) -> bool:
    """Whether an entry stands for a value that is not there."""
    if cell is None or cell is np.ma.masked:
        return True
    if isinstance(cell, float | np.floating):
        return bool(np.isnan(cell))
    pandas = sys.modules.get("pandas")
    return pandas is not None and (cell is pandas.NA or cell is pandas.NaT)


def _floating(dtype: np.dtype[Any]) -> Any:
    return np.float32 if dtype == np.float32 else np.float64


def _converted(cells: NDArray[Any], names: Sequence[str]) -> NDArray[np.float64]:
    """Objects (N, D) as float64; the first that is no number is named."""
    try:
        return cells.astype(np.float64)
    except (TypeError, ValueError):
        values = np.empty(cells.shape)
        for where in np.ndindex(cells.shape):
            values[where] = _number(cells[where], where[0], names[where[1]])
        return values


def _number(cell: Any, row: int, name: str) -> float:
    try:
        return np.nan if is_missing(cell) else float(cell)
    except (TypeError, ValueError) as error:
        raise type(error)(
            f"row {row} of column {name!r} is {cell!r}, which is not a number; leave the row or "
            f"the column out ({error})"
        ) from None


def _is_number(cell: Any) -> bool:
    try:
        float(cell)
    except (TypeError, ValueError):
        return False
    return True

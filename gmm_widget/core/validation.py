"""Turning what a caller calls data into rows of numbers, or saying exactly why it can't be."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .linalg import Array

_ROWS = 1 << 16


def checked_rows(x: ArrayLike) -> NDArray[Any]:
    """x as an (N, D) array of real numbers, without a copy where it is one already."""
    if np.ma.isMaskedArray(x) and np.ma.getmaskarray(x).any():
        raise ValueError("points have masked entries; leave those rows out or fill them")
    try:
        rows = np.asarray(x)
    except ValueError:
        raise ValueError("points must be a rectangular table: rows of one length") from None
    if rows.dtype.kind not in "biuf":
        rows = _converted(rows)
    if rows.ndim == 1:
        rows = rows[:, None]
    if rows.ndim != 2:
        raise ValueError(f"points must have shape (N, D) or (N,); got {rows.shape}")
    if 0 in rows.shape:
        raise ValueError(f"points need at least one row and one column; got shape {rows.shape}")
    if rows.dtype.kind == "f":
        _refuse_non_finite(rows)
    return rows


def checked_weights(weight: ArrayLike | None, n: int) -> Array | None:
    """Weights (N,), finite, none negative, not all zero; or None."""
    if weight is None:
        return None
    try:
        values = np.asarray(weight, dtype=np.float64)
    except (TypeError, ValueError):
        raise ValueError("sample_weight must be numbers, one a row") from None
    if values.shape != (n,):
        raise ValueError(f"sample_weight must have shape ({n},), one a row; got {values.shape}")
    wrong = np.flatnonzero(~(np.isfinite(values) & (values >= 0)))
    if len(wrong):
        raise ValueError(
            f"sample_weight must be finite and not negative; row {wrong[0]} has {values[wrong[0]]}"
        )
    if not values.any():
        raise ValueError("sample_weight is zero in every row; at least one must be positive")
    return values


def _converted(rows: NDArray[Any]) -> Array:
    """Numbers out of an array of objects; strings and complex numbers are refused."""
    if rows.dtype.kind != "O":
        raise ValueError(f"points must be real numbers; got an array of {rows.dtype}")
    try:
        return rows.astype(np.float64)
    except (TypeError, ValueError):
        for where in np.ndindex(rows.shape):
            if not _is_number(rows[where]):
                place = f"row {where[0]}" + (f", column {where[1]}" if len(where) > 1 else "")
                raise ValueError(f"points must be numbers; {place} holds {rows[where]!r}") from None
        raise ValueError("points must be a rectangular table of numbers") from None


def _is_number(value: Any) -> bool:
    try:
        float(value)
    except (TypeError, ValueError):
        return False
    return True


def _refuse_non_finite(rows: NDArray[Any]) -> None:
    """ValueError that counts the rows with NaN or infinite entries and names the first few."""
    bad = 0
    first: list[str] = []
    for start in range(0, len(rows), _ROWS):
        wrong = ~np.isfinite(rows[start : start + _ROWS])
        hit = np.flatnonzero(wrong.any(axis=1))
        bad += len(hit)
        for i in hit[: max(0, 5 - len(first))]:
            first.append(f"row {start + i} column {int(np.argmax(wrong[i]))}")
    if bad:
        more = ", ..." if bad > len(first) else ""
        raise ValueError(
            f"{bad} of {len(rows)} rows have NaN or infinite entries ({', '.join(first)}{more}); "
            "leave them out or fill them in"
        )

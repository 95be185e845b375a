"""Checks that an array is rows of real numbers, and that weights fit them.

Tables of other kinds are read by `gmm_widget.data`; the core takes arrays.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .linalg import Array

_ROWS = 1 << 16
_NAMED = 5  # entries that a message lists


def checked_rows(x: ArrayLike) -> NDArray[Any]:
    """x as an (N, D) array of real numbers, without a copy where it is one already."""
    if np.ma.isMaskedArray(x) and np.ma.getmaskarray(x).any():
        raise ValueError("points have masked entries; leave those rows out or fill them")
    try:
        rows = np.asarray(x)
    except ValueError:
        raise ValueError("points must be a rectangular table: rows of one length") from None
    if rows.dtype.kind not in "biuf":
        raise ValueError(f"points must be real numbers; got an array of {rows.dtype}")
    if rows.ndim == 1:
        rows = rows[:, None]
    if rows.ndim != 2:
        raise ValueError(f"points must have shape (N, D) or (N,); got {rows.shape}")
    if 0 in rows.shape:
        raise ValueError(f"points need at least one row and one column; got shape {rows.shape}")
    refuse_non_finite(rows)
    return rows


def checked_weights(weight: ArrayLike | None, n: int) -> Array | None:
    """Weights (N,), finite, none negative, not all zero; or None."""
    if weight is None:
        return None
    if np.ma.isMaskedArray(weight) and np.ma.getmaskarray(weight).any():
        weight = np.ma.filled(np.ma.asarray(weight, dtype=np.float64), np.nan)
    try:
        values = np.asarray(weight, dtype=np.float64)
    except (TypeError, ValueError):
        raise ValueError("sample_weight must be numbers, one a row") from None
    if values.shape != (n,):
        raise ValueError(f"sample_weight must have shape ({n},), one a row; got {values.shape}")
    wrong = np.flatnonzero(~(np.isfinite(values) & (values >= 0)))
    if len(wrong):
        raise ValueError(
            f"sample_weight must be finite and not negative; row {wrong[0]} has "
            f"{values[wrong[0]]}{' (missing)' if np.isnan(values[wrong[0]]) else ''}"
        )
    if not values.any():
        raise ValueError("sample_weight is zero in every row; at least one must be positive")
    return values


def refuse_non_finite(rows: NDArray[Any], names: Sequence[str] | None = None) -> None:
    """ValueError that counts the rows with NaN or infinite entries and names the first few."""
    bad, places = non_finite(rows, names)
    if bad:
        raise ValueError(
            f"{bad} of {len(rows)} rows have NaN or infinite entries ({places}); "
            "leave them out or fill them in"
        )


def non_finite(rows: NDArray[Any], names: Sequence[str] | None = None) -> tuple[int, str]:
    """The number of rows (N, D) with NaN or infinite entries, and the first few in words."""
    if rows.dtype.kind != "f":
        return 0, ""
    bad = 0
    first: list[str] = []
    for start in range(0, len(rows), _ROWS):
        block = rows[start : start + _ROWS]
        with np.errstate(over="ignore", invalid="ignore"):
            if np.isfinite(block.sum(dtype=np.float64)):  # then every entry is
                continue
        wrong = ~np.isfinite(block)
        hit = np.flatnonzero(wrong.any(axis=1))
        bad += len(hit)
        for i in hit[: _NAMED - len(first)]:
            j = int(np.argmax(wrong[i]))
            first.append(f"row {start + i} column {j if names is None else repr(names[j])}")
    return bad, ", ".join(first) + (", ..." if bad > len(first) else "")

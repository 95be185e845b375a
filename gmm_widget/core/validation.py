"""Checks of what callers pass in: parameters of a mixture, indices, rows and sample weights.

Every error names the component, row or column at fault, the value found, and the rule. Tables of
other kinds are read by `gmm_widget.data`; the core takes arrays.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .linalg import Array

_SYMMETRY = 1e-9
_WEIGHT_SUM = 1e-6
_PARAMETERS = ("weights (K,)", "means (K, D)", "covariances (K, D, D)")
_ROWS = 1 << 16
_NAMED = 5  # entries that a message lists


def checked_parameters(weights: Any, means: Any, covariances: Any) -> tuple[Array, Array, Array]:
    """The parameters as float64 arrays; ValueError names the component and the rule it breaks."""
    w, m, c = _shaped(weights, means, covariances)
    for name, values in (("weight", w), ("mean", m), ("covariance", c)):
        if not np.isfinite(values).all():
            k = int(np.argwhere(~np.isfinite(values))[0][0])
            raise ValueError(f"the {name} of component {k} has a NaN or infinite entry")
    return _normalised(w), m, symmetrised(c)


def checked_component(index: int, n_components: int) -> int:
    """`index` as that of a component; ValueError lists the range."""
    if not 0 <= index < n_components:
        raise ValueError(f"there is no component {index}; there are 0 to {n_components - 1}")
    return int(index)


def checked_vector(value: Any, name: str) -> Array:
    """`value` as a flat array of numbers, finite or not; ValueError otherwise."""
    try:
        return np.asarray(value, dtype=np.float64).reshape(-1)
    except (TypeError, ValueError):
        raise ValueError(f"{name} must be numbers, got {value!r}") from None


def checked_columns(dims: Any, n_features: int) -> list[int]:
    """`dims` as indices of distinct columns; ValueError lists the range."""
    chosen = [int(i) for i in np.atleast_1d(np.asarray(dims, dtype=np.int64))]
    if not chosen or len(set(chosen)) != len(chosen) or not set(chosen) <= set(range(n_features)):
        raise ValueError(f"columns must be distinct and in 0 to {n_features - 1}; got {chosen}")
    return chosen


def _shaped(*parameters: Any) -> tuple[Array, Array, Array]:
    arrays: list[Array] = []
    for name, value in zip(_PARAMETERS, parameters, strict=True):
        try:
            arrays.append(np.asarray(value, dtype=np.float64))
        except (TypeError, ValueError):
            raise ValueError(f"{name} must be a rectangular array of numbers") from None
    weights, means, covariances = arrays
    k = weights.shape[0] if weights.ndim == 1 else 0
    d = means.shape[1] if means.ndim == 2 else 0
    if k < 1 or d < 1 or means.shape != (k, d) or covariances.shape != (k, d, d):
        shapes = ", ".join(str(a.shape) for a in arrays)
        raise ValueError(f"a mixture needs {', '.join(_PARAMETERS)} with K, D >= 1; got {shapes}")
    return weights, means, covariances


def _normalised(weights: Array) -> Array:
    """Positive weights divided by their sum, if that is 1 up to rounding."""
    if not (weights > 0).all():
        k = int(np.argmin(weights))
        raise ValueError(
            f"component {k} has weight {weights[k]:g}; weights must be positive: "
            "remove the component if it should have none"
        )
    total = float(weights.sum())
    if abs(total - 1) > _WEIGHT_SUM:
        raise ValueError(f"weights must sum to 1, but sum to {total:.9g}; divide them by their sum")
    return weights if abs(total - 1) < 1e-15 * (1 + len(weights)) else weights / total


def symmetrised(covariances: Array) -> Array:
    """Symmetric covariances: rounding errors are averaged out, ValueError for larger ones."""
    transposed = covariances.transpose(0, 2, 1)
    if not (covariances == transposed).all():
        variances = np.abs(np.einsum("kii->ki", covariances))
        bound = _SYMMETRY * np.sqrt(variances[:, :, None]) * np.sqrt(variances[:, None, :])
        wrong = np.argwhere(np.abs(covariances - transposed) > bound)
        if len(wrong):
            k, i, j = wrong[0]
            raise ValueError(
                f"the covariance of component {k} is not symmetric: entry ({i}, {j}) is "
                f"{covariances[k, i, j]:g}, entry ({j}, {i}) is {covariances[k, j, i]:g}"
            )
        covariances = (covariances + transposed) / 2
    return covariances


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
            first.append(f"row {start + i} {column(j, names)}")
    return bad, ", ".join(first) + (", ..." if bad > len(first) else "")


def column(j: int, names: Sequence[str] | None) -> str:
    """A column in a message: by its name, or by its position if it has none."""
    return f"column {j if names is None else repr(names[j])}"

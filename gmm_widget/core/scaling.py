"""The working frame of a table and its variances, in two passes, without overflow or a copy."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .frame import Frame
from .linalg import Array
from .validation import column

_ROWS = 1 << 15
#: A column may hold rows far out if its range is so many standard deviations; if these are over
#: _FAR times as wide as the middle of the column, that many widths count as one.
_SPANS, _FAR = 6.0, 10.0
_LARGEST, _SMALLEST = 2.0**460, 2.0**-460


def frame_and_variance(
    rows: NDArray[Any], weight: Array | None, columns: Sequence[str] | None = None
) -> tuple[Frame, Array, tuple[int, ...]]:
    """The frame, the variance per column in it, and the columns that are constant.

    A column counts as constant when its range is below the rounding error of its values. It gets
    a nominal variance, so that the regularisation, which is relative to the variance, is not zero
    there: the mean variance of the other columns, or (2^-30 of its values) squared if that is
    more; the square of its values where all columns are constant. Raises ValueError where a
    variance leaves the range of float64, which names the column.
    """
    low, high = _range(rows)
    with np.errstate(over="ignore"):  # refused below, with the column's name
        span = high - low
    magnitude = np.maximum(np.abs(low), np.abs(high))
    constant = span <= 4 * np.finfo(np.float64).eps * magnitude
    size = np.where(constant, magnitude, span)
    _refuse_extreme(size, columns)
    middle, unit = low + span / 2, _power_of_two(size)
    mean, variance = _mean_and_variance(rows, weight, middle, unit)
    constant |= variance == 0  # e.g. all the weight is on one value
    sd = np.sqrt(variance) * unit
    if constant.any():
        sd = np.where(constant, _nominal_sd(sd, magnitude, constant), sd)
    scale = _power_of_two(sd)
    frame = Frame(middle + mean * unit, scale)
    far = np.flatnonzero(~constant & (span > _SPANS * sd))
    for j in far.tolist():
        sd[j] = min(sd[j], _FAR * _middle_width(rows[:, j], weight) or sd[j])
    return frame, (sd / scale) ** 2, tuple(np.flatnonzero(constant).tolist())


def _middle_width(column: NDArray[Any], weight: Array | None) -> float:
    """The width of the middle four fifths of the weight, in standard deviations of a Gaussian."""
    order = np.argsort(column)
    w = np.ones(len(column)) if weight is None else weight[order]
    share = w.cumsum() / w.sum()
    low, high = (float(column[order[np.searchsorted(share, q)]]) for q in (0.1, 0.9))
    return (high - low) / 2.563


def _nominal_sd(sd: Array, magnitude: Array, constant: NDArray[np.bool_]) -> Array:
    """Standard deviations (D,) for constant columns."""
    if constant.all():
        return np.asarray(np.where(magnitude > 0, magnitude, 1.0))
    widest = sd[~constant].max()
    average = widest * np.sqrt(((sd[~constant] / widest) ** 2).mean())
    return np.asarray(np.maximum(average, magnitude * 2.0**-30))


def _range(rows: NDArray[Any]) -> tuple[Array, Array]:
    low = np.full(rows.shape[1], np.inf)
    high = -low
    for start in range(0, len(rows), _ROWS):
        block = rows[start : start + _ROWS]
        low = np.minimum(low, block.min(axis=0).astype(np.float64))
        high = np.maximum(high, block.max(axis=0).astype(np.float64))
    return low, high


def _refuse_extreme(size: Array, columns: Sequence[str] | None) -> None:
    """ValueError for a range whose square can't be a float64."""
    wrong = np.flatnonzero(~((size == 0) | ((size < _LARGEST) & (size > _SMALLEST))))
    if len(wrong):
        i = wrong[0]
        raise ValueError(
            f"{column(i, columns)} has a range of {size[i]:.3g}: its variance is out of float64's "
            f"range; divide the column by {size[i]:.0e} (or so) first"
        )


def _power_of_two(size: Array) -> Array:
    """The power of two at or just below each size; 1 for 0."""
    _, exponent = np.frexp(np.where(size == 0, 1.0, size))
    return np.asarray(np.ldexp(1.0, exponent - 1))


def _mean_and_variance(
    rows: NDArray[Any], weight: Array | None, middle: Array, unit: Array
) -> tuple[Array, Array]:
    """Weighted mean and variance of (rows - middle) / unit, blocks merged as in `moments.merge`."""
    count, mean, scatter = 0.0, np.zeros(rows.shape[1]), np.zeros(rows.shape[1])
    for start in range(0, len(rows), _ROWS):
        block = (rows[start : start + _ROWS] - middle) / unit
        w = np.ones(len(block)) if weight is None else weight[start : start + _ROWS]
        n = float(w.sum())
        if n == 0:
            continue
        m = w @ block / n
        s = w @ (block - m) ** 2
        step = m - mean
        scatter += s + step**2 * (count * n / (count + n))
        mean += step * (n / (count + n))
        count += n
    return mean, scatter / count

"""The resolution of each column: the step of the grid on which rounded values lie.

A value rounded to a step h stands for its rounding cell, whose variance is h^2 / 12: rounded values
of a Gaussian with variance v have about v + h^2 / 12 (Sheppard 1898). So no component of rounded
data has less than h^2 / 12, and EM gives none less: on tied rows the likelihood would otherwise
have no bound. Where no component is as narrow, nothing changes.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .linalg import Array

#: Distinct values of a column that are looked at to find its step.
_VALUES = 4096
#: A step below this share of the standard deviation is of no consequence, and none.
_FINE = 1e-4
_MOST_DIVISIONS = 64
#: Added in shares of the floor, so that a covariance without width in a rounded column can be
#: factorised.
_JITTER = 1e-8


def at_least(covariances: Array, floor: Array) -> Array:
    """The covariances (..., D, D), widened where their variance is below `floor` (D,).

    Of all covariances that exceed diag(floor) this maximises the likelihood of moments with
    covariance C: in coordinates where C is the identity and diag(floor) is diagonal, variances
    below the floor are raised to it. Diagonal matrices stay diagonal. A matrix that is singular in
    columns without a floor is returned as it is.
    """
    if not floor.any():
        return covariances
    bound, d = np.diag(floor), len(floor)
    try:
        np.linalg.cholesky(covariances - bound)
    except np.linalg.LinAlgError:
        widened = covariances.reshape(-1, d, d).copy()
        narrow = np.linalg.eigvalsh(widened - bound)[:, 0] <= 0
        widened[narrow] = _widened(widened[narrow], bound)
        return widened.reshape(covariances.shape)
    return covariances


def shortfall(covariances: Array, floor: Array) -> Array:
    """The factors (...,), at least 1, by which covariances (..., D, D) fall short of `floor`.

    No factor helps a singular matrix: 1 for all then, for the caller to report it.
    """
    try:
        lower = np.linalg.cholesky(covariances)
    except np.linalg.LinAlgError:
        return np.ones(covariances.shape[:-2])
    cells = np.linalg.inv(lower) * np.sqrt(floor)
    largest = np.linalg.eigvalsh(cells @ cells.swapaxes(-1, -2))[..., -1]
    return np.asarray(np.maximum(largest, 1.0))


def _widened(covariances: Array, bound: Array) -> Array:
    """Covariances (N, D, D) widened to `bound`; those that are singular without it as they are."""
    try:
        lower = np.linalg.cholesky(covariances + _JITTER * bound)
    except np.linalg.LinAlgError:
        if len(covariances) == 1:
            return covariances
        return np.concatenate([_widened(c[None], bound) for c in covariances])
    inverse = np.linalg.inv(lower)
    values, vectors = np.linalg.eigh(inverse @ bound @ inverse.swapaxes(1, 2))
    directions = lower @ vectors
    missing = np.maximum(values - 1, 0)[:, None, :]
    return np.asarray(covariances + (directions * missing) @ directions.swapaxes(1, 2))


def resolution_of(given: Any, rows: NDArray[Any], weight: Array | None, sd: Array) -> Array:
    """The resolution (D,) of each column in the data's units, 0 for none.

    `given` is "auto", None (none) or a number, for all columns or one of these for each. `sd` (D,)
    are standard deviations. Rows of weight 0 are not looked at.
    """
    d = rows.shape[1]
    if given is None:
        return np.zeros(d)
    single = isinstance(given, str) or np.ndim(given) == 0
    each = [given] * d if single else list(given)
    if len(each) != d:
        raise ValueError(f"resolution must be one value, or {d}, one a column; got {len(each)}")
    seen = rows if weight is None or weight.all() else rows[weight > 0]
    return np.array([_resolution(step, seen[:, j], float(sd[j])) for j, step in enumerate(each)])


def _resolution(given: Any, column: NDArray[Any], sd: float) -> float:
    if given is None:
        return 0.0
    if isinstance(given, str) and given == "auto":
        return _found(column, sd)
    try:
        step = float(given)
    except (TypeError, ValueError):
        step = np.nan
    if not 0 <= step < np.inf:
        raise ValueError(
            f"resolution must be 'auto', None or a number of 0 or more, or one of these per "
            f"column; got {given!r}"
        )
    return step


def _found(column: NDArray[Any], sd: float) -> float:
    """The step of a column's grid: the largest number that divides all of its differences."""
    eps = float(np.finfo(column.dtype).eps) if column.dtype.kind == "f" else 0.0
    eps = max(eps, float(np.finfo(np.float64).eps))
    few = _distinct(column[: 2 * _VALUES])
    step = _common_step(few, eps, _FINE * sd)
    if step == 0.0 or len(column) <= 2 * _VALUES:
        return step
    for start in range(0, len(column), 1 << 16):  # the first rows may have been rounder
        found = _distinct(column[start : start + (1 << 16)])
        step = _common_step(np.union1d(few, found), eps, _FINE * sd)
        if step == 0.0:
            return 0.0
        few = np.array([few[0], few[0] + step])
    return step


def _distinct(column: NDArray[Any]) -> Array:
    return np.unique(np.asarray(column, dtype=np.float64))


def _common_step(values: Array, eps: float, least: float) -> float:
    """Euclid's algorithm on the differences of sorted values; 0 if they share no step >= least.

    Values are off by half of `eps` relative to their size, and a multiple of the step by as much
    again for each step that it holds.
    """
    error = 2 * eps * float(np.abs(values).max(initial=0.0))
    gaps = np.unique(np.diff(values))
    gaps = gaps[gaps > 4 * error]
    if len(gaps) == 0:
        return 0.0
    step = float(gaps[0])
    for _ in range(_MOST_DIVISIONS):
        if step < least:
            return 0.0
        times = np.rint(gaps / step)
        allowed = error * (1 + times)
        if allowed[-1] > step / 4:
            return 0.0
        rest = np.abs(gaps - times * step)
        if (rest <= allowed).all():
            return float(times @ gaps / (times @ times))
        step = float(rest[rest > allowed].min())
    return 0.0

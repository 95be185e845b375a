"""Points summarised on a grid, so that a step of EM costs the same for 10^6 points as for 10^9.

The log joint is linear in T(x) = (1, x, x x^T), so a pass over the mean T of each bin, weighted by
the bin's weight, gives a lower bound of the log-likelihood (Jensen), and EM on the bins raises
that bound (Verbeek, Nunnink & Vlassis 2006, "Accelerated EM-based clustering of large data
sets"). The bound is exact where each bin holds one point.

With more than three columns such a grid would have more bins than there are points.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, final, get_args

import numpy as np
from numpy.typing import NDArray

from gmm_widget.core.passes.threads import Poll

from .linalg import Array
from .passes import natural_parameters
from .points import Points

#: Points of more columns than this are not binned.
MAX_BINNED_COLUMNS = 3
#: From this many points on, binning them takes less time than it saves.
MANY_POINTS = 50_000
_BINS_PER_COLUMN = {1: 4096, 2: 224, 3: 40}
_ROWS = 1 << 16

#: How to run EM: on the points alone ("exact"), first on bins of them ("cells"), or whichever is
#: faster ("auto"). The result is converged on the points themselves either way.
Algorithm = Literal["auto", "exact", "cells"]


def uses_bins(points: Points, algorithm: str = "auto") -> bool:
    """Whether EM by this algorithm begins on bins; ValueError for an unknown algorithm."""
    if algorithm not in get_args(Algorithm):
        raise ValueError(
            f"unknown algorithm {algorithm!r}; choose one of {', '.join(get_args(Algorithm))}"
        )
    if algorithm == "auto":
        return points.n >= MANY_POINTS and points.d <= MAX_BINNED_COLUMNS
    return algorithm == "cells"


def bin_points(points: Points, per_column: int | None = None, poll: Poll | None = None) -> Points:
    """The means of the points in each bin of a grid, as weighted points, in one pass.

    The grid has `per_column` bins along each column. The result has `within_covariance`, so every
    pass over it gives the bound. Points that are bins themselves may be binned again, more
    coarsely. Raises ValueError for more than three columns.
    """
    if points.d > MAX_BINNED_COLUMNS:
        raise ValueError(
            f"cells serve up to {MAX_BINNED_COLUMNS} columns and the points have {points.d}; "
            "take exact steps"
        )
    grid = _Grid.over(points, per_column or _BINS_PER_COLUMN[points.d])
    sums = np.zeros((natural_parameters.n_statistics(points.d), grid.size))
    i, j, _ = natural_parameters.pairs(points.d)
    units = points.frame.scale[i] * points.frame.scale[j]
    for start, (z, weight) in zip(range(0, points.n, _ROWS), points.blocks(_ROWS), strict=True):
        if poll is not None:
            poll()
        within = points.within_covariance
        part = None if within is None else (within[start : start + _ROWS] / units).T
        _add(grid, z, weight, part, sums)
    return _bin_means(points, grid, sums)


@final
@dataclass(frozen=True, eq=False)
class _Grid:
    """Equal bins over the frame: lowest corner (D,), bin width (D,), and bins per column."""

    low: Array
    width: Array
    n: int

    @property
    def size(self) -> int:
        return int(self.n ** len(self.low))

    @classmethod
    def over(cls, points: Points, n: int) -> _Grid:
        """Bins from the smallest to the largest value, but at most six standard deviations out."""
        low, high = np.full(points.d, np.inf), np.full(points.d, -np.inf)
        for z, _ in points.blocks(_ROWS):
            low, high = np.minimum(low, z.min(axis=1)), np.maximum(high, z.max(axis=1))
        limit = 6 * np.sqrt(points.variance)
        low, high = np.maximum(low, -limit), np.minimum(high, limit)
        return cls(low, np.where(high > low, (high - low) / n, 1.0), n)

    def locate(self, z: Array) -> tuple[NDArray[np.intp], Array]:
        """For z (D, B): the index of each point's bin, and z relative to the bin's low corner."""
        at = (z - self.low[:, None]) / self.width[:, None]
        place = np.clip(at, 0, self.n - 1).astype(np.intp)
        index = place[0]
        for row in place[1:]:
            index = index * self.n + row
        return index, z - (place * self.width[:, None] + self.low[:, None])

    def corners(self, index: NDArray[np.intp]) -> Array:
        """The low corner (C, D) of each of these bins."""
        place = np.stack(np.unravel_index(index, (self.n,) * len(self.low)), axis=1)
        return np.asarray(place * self.width + self.low)


def _add(grid: _Grid, z: Array, weight: Array | None, within: Array | None, sums: Array) -> None:
    """Add weight and T, about each bin's low corner, of a block z (D, B) to the bins' sums.

    `within` are the covariances within the rows, if these are bins themselves.
    """
    index, u = grid.locate(z)
    i, j, _ = natural_parameters.pairs(len(u))
    products = [u[a] * u[b] for a, b in zip(i, j, strict=True)]
    if within is not None:
        products = [product + part for product, part in zip(products, within, strict=True)]
    size = sums.shape[1]
    sums[0] += np.bincount(index, weight, size)
    for row, values in enumerate((*u, *products)):
        sums[1 + row] += np.bincount(index, values if weight is None else values * weight, size)


def _bin_means(points: Points, grid: _Grid, sums: Array) -> Points:
    """Mean and covariance of each bin that has any weight."""
    d, frame = points.d, points.frame
    used = np.flatnonzero(sums[0] > 0)
    sums = sums[:, used]
    i, j, _ = natural_parameters.pairs(d)
    weight = sums[0]
    means = sums[1 : 1 + d] / weight
    within = sums[1 + d :] / weight - means[i] * means[j]
    within[i == j] = np.maximum(within[i == j], 0.0)
    z = means.T + grid.corners(used)
    return Points(
        z * frame.scale + frame.origin,
        weight,
        points.total_weight,
        frame,
        points.variance,
        points.constant,
        within.T * (frame.scale[i] * frame.scale[j]),
        points.resolution,
        columns=points.columns,
    )

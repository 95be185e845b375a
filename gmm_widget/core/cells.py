"""Points summed up in cells, so that a step of EM costs the same for a million as for a billion.

The log joint is linear in T(x) = (1, x, x x^T), so the same pass over the mean T of each cell,
weighted by what the cell holds, gives a lower bound of the log-likelihood (Jensen), and EM on the
cells raises that bound (Verbeek, Nunnink & Vlassis 2006, "Accelerated EM-based clustering of
large data sets"). The bound is exact where each cell holds one point, and its gap is known after
one pass over the points themselves.

Cells are those of a grid; `refined` cuts in pieces the ones that owe most to the gap. A grid of
more than three columns would have more cells than points, so there are none there.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple, final

import numpy as np
from numpy.typing import NDArray

from gmm_widget.core.passes.threads import Poll

from .e_step import e_step
from .linalg import Array
from .mixture import Mixture
from .passes import natural_parameters
from .points import Points

#: More columns than this have no cells.
MOST_COLUMNS = 3
_PER_SIDE = {1: 4096, 2: 224, 3: 40}
_PIECES = {1: 16, 2: 4, 3: 2}
_ROWS = 1 << 16


class Bound(NamedTuple):
    """A lower bound of the log-likelihood (total, nats), and by how much the truth is above it."""

    log_likelihood: float
    gap: float


@final
@dataclass(frozen=True, eq=False)
class Cells:
    """A partition of `whole`; `means` are the cells as `Points`, which every pass accepts."""

    whole: Points
    means: Points
    _grid: _Grid
    _cell_of: NDArray[np.intp]

    @classmethod
    def of(cls, points: Points, per_side: int | None = None, poll: Poll | None = None) -> Cells:
        """Cells of a grid of `per_side` along each column, one pass over the points.

        The points may be cells themselves: coarser ones are quickly had from finer ones. Raises
        ValueError for more than three columns.
        """
        if points.d > MOST_COLUMNS:
            raise ValueError(
                f"cells serve up to {MOST_COLUMNS} columns and the points have {points.d}; "
                "take exact steps"
            )
        grid = _Grid.over(points, per_side or _PER_SIDE[points.d])
        return _gathered(points, grid, np.zeros(grid.size, np.bool_), poll)

    def bound(self, mixture: Mixture, poll: Poll | None = None) -> Bound:
        """What EM on the cells raises, and its gap: one pass over the points."""
        low = e_step(self.means, mixture, poll=poll).log_likelihood
        return Bound(low, e_step(self.whole, mixture, poll=poll).log_likelihood - low)

    def refined(self, mixture: Mixture, share: float = 0.5, poll: Poll | None = None) -> Cells:
        """Cells in which those that owe `share` of the bound's gap are cut into pieces.

        What a cell owes is estimated to second order: half its weight times the trace of its
        covariance with that of the components' gradients, over their responsibilities.
        """
        owed = _owed(self.means, mixture)
        order = np.argsort(-owed)
        few = np.searchsorted(np.cumsum(owed[order]), share * owed.sum()) + 1
        split = self._grid.split.copy()
        split[self._cell_of[order[:few]]] = True
        return _gathered(self.whole, self._grid, split, poll)


@final
@dataclass(frozen=True, eq=False)
class _Grid:
    """Equal boxes over the frame: `low` (D,), `step` (D,), `n` a side; some cut into pieces."""

    low: Array
    step: Array
    n: int
    pieces: int
    split: NDArray[np.bool_]

    @property
    def size(self) -> int:
        return int(self.n ** len(self.low))

    @classmethod
    def over(cls, points: Points, n: int) -> _Grid:
        """Boxes from the smallest to the largest value, but at most six deviations out."""
        low, high = np.full(points.d, np.inf), np.full(points.d, -np.inf)
        for z, _ in points.blocks(_ROWS):
            low, high = np.minimum(low, z.min(axis=1)), np.maximum(high, z.max(axis=1))
        reach = 6 * np.sqrt(points.spread)
        low, high = np.maximum(low, -reach), np.minimum(high, reach)
        step = np.where(high > low, (high - low) / n, 1.0)
        return cls(low, step, n, _PIECES[points.d], np.zeros(n**points.d, np.bool_))

    def locate(self, z: Array) -> tuple[NDArray[np.intp], NDArray[np.intp], Array]:
        """For z (D, B): the box, the piece of it, and z less the corner of the box."""
        at = (z - self.low[:, None]) / self.step[:, None]
        box = np.clip(at, 0, self.n - 1).astype(np.intp)
        part = np.clip((at - box) * self.pieces, 0, self.pieces - 1).astype(np.intp)
        number, piece = box[0], part[0]
        for row in range(1, len(z)):
            number = number * self.n + box[row]
            piece = piece * self.pieces + part[row]
        return number, piece, z - (box * self.step[:, None] + self.low[:, None])

    def corners(self, number: NDArray[np.intp]) -> Array:
        """The lower corner (C, D) of each box."""
        box = np.stack(np.unravel_index(number, (self.n,) * len(self.low)), axis=1)
        return np.asarray(box * self.step + self.low)


def _gathered(points: Points, grid: _Grid, split: NDArray[np.bool_], poll: Poll | None) -> Cells:
    """Add up weight and T of the points of each cell, about the corner of its box."""
    grid = replace(grid, split=split)
    sizes = np.where(split, grid.pieces**points.d, 1)
    first = np.concatenate([[0], np.cumsum(sizes)])
    sums = np.zeros((natural_parameters.n_statistics(points.d), first[-1]))
    i, j, _ = natural_parameters.pairs(points.d)
    units = points.frame.scale[i] * points.frame.scale[j]
    for start, (z, weight) in zip(range(0, points.n, _ROWS), points.blocks(_ROWS), strict=True):
        if poll is not None:
            poll()
        inner = None if points.inner is None else (points.inner[start : start + _ROWS] / units).T
        _add(grid, first, z, weight, inner, sums)
    some = sums[0] > 0
    box = np.repeat(np.arange(grid.size), sizes)[some]
    return _cells(points, grid, sums[:, some], box)


def _add(
    grid: _Grid,
    first: NDArray[np.intp],
    z: Array,
    weight: Array | None,
    inner: Array | None,
    sums: Array,
) -> None:
    """Add a block z (D, B), with what its rows hold inside of them, to the cells' sums."""
    number, piece, u = grid.locate(z)
    cell = first[number] + np.where(grid.split[number], piece, 0)
    i, j, _ = natural_parameters.pairs(len(u))
    products = [u[a] * u[b] for a, b in zip(i, j, strict=True)]
    if inner is not None:
        products = [product + part for product, part in zip(products, inner, strict=True)]
    total = sums.shape[1]
    sums[0] += np.bincount(cell, weight, total)
    for row, values in enumerate((*u, *products)):
        sums[1 + row] += np.bincount(cell, values if weight is None else values * weight, total)


def _cells(points: Points, grid: _Grid, sums: Array, box: NDArray[np.intp]) -> Cells:
    d, frame = points.d, points.frame
    i, j, _ = natural_parameters.pairs(d)
    weight = sums[0]
    means = sums[1 : 1 + d] / weight
    inner = sums[1 + d :] / weight - means[i] * means[j]
    inner[i == j] = np.maximum(inner[i == j], 0.0)
    z = means.T + grid.corners(box)
    found = Points(
        z * frame.scale + frame.origin,
        weight,
        points.total_weight,
        frame,
        points.spread,
        points.constant,
        inner.T * (frame.scale[i] * frame.scale[j]),
    )
    return Cells(points, found, grid, box)


def _owed(cells: Points, mixture: Mixture) -> Array:
    """What each cell (C,) takes from the log-likelihood, to second order."""
    frame, d = cells.frame, cells.d
    r = mixture.responsibilities(cells.rows)
    z = (cells.rows - frame.origin) / frame.scale
    precisions = np.linalg.inv(frame.covariances_in(mixture.covariances))
    away = z[:, None] - frame.means_in(mixture.means)
    slope = -np.einsum("kij,ckj->cki", precisions, away)
    slope -= np.einsum("ck,cki->ci", r, slope)[:, None]
    assert cells.inner is not None
    i, j, _ = natural_parameters.pairs(d)
    within = natural_parameters.symmetric(cells.inner / (frame.scale[i] * frame.scale[j]), d)
    gap = np.einsum("ck,cki,cij,ckj->c", r, slope, within, slope, optimize=True)
    assert cells.sample_weight is not None
    return np.asarray(cells.sample_weight * gap / 2)

"""T of the points, block by block: computed when needed, or cached where the points are few."""

from __future__ import annotations

from typing import NamedTuple, final
from weakref import WeakKeyDictionary

import numpy as np

from gmm_widget.core.linalg import Array
from gmm_widget.core.points import Points

from . import natural_parameters

Range = tuple[int, int]  # of rows: the first, and one past the last

#: Up to so many rows, and so many entries of T in all (4 MB), T is cached.
_MAX_CACHED_ROWS, _MAX_CACHED_ENTRIES = 1 << 15, 1 << 19


class Layout(NamedTuple):
    """A block is M batches of B rows: T is (M, F, B). F may leave out the products."""

    m: int
    b: int
    f: int
    d: int

    def ranges(self, n: int) -> list[Range]:
        """The rows of n points that are in each block."""
        rows = self.m * self.b
        return [(start, min(n, start + rows)) for start in range(0, n, rows)]


class Block(NamedTuple):
    """T (M, F, B), the points z (M, D, B) in it, and weights (M, B).

    Only the first `rows` are points; the rest are at the origin and have weight 0. `weighted`:
    not every point has weight 1. `within` are covariances within bins, for binned points.
    """

    t: Array
    z: Array
    weights: Array
    within: Array | None
    rows: int
    weighted: bool


@final
class Loader:
    """Fills t (M, F, B) and weights (M, B) with one block after another."""

    def __init__(self, layout: Layout, t: Array, weights: Array) -> None:
        self._layout, self._t, self._weights = layout, t, weights
        self._all_ones = False
        t[:, 0] = 1.0
        self._z = t[:, 1 : 1 + layout.d]
        products = layout.f > 1 + layout.d
        self._products = natural_parameters.product_views(t, layout.d) if products else []

    def load(self, points: Points, start: int, stop: int) -> Block:
        """The rows start..stop, at most a block of them. Overwrites the block before."""
        m, b, _, d = self._layout
        full = (stop - start) // b
        middle = start + full * b
        if full:
            points.centred(start, middle, self._z[:full])
        if full < m:
            self._z[full:] = 0.0
            if middle < stop:
                points.centred(middle, stop, self._z[full : full + 1, :, : stop - middle])
        for row, rows, out in self._products:
            np.multiply(row, rows, out=out)
        within = points.within_block(start, stop, m, b)
        if within is not None and self._products:
            self._t[:, 1 + d :] += within
        weight, flat = points.weight(start, stop), self._weights.reshape(-1)
        if weight is not None or not self._all_ones or stop - start < len(flat):
            flat[: stop - start] = 1.0 if weight is None else weight
            flat[stop - start :] = 0.0
            self._all_ones = weight is None and stop - start == len(flat)
        return Block(self._t, self._z, self._weights, within, stop - start, weight is not None)


_cache: WeakKeyDictionary[Points, tuple[Layout, list[Block]]] = WeakKeyDictionary()


def cacheable(points: Points) -> bool:
    """Whether all blocks of these points may be kept from pass to pass."""
    entries = points.n * natural_parameters.n_statistics(points.d)
    return points.n <= _MAX_CACHED_ROWS and entries <= _MAX_CACHED_ENTRIES


def cached_blocks(points: Points, layout: Layout) -> list[Block]:
    """All blocks of a few points: those of the last call if that was for the same layout."""
    last = _cache.get(points)
    if last is not None and last[0] == layout:
        return last[1]
    blocks = [_new_block(points, layout, start, stop) for start, stop in layout.ranges(points.n)]
    _cache[points] = layout, blocks
    return blocks


def _new_block(points: Points, layout: Layout, start: int, stop: int) -> Block:
    m, b, f, _ = layout
    return Loader(layout, np.empty((m, f, b)), np.empty((m, b))).load(points, start, stop)

"""T of the points, block by block: made as it is needed, or kept where the points are few."""

from __future__ import annotations

from typing import NamedTuple, final
from weakref import WeakKeyDictionary

import numpy as np

from gmm_widget.core.linalg import Array
from gmm_widget.core.points import Points

from . import natural_parameters

Range = tuple[int, int]  # of rows: the first, and one past the last

#: Rows, and entries of T in all (4 MB), up to which T is kept.
_FEW, _KEPT = 1 << 15, 1 << 19


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

    Only the first `rows` are points: others are at the origin and have no weight. `weighted` says
    that not every point weighs one. `inner` are covariances within cells, if there are any.
    """

    t: Array
    z: Array
    weights: Array
    inner: Array | None
    rows: int
    weighted: bool


@final
class Loader:
    """Fills t (M, F, B) and weights (M, B) with one block after another."""

    def __init__(self, layout: Layout, t: Array, weights: Array) -> None:
        self._layout, self._t, self._weights, self._ones = layout, t, weights, False
        t[:, 0] = 1.0
        self._z = t[:, 1 : 1 + layout.d]
        whole = layout.f > 1 + layout.d
        self._pairs = natural_parameters.product_views(t, layout.d) if whole else []

    def load(self, points: Points, start: int, stop: int) -> Block:
        """The rows start..stop, at most a block of them. Overwrites the block before."""
        m, b, _, d = self._layout
        whole = (stop - start) // b
        middle = start + whole * b
        if whole:
            points.centred(start, middle, self._z[:whole])
        if whole < m:
            self._z[whole:] = 0.0
            if middle < stop:
                points.centred(middle, stop, self._z[whole : whole + 1, :, : stop - middle])
        for row, rows, out in self._pairs:
            np.multiply(row, rows, out=out)
        inner = points.within(start, stop, m, b)
        if inner is not None and self._pairs:
            self._t[:, 1 + d :] += inner
        weight, flat = points.weight(start, stop), self._weights.reshape(-1)
        if weight is not None or not self._ones or stop - start < len(flat):
            flat[: stop - start] = 1.0 if weight is None else weight
            flat[stop - start :] = 0.0
            self._ones = weight is None and stop - start == len(flat)
        return Block(self._t, self._z, self._weights, inner, stop - start, weight is not None)


_kept: WeakKeyDictionary[Points, tuple[Layout, list[Block]]] = WeakKeyDictionary()


def few(points: Points) -> bool:
    """Whether all blocks of these points may be kept from pass to pass."""
    return points.n <= _FEW and points.n * natural_parameters.n_statistics(points.d) <= _KEPT


def cached_blocks(points: Points, layout: Layout) -> list[Block]:
    """All blocks of a few points: those of the last call if that was for the same layout."""
    held = _kept.get(points)
    if held is not None and held[0] == layout:
        return held[1]
    blocks = [_fresh(points, layout, start, stop) for start, stop in layout.ranges(points.n)]
    _kept[points] = layout, blocks
    return blocks


def _fresh(points: Points, layout: Layout, start: int, stop: int) -> Block:
    m, b, f, _ = layout
    return Loader(layout, np.empty((m, f, b)), np.empty((m, b))).load(points, start, stop)

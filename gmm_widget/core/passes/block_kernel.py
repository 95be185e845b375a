"""The arithmetic of a pass on one block of rows, in memory that one thread keeps.

A block is M batches of B rows: T is (M, F, B) and the log joint (M, K, B). Elementwise work runs
over the whole block, so that threads seldom meet at the interpreter lock; matrix products run
batch by batch, each small enough for OpenBLAS to skip packing and to start no threads of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple, final

import numpy as np

from gmm_widget.core.linalg import Array
from gmm_widget.core.points import Points

from . import natural_parameters
from .blocks import Block, Layout, Loader, Range
from .prepared_mixture import PreparedMixture
from .threads import MOST_THREADS
from .workspace import kept, scratch

#: exp of less than this would be subnormal, which is slow; it is lost against the rest anyway.
FLOOR = -700.0
#: Products of eight densities (of the highest peak), or single ones, above this are safe.
DEEP = float(np.exp(-600.0))

#: OpenBLAS takes products of no more multiplications without packing, on AVX-512.
_SMALL_PRODUCT = 1_000_000
_LONGEST_BATCH = 8 << 10
#: Multiplications of a pass up to which a second thread costs more at the lock than it saves.
_LITTLE = 6_000_000
#: Log joints in a block: for a lone thread as many as the cache holds beside T, for more so many
#: that a call takes far longer than the some five microseconds of meeting at the lock.
_ALONE, _TOGETHER = 60_000, 480_000
_MEMORY = 3 << 19  # floats of a thread: 12 MB
_LONG = 128  # entries of T from which on its batches lie side by side
#: NumPy holds the interpreter lock throughout a product whose result has no more entries.
_HELD = 500


class Shape(NamedTuple):
    """What a bench is made for: blocks of this layout, K = near + apart components.

    `reference` is 1 where log joints are relative to the last near component's, and 0 otherwise.
    `alone` says that no other thread works on the same pass.
    """

    layout: Layout
    near: int
    apart: int
    reference: int
    alone: bool


@lru_cache(maxsize=256)
def shape_for(n: int, d: int, near: int, apart: int, reference: int, few: bool = False) -> Shape:
    """The shape for n points: equal blocks that keep the caches or, of much work, threads busy.

    Threads meet at the interpreter lock after each call, so theirs are larger than the cache.
    """
    f = natural_parameters.n_statistics(d) if near else 1 + d
    alone = few or n * (near * f + apart * d * d) <= _LITTLE
    longest = _SMALL_PRODUCT // max(near * f, apart * d * d, 1)
    longest = min(max(longest // 8 * 8, 8), _LONGEST_BATCH << alone)
    floats = f + 2 * (near + apart) + 2 * apart * d + 6
    most = max(8, min((_ALONE if alone else _TOGETHER) // (near + apart), _MEMORY // floats))
    blocks = -(-n // most)
    if not alone:
        blocks = -(-blocks // MOST_THREADS) * MOST_THREADS
    m = -(-n // (blocks * longest))
    b = -(-n // (blocks * m * 8)) * 8
    return Shape(Layout(m, b, f, d), near, apart, reference, alone)


def _pieces(shape: Shape) -> int:
    """How many pieces to cut a batch into so that the product of moments lets threads run."""
    m, b, f, _ = shape.layout
    pieces = 1
    while not shape.alone and m * pieces * shape.near * f <= _HELD and b % (2 * pieces) == 0:
        pieces *= 2
    return pieces


class Sums(NamedTuple):
    """What a pass adds up: log density (2,) with and without handicaps, and weighted T.

    The sums of T are (near, F) and (apart, F).
    """

    logs: Array
    near: Array
    apart: Array

    @classmethod
    def zeros(cls, shape: Shape) -> Sums:
        """Nothing added yet."""
        f = natural_parameters.n_statistics(shape.layout.d)
        return cls(np.zeros(2), np.zeros((shape.near, f)), np.zeros((shape.apart, f)))


@final
class BlockKernel:
    """Arrays and views for blocks of one shape. Only the last one made in a thread is valid."""

    local: PreparedMixture

    def __init__(self, shape: Shape) -> None:
        (m, b, f, d), near, apart, reference, _ = shape
        self.shape = shape
        k = near + apart
        t, weights, r, self.r_t, self.y, self.c, *others = scratch(
            (f, m, b) if f > _LONG else (m, f, b),
            *((m, b), (m, k + 1, b), (m, b, near)),
            *((m, apart, d, b), (m, apart, d, b), (m, 2, b), (m, 2, b), (m, 2, b // 8)),
        )
        self.density, self.logs, self.products = others
        # Each product of a long T is of few entries unless batches lie side by side.
        self.loader = Loader(shape.layout, t.transpose(1, 0, 2) if f > _LONG else t, weights)
        self.eighths = self.density.reshape(m, 2, 8, b // 8)
        # The reference is the first row before the division by the density, exp(0) = 1, and
        # the last one after it, which is that division. What is between is worked out.
        self.r, self.inverse = r[:, :k], r[:, k]
        self.r_reference, self.r_free = r[:, :reference], r[:, reference:k]
        self.r_reference[:] = 1.0
        self.sums_of = np.ones((2, k))
        self.r_near, self.r_apart = (
            r[:, reference : reference + near],
            r[:, reference + near : reference + k],
        )
        self.pieces = _pieces(shape)
        cut = (m, near, self.pieces, b // self.pieces)
        self.r_pieces = self.r_near.reshape(cut).transpose(0, 2, 1, 3)
        self.shift: Array | None = None

    @classmethod
    def ready(cls, shape: Shape, local: PreparedMixture) -> BlockKernel:
        """This thread's bench of this shape, for the components of `local`."""
        bench = kept(shape, lambda: cls(shape))
        bench.local = local
        first = shape.reference
        bench.sums_of[1, :first] = local.lifts[-1]
        bench.sums_of[1, first:] = local.lifts[: shape.near + shape.apart - first]
        return bench

    def blocks(self, points: Points, ranges: Iterable[Range]) -> Iterator[Block]:
        """Block after block; each is gone when the next comes."""
        return (self.loader.load(points, start, stop) for start, stop in ranges)

    def add(self, block: Block, sums: Sums) -> None:
        """Add a block to the sums."""
        self._log_joint(block)
        self._exponentials(block)
        sums.logs[:] += self._log_densities(block)
        np.divide(block.weights, self.density[:, 0], out=self.inverse)
        self.r_free *= self.inverse[:, None]
        if self.shift is not None and self.shape.reference:
            self.inverse *= self.r_reference[:, 0]
        self._moments(block, sums)

    def certainty(self, block: Block) -> float:
        """Sum over the block of log max_k r_nk, weighted."""
        self._log_joint(block)
        self._exponentials(block)
        np.maximum.reduce(self.r, axis=1, out=self.inverse)
        self.inverse /= self.density[:, 0]
        np.log(self.inverse, out=self.inverse)
        return float(self.inverse.reshape(-1) @ block.weights.reshape(-1))

    def _log_joint(self, block: Block) -> None:
        local, shape = self.local, self.shape
        if shape.near:
            np.matmul(local.theta, block.t, out=self.r_free[:, : shape.near - shape.reference])
        if shape.apart:
            self._centred(block, local.means, local.whiteners)
            with np.errstate(over="ignore"):  # infinitely far has no density
                np.einsum("mkdb,mkdb->mkb", self.y, self.y, out=self.r_apart)
            self.r_apart *= -0.5
            self.r_apart += local.peaks[:, None]
            if block.inner is not None:
                self.r_apart += np.matmul(local.quadratic, block.inner)

    def _centred(self, block: Block, centre: Array, basis: Array) -> None:
        np.subtract(block.z[:, None], centre[:, :, None], out=self.c)
        np.matmul(basis, self.c, out=self.y)

    def _exponentials(self, block: Block) -> None:
        """Make r the exp of the log joint, shifted by point where that would leave the range."""
        if self.shift is not None:
            self.r_reference[:], self.shift = 1.0, None
        with np.errstate(over="ignore"):  # a point may be far from the reference alone
            self._exp(self.r_free, block.rows)
        if self._safe(self.products) or self._safe(self.density):
            return
        self._log_joint(block)
        self.r_reference[:] = 0.0
        self.shift = self.r.max(axis=1)
        self.r -= self.shift[:, None]
        self._exp(self.r, block.rows)

    def _exp(self, r: Array, rows: int) -> None:
        """exp, its sums (1 where the block has no row), and products of eight of these."""
        np.maximum(r, FLOOR, out=r)
        np.exp(r, out=r)
        np.matmul(self.sums_of, self.r, out=self.density)
        m, b, _, _ = self.shape.layout
        if rows < m * b:
            whole, rest = divmod(rows, b)
            self.density[whole, :, rest:] = 1.0
            self.density[whole + 1 :] = 1.0
        np.multiply.reduce(self.eighths, axis=2, out=self.products)

    def _safe(self, densities: Array) -> bool:
        """Whether densities (M, 2, n), plain ones being the larger, stay in float64's range.

        Those relative to the reference's are at least one, and others at most a few.
        """
        if self.shape.reference:
            return bool(densities[:, 1].max() < np.inf)
        return bool(densities[:, 0].min() > DEEP)

    def _log_densities(self, block: Block) -> Array:
        """Weighted sums of log density with and without handicaps."""
        if not block.weighted and self.shift is None and self._safe(self.products):
            return np.asarray(np.log(self.products).sum(axis=(0, 2)))
        np.log(self.density, out=self.logs)
        if self.shift is not None:
            self.logs += self.shift[:, None]
        return np.asarray(np.matmul(self.logs, block.weights[:, :, None]).sum(axis=(0, 2)))

    def _moments(self, block: Block, sums: Sums) -> None:
        m, b, f, _ = self.shape.layout
        if self.shape.near and f > _LONG:
            np.copyto(self.r_t, self.r_near.transpose(0, 2, 1))
            sums.near[:] += np.matmul(block.t, self.r_t).sum(axis=0).T
        elif self.shape.near:
            t = block.t.reshape(m, f, self.pieces, b // self.pieces).transpose(0, 2, 3, 1)
            sums.near[:] += np.matmul(self.r_pieces, t).sum(axis=(0, 1))
        if self.shape.apart:
            self._moments_apart(block, sums.apart)

    def _moments_apart(self, block: Block, sums: Array) -> None:
        local, d = self.local, self.shape.layout.d
        if not local.same:
            self._centred(block, local.centre, local.basis)
        i, j, _ = natural_parameters.pairs(d)
        np.multiply(self.y, self.r_apart[:, :, None], out=self.c)
        second = np.matmul(self.c, self.y.transpose(0, 1, 3, 2)).sum(axis=0)
        if block.inner is not None:
            within = np.matmul(self.r_apart, block.inner.transpose(0, 2, 1)).sum(axis=0)
            scatter = natural_parameters.symmetric(within, d)
            second += local.basis @ scatter @ local.basis.transpose(0, 2, 1)
        sums[:, 0] += self.r_apart.sum(axis=(0, 2))
        sums[:, 1 : 1 + d] += self.c.sum(axis=(0, 3))
        sums[:, 1 + d :] += second[:, i, j]

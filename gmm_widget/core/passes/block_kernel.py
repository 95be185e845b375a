"""The arithmetic of a pass on one block of rows, in memory that each thread keeps.

A block is M batches of B rows: T is (M, F, B) and the log joint (M, K, B). Elementwise operations
run over the whole block, so that threads seldom wait for the interpreter lock; matrix products
run batch by batch, each small enough for OpenBLAS to skip packing and to start no threads.
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
from .workspace import cached, workspace_arrays

#: exp of less would be subnormal, which is slow; next to the other terms it is nothing anyway.
MIN_EXPONENT = -700.0
#: Products of eight densities (relative to the highest peak), or single ones, are safe above this.
MIN_DENSITY = float(np.exp(-600.0))

#: OpenBLAS skips packing for products of up to so many multiplications, on AVX-512.
_SMALL_PRODUCT = 1_000_000
_MAX_BATCH = 8 << 10
#: With fewer multiplications in a pass, a second thread costs more at the lock than it saves.
_SINGLE_THREAD_WORK = 6_000_000
#: Log joints in a block: for a single thread as many as the cache holds beside T; for several so
#: many that each call takes far longer than the five microseconds of waiting for the lock.
_SINGLE_BLOCK, _THREADED_BLOCK = 60_000, 480_000
_MAX_FLOATS = 3 << 19  # of a thread's workspace: 12 MB
_LONG_T = 128  # entries of T from which on its batches lie side by side
#: NumPy keeps the interpreter lock throughout a product whose result has no more entries.
_LOCKED_ENTRIES = 500


class Shape(NamedTuple):
    """What a kernel is made for: the blocks' layout and the numbers of components of each kind.

    `reference` is 1 where log joints are relative to the last natural component's, else 0.
    `single_thread`: no other thread works on the same pass.
    """

    layout: Layout
    natural: int
    whitened: int
    reference: int
    single_thread: bool


@lru_cache(maxsize=256)
def shape_for(
    n: int, d: int, natural: int, whitened: int, reference: int, cacheable: bool = False
) -> Shape:
    """The shape for n points: equal blocks that fit the cache or, with much work, occupy threads.

    Threads wait for the interpreter lock after each call, so their blocks exceed the cache.
    """
    f = natural_parameters.n_statistics(d) if natural else 1 + d
    k = natural + whitened
    single = cacheable or n * (natural * f + whitened * d * d) <= _SINGLE_THREAD_WORK
    longest = _SMALL_PRODUCT // max(natural * f, whitened * d * d, 1)
    longest = min(max(longest // 8 * 8, 8), _MAX_BATCH << single)
    floats = f + 2 * k + 2 * whitened * d + 6
    most = max(8, min((_SINGLE_BLOCK if single else _THREADED_BLOCK) // k, _MAX_FLOATS // floats))
    blocks = -(-n // most)
    if not single:
        blocks = -(-blocks // MOST_THREADS) * MOST_THREADS
    m = -(-n // (blocks * longest))
    b = -(-n // (blocks * m * 8)) * 8
    return Shape(Layout(m, b, f, d), natural, whitened, reference, single)


def _n_pieces(shape: Shape) -> int:
    """How many pieces to cut a batch into so that the product of moments releases the lock."""
    m, b, f, _ = shape.layout
    pieces = 1
    while (
        not shape.single_thread
        and m * pieces * shape.natural * f <= _LOCKED_ENTRIES
        and b % (2 * pieces) == 0
    ):
        pieces *= 2
    return pieces


class Sums(NamedTuple):
    """What a pass adds up: log density (2,) with and without penalties, and weighted T.

    The sums of T are (natural, F) and (whitened, F).
    """

    logs: Array
    natural: Array
    whitened: Array

    @classmethod
    def zeros(cls, shape: Shape) -> Sums:
        """Nothing added yet."""
        f = natural_parameters.n_statistics(shape.layout.d)
        return cls(np.zeros(2), np.zeros((shape.natural, f)), np.zeros((shape.whitened, f)))


@final
class BlockKernel:
    """Arrays and views for blocks of one shape. Only the last one made in a thread is valid."""

    mixture: PreparedMixture

    def __init__(self, shape: Shape) -> None:
        (m, b, f, d), natural, whitened, reference, _ = shape
        self.shape = shape
        k = natural + whitened
        t, weights, r, self.r_t, self.y, self.c, *others = workspace_arrays(
            (f, m, b) if f > _LONG_T else (m, f, b),
            *((m, b), (m, k + 1, b), (m, b, natural)),
            *((m, whitened, d, b), (m, whitened, d, b), (m, 2, b), (m, 2, b), (m, 2, b // 8)),
        )
        self.density, self.logs, self.products = others
        # Each product of a long T has few entries unless batches lie side by side.
        self.loader = Loader(shape.layout, t.transpose(1, 0, 2) if f > _LONG_T else t, weights)
        self.eights = self.density.reshape(m, 2, 8, b // 8)
        # Row 0 holds the reference component's exp(0) = 1 until the division by the density;
        # afterwards its responsibility is 1 / density, which is row K. Rows 1 to K - 1 are
        # computed.
        self.r, self.inverse = r[:, :k], r[:, k]
        self.r_reference, self.r_computed = r[:, :reference], r[:, reference:k]
        self.r_reference[:] = 1.0
        self.summands = np.ones((2, k))  # rows: with penalties, and without
        self.r_natural, self.r_whitened = (
            r[:, reference : reference + natural],
            r[:, reference + natural : reference + k],
        )
        self.pieces = _n_pieces(shape)
        cut = (m, natural, self.pieces, b // self.pieces)
        self.r_pieces = self.r_natural.reshape(cut).transpose(0, 2, 1, 3)
        self.shift: Array | None = None

    @classmethod
    def for_this_thread(cls, shape: Shape, mixture: PreparedMixture) -> BlockKernel:
        """This thread's kernel of this shape, set to `mixture`."""
        kernel = cached(shape, lambda: cls(shape))
        kernel.mixture = mixture
        first = shape.reference
        kernel.summands[1, :first] = mixture.penalty_factors[-1]
        kernel.summands[1, first:] = mixture.penalty_factors[
            : shape.natural + shape.whitened - first
        ]
        return kernel

    def blocks(self, points: Points, ranges: Iterable[Range]) -> Iterator[Block]:
        """Block after block; each overwrites the one before."""
        return (self.loader.load(points, start, stop) for start, stop in ranges)

    def add(self, block: Block, sums: Sums) -> None:
        """Add a block to the sums."""
        self._log_joint(block)
        self._exponentials(block)
        sums.logs[:] += self._log_densities(block)
        np.divide(block.weights, self.density[:, 0], out=self.inverse)
        self.r_computed *= self.inverse[:, None]
        if self.shift is not None and self.shape.reference:
            self.inverse *= self.r_reference[:, 0]
        self._moments(block, sums)

    def log_max_responsibility(self, block: Block) -> float:
        """Weighted sum over the block of log max_k r_nk."""
        self._log_joint(block)
        self._exponentials(block)
        np.maximum.reduce(self.r, axis=1, out=self.inverse)
        self.inverse /= self.density[:, 0]
        np.log(self.inverse, out=self.inverse)
        return float(self.inverse.reshape(-1) @ block.weights.reshape(-1))

    def _log_joint(self, block: Block) -> None:
        mixture, shape = self.mixture, self.shape
        if shape.natural:
            computed = self.r_computed[:, : shape.natural - shape.reference]
            np.matmul(mixture.theta, block.t, out=computed)
        if shape.whitened:
            self._transform(block, mixture.means, mixture.whiteners)
            with np.errstate(over="ignore"):  # infinitely far away the density is 0
                np.einsum("mkdb,mkdb->mkb", self.y, self.y, out=self.r_whitened)
            self.r_whitened *= -0.5
            self.r_whitened += mixture.peaks[:, None]
            if block.within is not None:
                self.r_whitened += np.matmul(mixture.quadratic, block.within)

    def _transform(self, block: Block, centre: Array, basis: Array) -> None:
        """y = basis (z - centre), for every whitened component."""
        np.subtract(block.z[:, None], centre[:, :, None], out=self.c)
        np.matmul(basis, self.c, out=self.y)

    def _exponentials(self, block: Block) -> None:
        """Make r the exp of the log joint, shifted per point where that would leave the range."""
        if self.shift is not None:
            self.r_reference[:], self.shift = 1.0, None
        with np.errstate(over="ignore"):  # a point may be far from the reference alone
            self._exp(self.r_computed, block.rows)
        if self._in_range(self.products) or self._in_range(self.density):
            return
        self._log_joint(block)
        self.r_reference[:] = 0.0
        self.shift = self.r.max(axis=1)
        self.r -= self.shift[:, None]
        self._exp(self.r, block.rows)

    def _exp(self, r: Array, rows: int) -> None:
        """exp, its sums (1 where the block has no row), and products of eight of these."""
        np.maximum(r, MIN_EXPONENT, out=r)
        np.exp(r, out=r)
        np.matmul(self.summands, self.r, out=self.density)
        m, b, _, _ = self.shape.layout
        if rows < m * b:
            full, rest = divmod(rows, b)
            self.density[full, :, rest:] = 1.0
            self.density[full + 1 :] = 1.0
        np.multiply.reduce(self.eights, axis=2, out=self.products)

    def _in_range(self, densities: Array) -> bool:
        """Whether densities (M, 2, n), unpenalised ones being the larger, are in float64's range.

        Those relative to the reference's are at least one, and others at most a few.
        """
        if self.shape.reference:
            return bool(densities[:, 1].max() < np.inf)
        return bool(densities[:, 0].min() > MIN_DENSITY)

    def _log_densities(self, block: Block) -> Array:
        """Weighted sums of log density with and without penalties."""
        if not block.weighted and self.shift is None and self._in_range(self.products):
            return np.asarray(np.log(self.products).sum(axis=(0, 2)))
        np.log(self.density, out=self.logs)
        if self.shift is not None:
            self.logs += self.shift[:, None]
        return np.asarray(np.matmul(self.logs, block.weights[:, :, None]).sum(axis=(0, 2)))

    def _moments(self, block: Block, sums: Sums) -> None:
        m, b, f, _ = self.shape.layout
        if self.shape.natural and f > _LONG_T:
            np.copyto(self.r_t, self.r_natural.transpose(0, 2, 1))
            sums.natural[:] += np.matmul(block.t, self.r_t).sum(axis=0).T
        elif self.shape.natural:
            t = block.t.reshape(m, f, self.pieces, b // self.pieces).transpose(0, 2, 3, 1)
            sums.natural[:] += np.matmul(self.r_pieces, t).sum(axis=(0, 1))
        if self.shape.whitened:
            self._whitened_moments(block, sums.whitened)

    def _whitened_moments(self, block: Block, sums: Array) -> None:
        mixture, d = self.mixture, self.shape.layout.d
        if not mixture.same_coordinates:
            self._transform(block, mixture.centre, mixture.basis)
        i, j, _ = natural_parameters.pairs(d)
        np.multiply(self.y, self.r_whitened[:, :, None], out=self.c)
        second = np.matmul(self.c, self.y.transpose(0, 1, 3, 2)).sum(axis=0)
        if block.within is not None:
            within = np.matmul(self.r_whitened, block.within.transpose(0, 2, 1)).sum(axis=0)
            scatter = natural_parameters.symmetric(within, d)
            second += mixture.basis @ scatter @ mixture.basis.transpose(0, 2, 1)
        sums[:, 0] += self.r_whitened.sum(axis=(0, 2))
        sums[:, 1 : 1 + d] += self.c.sum(axis=(0, 3))
        sums[:, 1 + d :] += second[:, i, j]

"""The arithmetic of a pass on one block of rows, in memory that one thread keeps.

A block is M batches of B rows: T is (M, F, B) and the log joint (M, K, B). Elementwise work runs
over the whole block, so that threads seldom meet at the interpreter lock; matrix products run
batch by batch, each small enough for OpenBLAS to skip packing and to start no threads of its own.
"""

from __future__ import annotations

from typing import NamedTuple, final
from weakref import ref

import numpy as np

from . import natural
from .linalg import Array
from .local import Local
from .points import Points
from .scratch import kept, scratch

#: exp of less than this would be subnormal, which is slow; it is lost against the rest anyway.
FLOOR = -700.0
#: Products of eight densities (of the highest peak), or single ones, above this are safe.
DEEP = float(np.exp(-600.0))

_SMALL_PRODUCT = 1_000_000
_LONGEST_BATCH = 24 << 10
_ELEMENTS = 120_000
_MEMORY = 1 << 20
_LONG = 128
#: NumPy holds the interpreter lock throughout a product whose result has no more entries.
_HELD = 500


class Shape(NamedTuple):
    """M batches of B rows for T of F entries and K = near + apart components."""

    m: int
    b: int
    f: int
    near: int
    apart: int
    d: int

    @property
    def rows(self) -> int:
        """Rows in a block."""
        return self.m * self.b


def shape_for(n: int, d: int, near: int, apart: int) -> Shape:
    """The shape of block for n points that keeps both caches and threads busy."""
    f = natural.n_statistics(d) if near else 1 + d
    b = _SMALL_PRODUCT // max(near * f, apart * d * d, 1)
    b = min(max(b, 8), _LONGEST_BATCH, n + 7)
    b = b // 64 * 64 if b >= 1024 and b < n else b // 8 * 8
    floats = f + 2 * (near + apart) + 2 * apart * d + 4
    rows = min(_ELEMENTS // (near + apart), _MEMORY // floats, n)
    return Shape(max(1, rows // b), b, f, near, apart, d)


def _pieces(shape: Shape) -> int:
    """How many pieces to cut a batch into so that the product of moments lets threads run."""
    pieces = 1
    while shape.m * pieces * shape.near * shape.f <= _HELD and shape.b % (2 * pieces) == 0:
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
        f = natural.n_statistics(shape.d)
        return cls(np.zeros(2), np.zeros((shape.near, f)), np.zeros((shape.apart, f)))


@final
class Bench:
    """Arrays and views for blocks of one shape. Only the last one made in a thread is valid."""

    local: Local
    _loaded: tuple[ref[Points], int, int] | None = None

    def __init__(self, shape: Shape) -> None:
        m, b, f, near, apart, d = shape
        self.shape = shape
        self.t, self.r, self.r_t, self.density, self.products, self.inverse, self.y, self.c = (
            scratch(
                (m, f, b),
                (m, near + apart, b),
                (m, b, near),
                (m, 2, b),
                (m, 2, b // 8),
                (m, b),
                (m, apart, d, b),
                (m, apart, d, b),
            )
        )
        self.shift: Array | None = None
        self.inner: Array | None = None
        self.eighths = self.density.reshape(m, 2, 8, b // 8)
        self.sums_of = np.ones((2, near + apart))
        self.t[:, 0] = 1.0
        self.z = self.t[:, 1 : 1 + d]
        self.pairs = natural.product_views(self.t, d) if near else []
        self.r_near, self.r_apart = self.r[:, :near], self.r[:, near:]
        pieces = _pieces(shape)
        self.r_pieces = self.r_near.reshape(m, near, pieces, b // pieces).transpose(0, 2, 1, 3)
        self.t_pieces = self.t.reshape(m, f, pieces, b // pieces).transpose(0, 2, 3, 1)

    @classmethod
    def ready(cls, shape: Shape, local: Local) -> Bench:
        """This thread's bench of this shape, for the components of `local`."""
        bench = kept(shape, lambda: cls(shape))
        bench.local = local
        bench.sums_of[1] = local.lifts
        return bench

    def add(self, points: Points, start: int, stop: int, sums: Sums) -> None:
        """Add the rows start..stop, at most a block of them."""
        self._load(points, start, stop)
        self._log_joint()
        self._exponentials(stop - start)
        weight = points.weight(start, stop)
        sums.logs[:] += self._log_densities(weight, stop - start)
        np.divide(1.0, self.density[:, 0], out=self.inverse)
        flat = self.inverse.reshape(-1)
        if weight is not None:
            flat[: stop - start] *= weight
        flat[stop - start :] = 0.0
        self.r *= self.inverse[:, None]
        self._moments(sums)

    def certainty(self, points: Points, start: int, stop: int) -> float:
        """Sum over the rows start..stop of log max_k r_nk, weighted."""
        self._load(points, start, stop)
        self._log_joint()
        self._exponentials(stop - start)
        np.maximum.reduce(self.r, axis=1, out=self.inverse)
        self.inverse /= self.density[:, 0]
        logs = np.log(self.inverse).reshape(-1)[: stop - start]
        weight = points.weight(start, stop)
        return float(logs.sum() if weight is None else logs @ weight)

    def _load(self, points: Points, start: int, stop: int) -> None:
        """Fill T; rows that are missing in the last block repeat the origin.

        Data of a single block are there already, from the step before.
        """
        if self._holds(points, start, stop):
            return
        self._loaded = None
        b, whole = self.shape.b, (stop - start) // self.shape.b
        middle = start + whole * b
        if whole:
            points.centred(start, middle, self.z[:whole])
        if whole < self.shape.m:
            self.z[whole:] = 0.0
            if middle < stop:
                points.centred(middle, stop, self.z[whole : whole + 1, :, : stop - middle])
        for row, rows, out in self.pairs:
            np.multiply(row, rows, out=out)
        self.inner = points.within(start, stop, self.shape.m, b)
        if self.inner is not None and self.pairs:
            self.t[:, 1 + self.shape.d :] += self.inner
        self._loaded = (ref(points), start, stop)

    def _holds(self, points: Points, start: int, stop: int) -> bool:
        if self._loaded is None:
            return False
        held, first, last = self._loaded
        return held() is points and (first, last) == (start, stop)

    def _log_joint(self) -> None:
        local = self.local
        if self.shape.near:
            np.matmul(local.theta, self.t, out=self.r_near)
        if self.shape.apart:
            self._centred(local.means, local.whiteners)
            with np.errstate(over="ignore"):  # infinitely far has no density
                np.einsum("mkdb,mkdb->mkb", self.y, self.y, out=self.r_apart)
            self.r_apart *= -0.5
            self.r_apart += local.peaks[:, None]
            if self.inner is not None:
                self.r_apart += np.matmul(local.quadratic, self.inner)

    def _centred(self, centre: Array, basis: Array) -> None:
        np.subtract(self.z[:, None], centre[:, :, None], out=self.c)
        np.matmul(basis, self.c, out=self.y)

    def _exponentials(self, rows: int) -> None:
        """Make r the exp of the log joint, shifted by point where that would underflow."""
        self.shift = None
        self._exp(rows)
        if self.products[:, 0].min() > DEEP or self.density[:, 0].min() > DEEP:
            return
        self._log_joint()
        self.shift = self.r.max(axis=1)
        self.r -= self.shift[:, None]
        self._exp(rows)

    def _exp(self, rows: int) -> None:
        """exp, its sums (1 where the block has no row), and products of eight of these."""
        flat = self.r.reshape(-1)
        np.maximum(flat, FLOOR, out=flat)
        np.exp(flat, out=flat)
        np.matmul(self.sums_of, self.r, out=self.density)
        whole, rest = divmod(rows, self.shape.b)
        if whole < self.shape.m:
            self.density[whole, :, rest:] = 1.0
            self.density[whole + 1 :] = 1.0
        np.multiply.reduce(self.eighths, axis=2, out=self.products)

    def _log_densities(self, weight: Array | None, rows: int) -> Array:
        """Weighted sums of log density with and without handicaps."""
        if weight is None and self.shift is None and self.products[:, 0].min() > DEEP:
            return np.asarray(np.log(self.products).sum(axis=(0, 2)))
        logs = np.log(self.density)
        if self.shift is not None:
            logs += self.shift[:, None]
        flat = logs.transpose(1, 0, 2).reshape(2, -1)[:, :rows]
        return np.asarray(flat.sum(axis=1) if weight is None else flat @ weight)

    def _moments(self, sums: Sums) -> None:
        local, d = self.local, self.shape.d
        if self.shape.near and self.shape.f > _LONG:
            np.copyto(self.r_t, self.r_near.transpose(0, 2, 1))
            sums.near[:] += np.matmul(self.t, self.r_t).sum(axis=0).T
        elif self.shape.near:
            sums.near[:] += np.matmul(self.r_pieces, self.t_pieces).sum(axis=(0, 1))
        if self.shape.apart:
            if not local.same:
                self._centred(local.centre, local.basis)
            i, j, _ = natural.pairs(d)
            np.multiply(self.y, self.r_apart[:, :, None], out=self.c)
            second = np.matmul(self.c, self.y.transpose(0, 1, 3, 2)).sum(axis=0)
            if self.inner is not None:
                within = np.matmul(self.r_apart, self.inner.transpose(0, 2, 1)).sum(axis=0)
                scatter = natural.symmetric(within, d)
                second += local.basis @ scatter @ local.basis.transpose(0, 2, 1)
            sums.apart[:, 0] += self.r_apart.sum(axis=(0, 2))
            sums.apart[:, 1 : 1 + d] += self.c.sum(axis=(0, 3))
            sums.apart[:, 1 + d :] += second[:, i, j]

"""Densities and responsibilities of rows under a mixture, block by block, in several threads.

A pass of EM only adds up; here every row gets an answer. Rows may be of any real type; only blocks
of them are converted to float64.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar, final

import numpy as np
from numpy.typing import NDArray

from gmm_widget.core.linalg import Array

from . import natural_parameters
from .prepared_density import PreparedDensity
from .threads import Poll, in_order
from .workspace import cached, workspace_arrays

Result = TypeVar("Result")

#: exp of less would be subnormal, which is slow: it becomes `_LEAST`, and 0 as a responsibility.
_MIN_EXPONENT = -700.0
_LEAST = np.exp(_MIN_EXPONENT)
#: OpenBLAS skips packing for products of up to so many multiplications, on AVX-512.
_SMALL_PRODUCT = 1_000_000
#: Floats of a thread's workspace: 4 MB, so that four threads take 16.
_MAX_FLOATS = 1 << 19
_MAX_BATCH, _MAX_BATCHES = 4096, 8
#: Passes of less work (rows x components) than this take less time than to wake a thread.
_SINGLE_THREAD_WORK = 60_000


class _Shape(NamedTuple):
    """M batches of B rows in a block, D columns, F statistics, and K components of each kind."""

    m: int
    b: int
    d: int
    f: int
    natural: int
    whitened: int


def _shape_for(n: int, density: PreparedDensity) -> _Shape:
    """The blocks for n rows."""
    k, d = density.means.shape
    natural, whitened = len(density.natural), len(density.whitened)
    f = natural_parameters.n_statistics(d) if natural else 0
    longest = _SMALL_PRODUCT // max(natural * f, d * d)
    floats = f + 3 * d * bool(whitened) + 2 * k + 3
    b = max(8, min(longest, _MAX_BATCH, _MAX_FLOATS // floats) // 8 * 8)
    m = max(1, min(_MAX_BATCHES, _MAX_FLOATS // (floats * b), -(-n // b)))
    return _Shape(m, max(8, min(b, -(-n // 8) * 8)), d, f, natural, whitened)


@final
class _Kernel:
    """A thread's arrays for blocks of one shape."""

    density: PreparedDensity

    def __init__(self, shape: _Shape) -> None:
        self.shape = shape
        m, b, d, f, natural, whitened = shape
        k, apart = natural + whitened, d if whitened else 0
        self.t, self.x, self.c, self.y, self.joint, self.r, self.top, self.sum = workspace_arrays(
            *((m, f, b), (m, apart, b), (m, apart, b), (m, apart, b)),
            *((m, k, b), (m, k, b), (m, b), (m, b)),
        )
        self.products = []
        if natural:
            self.t[:, 0] = 1.0
            self.products = natural_parameters.product_views(self.t, d)
        self.z = self.t[:, 1 : 1 + d]
        self.zero = np.arange(0)

    def log_joint(self, rows: NDArray[Any]) -> None:
        """Fill `joint` (M, K, B) for a block of rows, and its largest entry of each row, `top`.

        Components in the order of the density's `natural`, then `whitened`; `zero` are the rows
        of no density (see `PreparedDensity.far_log_joint`).
        """
        density, shape = self.density, self.shape
        with np.errstate(over="ignore", invalid="ignore"):  # looked for below
            if shape.natural:
                self._fill(self.z, rows, density.origin)
                for row, others, out in self.products:
                    np.multiply(row, others, out=out)
                np.matmul(density.theta, self.t, out=self.joint[:, : shape.natural])
            if shape.whitened:
                self._fill(self.x, rows, np.zeros(shape.d))
                for place, k in enumerate(density.whitened, start=shape.natural):
                    np.subtract(self.x, density.means[k][:, None], out=self.c)
                    np.matmul(density.whiteners[k], self.c, out=self.y)
                    np.einsum("mdb,mdb->mb", self.y, self.y, out=self.joint[:, place])
                    self.joint[:, place] *= -0.5
                    self.joint[:, place] += density.peaks[k]
        self._find_top()
        if not np.isfinite(self.top).all():
            self._evaluate_far(rows)

    def relative_densities(self) -> None:
        """Make r the densities divided by the largest of each row, and sum their sum."""
        np.subtract(self.joint, self.top[:, None], out=self.r)
        np.maximum(self.r, _MIN_EXPONENT, out=self.r)
        np.exp(self.r, out=self.r)
        np.add.reduce(self.r, axis=1, out=self.sum)

    def log_densities(self, n: int) -> Array:
        """The log densities of the n rows of the block, after `relative_densities`."""
        logs = np.log(self.sum).reshape(-1)
        logs += self.top.reshape(-1)
        logs[self.zero] = -np.inf
        return logs[:n]

    def _find_top(self) -> None:
        self.zero = self.zero[:0]
        np.maximum.reduce(self.joint, axis=1, out=self.top)

    def _fill(self, out: Array, rows: NDArray[Any], origin: Array) -> None:
        """Write rows - origin, transposed, into out (M, D, B); 0 where there is no row."""
        b, d = self.shape.b, self.shape.d
        full = len(rows) // b
        parts = [(out[:full], rows[: full * b].reshape(full, b, d))]
        if full < len(out):
            rest = rows[full * b :]
            out[full:] = 0.0
            parts.append((out[full : full + 1, :, : len(rest)], rest[None]))
        for target, part in parts:
            np.subtract(
                part.transpose(0, 2, 1), origin[:, None], target, dtype=np.float64, casting="unsafe"
            )

    def _evaluate_far(self, rows: NDArray[Any]) -> None:
        """Evaluate the rows again that are too far away for a square to be a number."""
        far = np.flatnonzero(~np.isfinite(self.top.reshape(-1)[: len(rows)]))
        joint, zero = self.density.far_log_joint(rows[far].astype(np.float64))
        m, b = np.divmod(far, self.shape.b)
        self.joint[m, :, b] = joint[:, self.density.order]
        self._find_top()
        self.zero = far[zero]


def log_densities(density: PreparedDensity, rows: NDArray[Any]) -> Array:
    """Log density (N,) of rows (N, D)."""
    out = np.empty(len(rows))

    def write(kernel: _Kernel, start: int, stop: int) -> None:
        kernel.relative_densities()
        out[start:stop] = kernel.log_densities(stop - start)

    _over_blocks(density, rows, write)
    return out


def responsibilities(density: PreparedDensity, rows: NDArray[Any]) -> Array:
    """Probability (N, K) that each of rows (N, D) came from each component."""
    out = np.empty((len(rows), len(density.means)))

    def write(kernel: _Kernel, start: int, stop: int) -> None:
        kernel.relative_densities()
        kernel.r -= _LEAST
        factor = np.divide(1.0, kernel.sum, out=kernel.sum).reshape(-1)[: stop - start]
        for place, k in enumerate(density.order):
            r = kernel.r[:, place].reshape(-1)[: stop - start]
            np.multiply(r, factor, out=out[start:stop, k])

    _over_blocks(density, rows, write)
    return out


def labels(density: PreparedDensity, rows: NDArray[Any]) -> NDArray[np.int64]:
    """The component (N,) of the largest responsibility of each of rows (N, D)."""
    out = np.zeros(len(rows), dtype=np.int64)
    _over_blocks(density, rows, lambda kernel, a, b: _write_labels(kernel, out[a:b]))
    return out


def assignments(
    density: PreparedDensity, rows: NDArray[Any]
) -> tuple[NDArray[np.int64], Array, Array]:
    """The most probable component (N,), its probability (N,) and the log density (N,)."""
    component = np.zeros(len(rows), dtype=np.int64)
    probability, logs = np.empty((2, len(rows)))

    def write(kernel: _Kernel, start: int, stop: int) -> None:
        _write_labels(kernel, component[start:stop])
        kernel.relative_densities()
        logs[start:stop] = kernel.log_densities(stop - start)
        np.divide(1.0, kernel.sum.reshape(-1)[: stop - start], out=probability[start:stop])

    _over_blocks(density, rows, write)
    return component, probability, logs


def total_log_density(density: PreparedDensity, rows: NDArray[Any], weight: Array | None) -> float:
    """Sum of the log densities of rows (N, D), times their weights (N,) if there are any."""

    def add(kernel: _Kernel, start: int, stop: int) -> float:
        kernel.relative_densities()
        logs = kernel.log_densities(stop - start)
        if weight is None:
            return float(logs.sum())
        used = weight[start:stop]
        return float(np.where(used > 0, logs, 0.0) @ used)  # -inf counts only with a weight

    return float(np.sum(_over_blocks(density, rows, add)))


def _write_labels(kernel: _Kernel, out: NDArray[np.int64]) -> None:
    """The component with the largest log joint of each row; the first of several."""
    order = kernel.density.order
    for place in np.argsort(order)[::-1]:
        largest = kernel.joint[:, place] == kernel.top
        np.copyto(out, order[place], where=largest.reshape(-1)[: len(out)])


def _over_blocks(
    density: PreparedDensity, rows: NDArray[Any], use: Callable[[_Kernel, int, int], Result]
) -> list[Result]:
    """The results of `use`, called for the rows start..stop of each block."""
    shape = _shape_for(len(rows), density)
    size = shape.m * shape.b
    starts = range(0, len(rows), size)
    per_part = len(starts) if len(rows) * len(density.order) < _SINGLE_THREAD_WORK else 1

    def worker() -> Callable[[int, Poll], list[Result]]:
        kernel = cached(("evaluation", shape), lambda: _Kernel(shape))
        kernel.density = density

        def task(part: int, check: Poll) -> list[Result]:
            results = []
            for start in starts[part * per_part : (part + 1) * per_part]:
                check()
                stop = min(start + size, len(rows))
                kernel.log_joint(rows[start:stop])
                results.append(use(kernel, start, stop))
            return results

        return task

    parts = in_order(-(-len(starts) // max(per_part, 1)), worker)
    return [result for part in parts for result in part]

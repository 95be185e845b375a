"""A mixture evaluated row by row: log densities, responsibilities, the most probable component.

Rows are read in blocks straight from the input array, in several threads, so that memory beyond
input and output stays at a few megabytes. Within a block most components are evaluated by natural
parameters; those whose rounding error would be too large for these rows are whitened instead.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from .density import LOG_2PI
from .linalg import Array, CholeskyFactors
from .passes import natural_parameters
from .passes.threads import in_order

#: Rows of a block: T and the log joints of a few components fit the cache.
_ROWS = 4096
#: Components are whitened where an upper bound of R^2 (see `passes.prepared_mixture`) over the rows
#: of a block exceeds this: log joints then err by less than 1e-9, mostly by less than 1e-12.
_MAX_CONDITIONING = 2.0**22
#: With more columns than this T is so long that whitening every component is faster.
_MAX_NATURAL_COLUMNS = 40

Finish = Callable[[Array, slice], None]


@final
class RowEvaluator:
    """Log joints of blocks of rows, in coordinates (x - origin) / scale of the mixture's own."""

    def __init__(self, weights: Array, means: Array, factors: CholeskyFactors) -> None:
        d = means.shape[1]
        self.origin = np.asarray(weights @ means / weights.sum())
        spread = np.abs(means - self.origin).max(axis=0)
        spread = np.maximum(spread, np.abs(factors.lower).max(axis=(0, 2)))
        self.scale = np.exp2(np.round(np.log2(np.where(spread > 0, spread, 1.0))))
        self.means = (means - self.origin) / self.scale
        self.whiteners = factors.whiteners * self.scale
        precisions = self.whiteners.transpose(0, 2, 1) @ self.whiteners
        self.sizes = np.abs(precisions)
        self.peaks = np.log(weights) - (d * LOG_2PI + factors.log_determinants) / 2
        self.natural = d <= _MAX_NATURAL_COLUMNS and bool(np.isfinite(precisions).all())
        if self.natural:
            self.theta = natural_parameters.parameters(self.peaks, self.means, precisions)

    def log_joint(self, rows: NDArray[Any], t: Array, joint: Array) -> None:
        """Write the log joints (K, B) of rows (B, D); `t` (F, B) is working memory."""
        d = len(self.origin)
        t[0] = 1.0
        z = t[1 : 1 + d]
        np.subtract(rows.T, self.origin[:, None], out=z, dtype=np.float64, casting="unsafe")
        z /= self.scale[:, None]
        far = np.abs(z).max(axis=1) + np.abs(self.means)
        with np.errstate(over="ignore"):
            size = ((self.sizes @ far[:, :, None])[:, :, 0] * far).sum(axis=1)
        whitened = np.flatnonzero(~(size <= _MAX_CONDITIONING) | (not self.natural))
        if len(whitened) < len(joint):
            for row, others, out in natural_parameters.product_views(t[None], d):
                np.multiply(row, others, out=out)
            np.matmul(self.theta, t, out=joint)
        for k in whitened:
            with np.errstate(over="ignore", invalid="ignore"):
                y = self.whiteners[k] @ (z - self.means[k][:, None])
                joint[k] = np.nan_to_num(np.einsum("db,db->b", y, y), nan=np.inf, posinf=np.inf)
            joint[k] *= -0.5
            joint[k] += self.peaks[k]

    def nearest(self, row: Array) -> int:
        """The component whose log joint is highest at a row where all of them underflow to -inf."""
        z = row / np.abs(row).max()
        y = self.whiteners @ ((z - self.origin / np.abs(row).max()) / self.scale)
        return int(np.einsum("kd,kd->k", y, y).argmin())


def log_density(evaluator: RowEvaluator, rows: NDArray[Any]) -> Array:
    """Log densities (N,) in nats."""
    out = np.empty(len(rows))

    def finish(joint: Array, block: slice) -> None:
        top = joint.max(axis=0)
        joint -= np.where(np.isfinite(top), top, 0.0)
        np.exp(joint, out=joint)
        with np.errstate(divide="ignore"):  # so far away the density is 0
            out[block] = np.log(joint.sum(axis=0))
        out[block] += top

    _over_blocks(evaluator, rows, finish)
    return out


def responsibilities(evaluator: RowEvaluator, rows: NDArray[Any]) -> Array:
    """Responsibilities (N, K)."""
    out = np.empty((len(rows), len(evaluator.means)))

    def finish(joint: Array, block: slice) -> None:
        top = joint.max(axis=0)
        lost = np.flatnonzero(~np.isfinite(top))
        joint[:, lost] = -np.inf
        for i in lost:
            joint[evaluator.nearest(rows[block.start + i].astype(np.float64)), i] = 0.0
        top[lost] = 0.0
        joint -= top
        np.exp(joint, out=joint)
        joint /= joint.sum(axis=0)
        out[block] = joint.T

    _over_blocks(evaluator, rows, finish)
    return out


def labels(evaluator: RowEvaluator, rows: NDArray[Any]) -> NDArray[np.int64]:
    """The most probable component (N,) of each row."""
    out = np.empty(len(rows), dtype=np.int64)

    def finish(joint: Array, block: slice) -> None:
        out[block] = joint.argmax(axis=0)
        for i in np.flatnonzero(~np.isfinite(joint.max(axis=0))):
            out[block.start + i] = evaluator.nearest(rows[block.start + i].astype(np.float64))

    _over_blocks(evaluator, rows, finish)
    return out


def _over_blocks(evaluator: RowEvaluator, rows: NDArray[Any], finish: Finish) -> None:
    """Evaluate all blocks; `finish` reads and may overwrite the log joints (K, B) of each."""
    k, d = evaluator.means.shape
    f = natural_parameters.n_statistics(d) if evaluator.natural else 1 + d
    size = max(64, min(_ROWS, (1 << 19) // max(k, f)))

    def worker() -> Callable[[int, Callable[[], object]], None]:
        t, joint = np.empty((f, size)), np.empty((k, size))

        def evaluate(i: int, check: Callable[[], object]) -> None:
            check()
            block = slice(i * size, min((i + 1) * size, len(rows)))
            n = block.stop - block.start
            # A shorter last block gets memory of its own: views of it must be contiguous.
            mine = (t, joint) if n == size else (np.empty((f, n)), np.empty((k, n)))
            evaluator.log_joint(rows[block], *mine)
            finish(mine[1], block)

        return evaluate

    in_order(-(-len(rows) // size), worker)

"""Passes over the points: chunks of blocks in several threads, their results in a fixed order.

The N x K responsibilities are never stored: E-step and M-step share each block while it is in the
cache.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

import numpy as np

from gmm_widget.core.points import Points

from .block_kernel import BlockKernel, Sums, shape_for
from .blocks import Block, cacheable, cached_blocks
from .prepared_mixture import PreparedMixture
from .threads import Poll, Task, in_order

Result = TypeVar("Result")
_CHUNKS = 64


def sums(points: Points, mixture: PreparedMixture, poll: Poll | None) -> Sums:
    """Log density and moments, summed over all points."""

    def accumulate(kernel: BlockKernel, blocks: Iterable[Block], check: Poll) -> Sums:
        total = Sums.zeros(kernel.shape)
        for block in blocks:
            check()
            kernel.add(block, total)
        return total

    parts = _over_chunks(points, mixture, accumulate, poll)
    if len(parts) == 1:
        return parts[0]
    return Sums(*(np.sum(column, axis=0) for column in zip(*parts, strict=True)))


def log_max_responsibility(points: Points, mixture: PreparedMixture, poll: Poll | None) -> float:
    """Sum over all points of log max_k r_nk."""

    def accumulate(kernel: BlockKernel, blocks: Iterable[Block], check: Poll) -> float:
        total = 0.0
        for block in blocks:
            check()
            total += kernel.log_max_responsibility(block)
        return total

    return float(sum(_over_chunks(points, mixture, accumulate, poll)))


def _over_chunks(
    points: Points,
    mixture: PreparedMixture,
    accumulate: Callable[[BlockKernel, Iterable[Block], Poll], Result],
    poll: Poll | None,
) -> list[Result]:
    """The result of `accumulate` for each chunk, a run of blocks, in the order of the rows."""
    counts = len(mixture.natural), len(mixture.whitened), mixture.reference
    keep = cacheable(points)
    shape = shape_for(points.n, points.d, *counts, keep)
    if keep:
        blocks = cached_blocks(points, shape.layout)
        kernel = BlockKernel.for_this_thread(shape, mixture)
        return [accumulate(kernel, blocks, poll or (lambda: None))]
    ranges = shape.layout.ranges(points.n)
    size = -(-len(ranges) // (1 if shape.single_thread else _CHUNKS))

    def worker() -> Task[Result]:
        kernel = BlockKernel.for_this_thread(shape, mixture)
        return lambda i, check: accumulate(
            kernel, kernel.blocks(points, ranges[i * size : (i + 1) * size]), check
        )

    return in_order(-(-len(ranges) // size), worker, poll)

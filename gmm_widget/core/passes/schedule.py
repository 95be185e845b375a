"""Passes over the points: blocks gathered in strips, strips merged in a fixed order.

The N x K responsibilities are never stored: E-step and M-step share each block while it is in the
cache.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

import numpy as np

from gmm_widget.core.points import Points

from .block_kernel import BlockKernel, Sums, shape_for
from .blocks import Block, cached_blocks, few
from .prepared_mixture import PreparedMixture
from .threads import Poll, Task, in_order

Result = TypeVar("Result")
_STRIPS = 64


def sums(points: Points, local: PreparedMixture, poll: Poll | None) -> Sums:
    """Log density and moments, added up over all points."""

    def gather(bench: BlockKernel, blocks: Iterable[Block], check: Poll) -> Sums:
        total = Sums.zeros(bench.shape)
        for block in blocks:
            check()
            bench.add(block, total)
        return total

    parts = _sweep(points, local, gather, poll)
    if len(parts) == 1:
        return parts[0]
    return Sums(*(np.sum(column, axis=0) for column in zip(*parts, strict=True)))


def certainty(points: Points, local: PreparedMixture, poll: Poll | None) -> float:
    """Sum over all points of log max_k r_nk."""

    def gather(bench: BlockKernel, blocks: Iterable[Block], check: Poll) -> float:
        total = 0.0
        for block in blocks:
            check()
            total += bench.certainty(block)
        return total

    return float(sum(_sweep(points, local, gather, poll)))


def _sweep(
    points: Points,
    local: PreparedMixture,
    gather: Callable[[BlockKernel, Iterable[Block], Poll], Result],
    poll: Poll | None,
) -> list[Result]:
    """What `gather` makes of each strip, a run of blocks, in the order of the rows."""
    parts = len(local.near), len(local.apart), local.reference
    kept = few(points)
    shape = shape_for(points.n, points.d, *parts, kept)
    if kept:
        blocks = cached_blocks(points, shape.layout)
        return [gather(BlockKernel.ready(shape, local), blocks, poll or (lambda: None))]
    ranges = shape.layout.ranges(points.n)
    size = -(-len(ranges) // (1 if shape.alone else _STRIPS))

    def worker() -> Task[Result]:
        bench = BlockKernel.ready(shape, local)
        return lambda i, check: gather(
            bench, bench.blocks(points, ranges[i * size : (i + 1) * size]), check
        )

    return in_order(-(-len(ranges) // size), worker, poll)

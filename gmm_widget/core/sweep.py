"""Passes over the points: blocks gathered in strips, strips merged in a fixed order.

The N x K responsibilities are never stored: E-step and M-step share each block while it is in the
cache.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import numpy as np

from .bench import Bench, Shape, Sums, shape_for
from .local import Local
from .points import Points
from .threads import Poll, Task, in_order

Result = TypeVar("Result")
_STRIPS = 64


def sums(points: Points, local: Local, poll: Poll | None) -> Sums:
    """Log density and moments, added up over all points."""

    def gather(bench: Bench, ranges: list[tuple[int, int]], check: Poll) -> Sums:
        total = Sums.zeros(bench.shape)
        for start, stop in ranges:
            check()
            bench.add(points, start, stop, total)
        return total

    parts = _sweep(points, local, gather, poll)
    if len(parts) == 1:
        return parts[0]
    return Sums(*(np.sum(column, axis=0) for column in zip(*parts, strict=True)))


def certainty(points: Points, local: Local, poll: Poll | None) -> float:
    """Sum over all points of log max_k r_nk."""

    def gather(bench: Bench, ranges: list[tuple[int, int]], check: Poll) -> float:
        total = 0.0
        for start, stop in ranges:
            check()
            total += bench.certainty(points, start, stop)
        return total

    return float(sum(_sweep(points, local, gather, poll)))


def _sweep(
    points: Points,
    local: Local,
    gather: Callable[[Bench, list[tuple[int, int]], Poll], Result],
    poll: Poll | None,
) -> list[Result]:
    """What `gather` makes of each strip, a list of ranges of rows, in the order of the rows."""
    shape = shape_for(points.n, points.d, len(local.near), len(local.apart))
    strips = _strips(points.n, shape)

    def worker() -> Task[Result]:
        bench = Bench.ready(shape, local)
        return lambda part, check: gather(bench, strips[part], check)

    return in_order(len(strips), worker, poll)


def _strips(n: int, shape: Shape) -> list[list[tuple[int, int]]]:
    rows = shape.rows
    ranges = [(start, min(n, start + rows)) for start in range(0, n, rows)]
    size = -(-len(ranges) // _STRIPS)
    return [ranges[i : i + size] for i in range(0, len(ranges), size)]

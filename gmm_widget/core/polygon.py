"""Rows of the data that lie inside a polygon, and what they say of a component.

A hand that draws a line around points says which belong together. The rows are visited in
blocks, as everywhere, so the data may be of any size.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple, final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import checks
from .linalg import Array
from .mixture import Mixture
from .moments import Moments, merge
from .points import Points

MAX_VERTICES = 512
_ROWS = 65_536


@final
class PolygonSide(NamedTuple):
    """Some of the rows: how many, their weight, mean (D,) and covariance (D, D); data's units."""

    rows: int
    weight: float
    mean: Array
    covariance: Array


def inside(polygon: ArrayLike, xy: ArrayLike) -> NDArray[np.bool_]:
    """Which of the points xy (N, 2) lie inside the polygon (V, 2), by the even-odd rule.

    A point is inside if a ray from it to the left crosses the outline an odd number of times
    (Shimrat 1962, "Position of point relative to polygon"). Each side sees only the points at its
    own height: these are sorted once.
    """
    outline, points = _outline(polygon), np.asarray(xy, dtype=np.float64)
    order = np.argsort(points[:, 1], kind="stable")
    x, y = points[order].T
    odd = np.zeros(len(points), np.bool_)
    for (x0, y0), (x1, y1) in zip(outline, np.roll(outline, -1, axis=0), strict=True):
        first, last = np.searchsorted(y, (min(y0, y1), max(y0, y1)))
        if first == last:
            continue
        at = x0 + (y[first:last] - y0) / (y1 - y0) * (x1 - x0)
        odd[first:last] ^= at < x[first:last]
    found = np.empty_like(odd)
    found[order] = odd
    return found


def split_rows(
    points: Points,
    polygon: ArrayLike,
    dims: Sequence[int],
    mixture: Mixture | None = None,
    component: int = 0,
    *,
    poll: Callable[[], None] | None = None,
) -> tuple[PolygonSide, PolygonSide]:
    """The rows inside the polygon (V, 2) in the columns `dims`, and those outside.

    With a mixture, a row counts by its responsibility under that component. `rows` are whole
    rows all the same. `poll` is called between blocks and may raise to give up.
    """
    plane = checks.columns(dims, points.d)
    sums = [_nothing(points.d), _nothing(points.d)]
    rows = [0, 0]
    for start in range(0, points.n, _ROWS):
        if poll is not None:
            poll()
        stop = min(start + _ROWS, points.n)
        block = np.asarray(points.rows[start:stop], dtype=np.float64)
        given = points.weight(start, stop)
        weight = np.ones(len(block)) if given is None else given
        if mixture is not None:
            weight = weight * mixture.responsibilities(block)[:, component]
        within = inside(polygon, block[:, plane])
        for side, chosen in enumerate((within, ~within)):
            rows[side] += int(chosen.sum())
            sums[side] = merge(sums[side], _moments(block[chosen], weight[chosen]))
    return _part(rows[0], sums[0]), _part(rows[1], sums[1])


def _outline(polygon: ArrayLike) -> Array:
    outline = np.asarray(polygon, dtype=np.float64)
    if outline.ndim != 2 or outline.shape[1] != 2 or not 3 <= len(outline) <= MAX_VERTICES:
        raise ValueError(
            f"a polygon has 3 to {MAX_VERTICES} corners of two numbers each; "
            f"got an array of shape {outline.shape}"
        )
    if not np.isfinite(outline).all():
        corner = int(np.argmin(np.isfinite(outline).all(axis=1)))
        raise ValueError(f"corner {corner} of the polygon is not two finite numbers")
    return outline


def _nothing(d: int) -> Moments:
    return Moments(np.zeros(1), np.zeros((1, d)), np.zeros((1, d, d)))


def _moments(rows: Array, weight: Array) -> Moments:
    total = weight.sum()
    if not total > 0:
        return _nothing(rows.shape[1])
    mean = weight @ rows / total
    off = rows - mean
    scatter = (off * weight[:, None]).T @ off
    return Moments(np.array([total]), mean[None], (scatter + scatter.T)[None] / 2)


def _part(rows: int, moments: Moments) -> PolygonSide:
    weight = float(moments.counts[0])
    covariance = moments.scatters[0] / weight if weight > 0 else moments.scatters[0]
    return PolygonSide(rows, weight, moments.means[0], covariance)

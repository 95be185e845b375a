"""Rows of the data inside and outside a polygon that a user drew, and the moments of each side.

The rows are visited in blocks, so the data may be of any size.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple, final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .frozen import locked
from .linalg import Array
from .mixture import Mixture
from .moments import Moments, merge, weighted_moments
from .points import Points
from .validation import checked_columns

MAX_VERTICES = 512
_ROWS = 65_536


@final
class PolygonSide(NamedTuple):
    """The rows on one side: number, weight, mean (D,), covariance (D, D), in the data's units."""

    rows: int
    weight: float
    mean: Array
    covariance: Array


def inside(polygon: ArrayLike, xy: ArrayLike) -> NDArray[np.bool_]:
    """Which of the points xy (N, 2) lie inside the polygon (V, 2), by the even-odd rule.

    A point is inside if a ray from it to the left crosses the outline an odd number of times
    (Shimrat 1962, "Position of point relative to polygon"). The points are sorted by height once,
    so that each edge is compared only with those at its own height.
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

    With a mixture, the weight of a row is multiplied by the responsibility of `component`; `rows`
    counts whole rows. `poll` is called between blocks and may raise to abandon the pass.
    """
    plane = checked_columns(dims, points.d)
    sums = [_no_moments(points.d), _no_moments(points.d)]
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
        selected = inside(polygon, block[:, plane])
        for side, chosen in enumerate((selected, ~selected)):
            rows[side] += int(chosen.sum())
            one = np.ones((chosen.sum(), 1))
            sums[side] = merge(sums[side], weighted_moments(block[chosen], weight[chosen], one))
    return _side(rows[0], sums[0]), _side(rows[1], sums[1])


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


def _no_moments(d: int) -> Moments:
    return Moments(np.zeros(1), np.zeros((1, d)), np.zeros((1, d, d)))


def _side(rows: int, moments: Moments) -> PolygonSide:
    weight = float(moments.counts[0])
    covariance = moments.scatters[0] / (weight if weight > 0 else 1.0)
    return PolygonSide(rows, weight, moments.means[0], locked(covariance))

"""New components from the rows inside a polygon.

A new component gets the moments of the rows inside. To split a component, both halves get the
moments of the rows on their side, weighted by the component's responsibilities.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from gmm_widget.core import edits
from gmm_widget.core.linalg import Array, cholesky
from gmm_widget.core.mixture import Mixture
from gmm_widget.core.points import Points
from gmm_widget.core.polygon import PolygonSide, split_rows
from gmm_widget.session.coded_text import letter
from gmm_widget.session.edits import check_room, with_components
from gmm_widget.session.settings import Poll, Settings
from gmm_widget.session.state import State, free_id

_MIN_SHARE = 1e-9  # of a component's weight: less on one side is no split


def carve(
    points: Points,
    state: State,
    _: Settings,
    poll: Poll | None = None,
    *,
    polygon: ArrayLike,
    dims: Sequence[int],
    component: int | None = None,
) -> State:
    """Add a component made of the rows inside the polygon (V, 2) in columns `dims`.

    With `component`, that one is split into its rows inside and outside instead. ValueError if
    there are too few rows for a component, or they lie on a line.
    """
    check_room(state)
    if component is None:
        grown = _new(points, state, polygon, dims, poll)
    else:
        grown = _split(points, state, polygon, dims, component, poll)
    k = state.mixture.n_components
    return with_components(state, grown, (*state.ids, free_id(state.ids)), (*range(k), None))


def _new(
    points: Points, state: State, polygon: ArrayLike, dims: Sequence[int], poll: Poll | None
) -> Mixture:
    within, rest = split_rows(points, polygon, dims, poll=poll)
    shape = _shape(state, within, "in the selection")
    if not rest.weight > 0:
        raise ValueError("all points are inside the selection: leave some outside")
    share = within.weight / (within.weight + rest.weight)
    return edits.add(state.mixture, within.mean, shape, share)


def _split(
    points: Points,
    state: State,
    polygon: ArrayLike,
    dims: Sequence[int],
    component: int,
    poll: Poll | None,
) -> Mixture:
    i, old = state.index(component), state.mixture
    within, rest = split_rows(points, polygon, dims, old, i, poll=poll)
    name = letter(component)
    total = within.weight + rest.weight
    for part, where in ((within, "inside"), (rest, "outside")):
        if not part.weight > _MIN_SHARE * total:
            raise ValueError(f"component {name} has no points {where} the selection")
    fresh = _shape(state, within, f"of {name} in the selection")
    left = _shape(state, rest, f"of {name} outside the selection")
    weights, means, shapes = old.weights.copy(), old.means.copy(), old.covariances.copy()
    weights[i] *= rest.weight / total
    means[i], shapes[i] = rest.mean, left
    return Mixture(
        np.append(weights, old.weights[i] - weights[i]),
        np.vstack([means, within.mean]),
        np.concatenate([shapes, fresh[None]]),
    )


def _shape(state: State, part: PolygonSide, which: str) -> Array:
    """The covariance of some rows, projected onto the structure; ValueError if it is singular."""
    d = state.mixture.n_features
    if part.rows <= d:
        points = "1 point is" if part.rows == 1 else f"{part.rows} points are"
        raise ValueError(
            f"{points} {which}: a component in {d} columns needs {d + 1} or more; draw a larger one"
        )
    if state.structure.shared:
        return np.array(state.mixture.covariances[0])
    shape = state.structure.project(part.covariance, range(d))
    try:
        cholesky(shape[None])
    except ValueError:
        raise ValueError(
            f"the {part.rows} points {which} lie on a line or plane: draw around more of them"
        ) from None
    return shape

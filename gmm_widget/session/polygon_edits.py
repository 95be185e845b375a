"""Components made from the rows inside a polygon.

A new component takes the moments of the rows inside. To split a component, its rows are
divided: each counts by its responsibility, and both halves take the moments of their side.
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
from gmm_widget.session.edits import renamed, room_for_one_more
from gmm_widget.session.settings import Poll, Settings
from gmm_widget.session.state import State, free_id, letter

_LEAST = 1e-9  # of a component's weight: less counts as nothing


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
    """The state with one more component: of the rows inside the polygon (V, 2) in columns
    `dims`.

    With a component, that one is split into its rows inside and its rows outside. ValueError if
    the rows are too few for a component, or lie on one line.
    """
    room_for_one_more(state)
    if component is None:
        grown = _new(points, state, polygon, dims, poll)
    else:
        grown = _split(points, state, polygon, dims, component, poll)
    k = state.mixture.n_components
    return renamed(state, grown, (*state.ids, free_id(state.ids)), (*range(k), None))


def _new(
    points: Points, state: State, polygon: ArrayLike, dims: Sequence[int], poll: Poll | None
) -> Mixture:
    within, rest = split_rows(points, polygon, dims, poll=poll)
    shape = _shape(state, within, "in the selection")
    if not rest.weight > 0:
        raise ValueError("the selection holds all of the points: leave some of them outside")
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
    whole = within.weight + rest.weight
    for part, where in ((within, "inside"), (rest, "outside")):
        if not part.weight > _LEAST * whole:
            raise ValueError(f"component {name} has no points {where} the selection")
    fresh = _shape(state, within, f"of {name} in the selection")
    left = _shape(state, rest, f"of {name} outside the selection")
    weights, means, shapes = old.weights.copy(), old.means.copy(), old.covariances.copy()
    weights[i] *= rest.weight / whole
    means[i], shapes[i] = rest.mean, left
    return Mixture(
        np.append(weights, old.weights[i] - weights[i]),
        np.vstack([means, within.mean]),
        np.concatenate([shapes, fresh[None]]),
    )


def _shape(state: State, part: PolygonSide, which: str) -> Array:
    """The covariance of some rows under the structure; ValueError if it would be singular."""
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
            f"the {part.rows} points {which} lie on one line or plane, which has no width: "
            "draw around more of them"
        ) from None
    return shape

"""The state that a saved HTML page embeds, so that it can be viewed and dragged off line."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any

import numpy as np

from gmm_widget.protocol import outgoing
from gmm_widget.protocol.history_view import describe_trace
from gmm_widget.session.plane import Plane
from gmm_widget.session.session import Session

MOST_POINTS = 50_000  # 8 bytes each; above this a page holds counts on a grid
GRID = 384  # cells a side of these counts


def handout_state(
    session: Session, plane: Plane, columns: Sequence[str], height: int
) -> dict[str, Any]:
    """The widget's traits as JSON values, and the points in the plane if they are few enough.

    `points` is float32 x0 y0 x1 y1 ..., (value - origin) / scale, little-endian, in base64; or
    None, and then `traits._preview` counts the points on a finer grid. `weighted` says that rows
    had weights, which are not saved.
    """
    few = len(plane.values) <= MOST_POINTS
    preview = plane.preview() if few else plane.preview(GRID)
    points = [plane.chunk(i).astype("<f4").tobytes() for i in range(plane.chunks if few else 0)]
    fit, view = (
        outgoing.describe(session, {}, None),
        outgoing.describe_view(session, plane, columns),
    )
    return {
        "traits": {
            "mixture": session.state.mixture.to_json(),
            "_fit": {**fit, "can_undo": False, "can_redo": False, "speed": None},
            "covariance_type": session.state.structure.name,
            "running": False,
            "_trace": describe_trace(session.history),
            "_view": {**view, "travels": "points"},
            "_preview": {**preview, "counts": _text(preview["counts"])},
            "height": height,
            "_released": 0,
        },
        "points": _text(b"".join(points)) if few else None,
        "weighted": session.points.sample_weight is not None,
    }


def _text(raw: bytes | np.ndarray[Any, Any]) -> str:
    return base64.b64encode(bytes(raw)).decode("ascii")

"""Commands that take a pass over the points, and therefore run in the worker thread."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from gmm_widget.session import steps
from gmm_widget.session.polygon_edits import carve
from gmm_widget.session.state import State
from gmm_widget.session.steps import Progress

#: By name: the function, and the cause recorded in the history for its result.
SLOW_ACTS: Mapping[str, tuple[Callable[..., State | Progress], str | None]] = {
    "e_step": (steps.single_e_step, None),
    "m_step": (steps.single_m_step, "m_step"),
    "step": (steps.advance, "step"),
    "carve": (carve, "carve"),
}

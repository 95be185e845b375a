"""Acts that take a pass over the points, and therefore go to the worker."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from gmm_widget.session import steps
from gmm_widget.session.polygon_edits import carve
from gmm_widget.session.state import State
from gmm_widget.session.steps import Progress

#: By the act's name: what computes it, and the cause that the history gives for the result.
SLOW_ACTS: Mapping[str, tuple[Callable[..., State | Progress], str | None]] = {
    "e_step": (steps.half_e, None),
    "m_step": (steps.half_m, "m_step"),
    "step": (steps.advance, "step"),
    "carve": (carve, "carve"),
}

"""What goes to the browser, as plain values: the state, its figures, the trace, the view."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from gmm_widget.session.feed import Plane
from gmm_widget.session.session import Session

MAX_TRACE = 600  # log-likelihoods sent to the trace panel


def describe(
    session: Session, acks: Mapping[str, int], notice: Mapping[str, str] | None
) -> dict[str, Any]:
    """Everything about the present state but the parameters themselves, as JSON values."""
    state, history = session.state, session.history
    figures = session.figures()
    locks = zip(
        state.locks.means.tolist(),
        state.locks.covariances.tolist(),
        state.locks.weights.tolist(),
        strict=True,
    )
    return {
        "rev": session.rev,
        "ids": list(state.ids),
        "locks": [{"mean": m, "covariance": c, "weight": w} for m, c, w in locks],
        **{key: _finite(value) for key, value in figures._asdict().items()},
        "n": session.points.n,
        "steps": state.steps,
        "converged": state.converged,
        "gain": _finite(state.gain),
        "phase": state.phase,
        "painted": state.held.mixture.to_json() if state.phase == "m" and state.held else None,
        "can_undo": history.can_undo,
        "can_redo": history.can_redo,
        "notice": dict(notice) if notice else None,
        "acks": dict(acks),
    }


def nouns(
    session: Session, acks: Mapping[str, int], notice: Mapping[str, str] | None
) -> dict[str, Any]:
    """What the widget's traits are to hold now, by their names."""
    state, figures = session.state, session.figures()
    return {
        "mixture": state.mixture,
        "covariance_type": state.structure.name,
        "running": session.running,
        "fit": describe(session, acks, notice),
        "trace": describe_trace(session),
        "log_likelihood": figures.log_likelihood,
        "bic": figures.bic,
        "aic": figures.aic,
        "converged": state.converged,
    }


def describe_view(session: Session, plane: Plane, columns: Sequence[str]) -> dict[str, Any]:
    """Which columns are shown, and the frame in which the points travel."""
    return {
        "dims": list(plane.dims),
        "columns": list(columns),
        "data_rev": plane.rev,
        "n": session.points.n,
        "d": session.points.d,
        "travels": plane.travels,
        "origin": plane.origin,
        "scale": plane.scale,
        "extent": plane.extent,
    }


def describe_trace(session: Session) -> dict[str, Any]:
    """Log-likelihoods along the present branch, each with its cause, thinned to a screenful."""
    history = session.history
    values: list[float | None] = []
    causes: list[str] = []
    position = 0
    for index in history.branch():
        entry = history.entries[index]
        passed = entry.trace or (entry.state.log_likelihood,)
        values.extend(_finite(v) for v in passed)
        causes.extend([entry.cause] * len(passed))
        if index == history.position:
            position = len(values) - 1
    first = max(0, min(position - MAX_TRACE // 2, len(values) - MAX_TRACE))
    last = first + MAX_TRACE
    return {
        "log_likelihood": values[first:last],
        "cause": causes[first:last],
        "position": position - first,
    }


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None

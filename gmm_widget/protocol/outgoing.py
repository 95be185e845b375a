"""What is sent to the browser, as plain values: the state, its figures and the view."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from gmm_widget.core.mixture import Mixture
from gmm_widget.protocol.history_view import finite
from gmm_widget.session.plane import Plane
from gmm_widget.session.session import Session

#: How a trait that holds a mixture is serialised.
MIXTURE: dict[str, Callable[[Any, Any], Any]] = {
    "to_json": lambda mixture, _: mixture.to_json(),
    "from_json": lambda value, _: Mixture.from_json(value),
}


def data_replaced_notice(lost: bool, remark: str) -> tuple[str, str]:
    """Notice (level, text) after `set_data`. `lost`: a model selection was dropped."""
    text = "Other data: the mixture stays, the history begins anew"
    if lost:
        text += "; the model selection was of the old data: start it again"
    return "warning" if lost else "info", f"{text}. {remark}" if remark else text


def describe(
    session: Session, acks: Mapping[str, int], notice: Mapping[str, str] | None
) -> dict[str, Any]:
    """Everything about the current state except the parameters, as JSON values."""
    state, history = session.state, session.history
    figures = session.figures()
    locks = zip(
        state.locks.means.tolist(),
        state.locks.covariances.tolist(),
        state.locks.weights.tolist(),
        strict=True,
    )
    known = state.posterior if session.settings.concentration is not None else None
    counts = None if known is None else known.counts.tolist()
    return {
        "rev": session.rev,
        "ids": list(state.ids),
        "locks": [{"mean": m, "covariance": c, "weight": w} for m, c, w in locks],
        "log_likelihood": finite(figures.log_likelihood),
        "bic": finite(figures.bic),
        "n_parameters": figures.n_parameters,
        "steps": state.steps,
        "converged": state.converged,
        "gain": finite(state.gain),
        "speed": session.speed,
        "concentration": session.settings.concentration,
        "elbo": finite(state.elbo),
        "counts": counts,
        "softness": session.settings.softness,
        "regularisation": session.settings.regularisation,
        "phase": state.phase,
        "painted": state.m_step_source.mixture.to_json()
        if state.phase == "m" and state.m_step_source
        else None,
        "can_undo": history.can_undo,
        "can_redo": history.can_redo,
        "notice": dict(notice) if notice else None,
        "acks": dict(acks),
    }


def traits(
    session: Session, acks: Mapping[str, int], notice: Mapping[str, str] | None
) -> dict[str, Any]:
    """The values of the traits that change with every frame, by name: all but the history."""
    state, figures = session.state, session.figures()
    return {
        "mixture": state.mixture,
        "covariance_type": state.structure.name,
        "running": session.running,
        "speed": session.speed,
        "fit": describe(session, acks, notice),
        "log_likelihood": figures.log_likelihood,
        "bic": figures.bic,
        "aic": figures.aic,
        "converged": state.converged,
    }


def describe_view(session: Session, plane: Plane, columns: Sequence[str]) -> dict[str, Any]:
    """Which columns are shown, and the origin and scale of the points' float32 form."""
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

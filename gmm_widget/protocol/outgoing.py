"""What is sent to the browser, as plain values: the state, its figures and the view."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, NamedTuple, final

from gmm_widget.core.mixture import Mixture
from gmm_widget.core.structure import STRUCTURES
from gmm_widget.protocol.history_view import finite
from gmm_widget.session.coded_text import CodedText
from gmm_widget.session.plane import Plane
from gmm_widget.session.session import Session

#: How a trait that holds a mixture is serialised.
MIXTURE: dict[str, Callable[[Any, Any], Any]] = {
    "to_json": lambda mixture, _: mixture.to_json(),
    "from_json": lambda value, _: Mixture.from_json(value),
}


@final
class Notice(NamedTuple):
    """What every view shows until the next command: sentences, and how grave they are."""

    level: Literal["info", "warning", "error"]
    sentences: tuple[CodedText, ...]

    def __str__(self) -> str:
        return ". ".join(map(str, self.sentences))

    def to_json(self) -> dict[str, Any]:
        """The level, and each sentence as a code with values."""
        return {"level": self.level, "sentences": [each.to_json() for each in self.sentences]}


def data_replaced_notice(lost: bool, remark: str) -> Notice:
    """The notice after `set_data`. `lost`: a model selection was dropped."""
    dropped = (CodedText("selection_dropped"),) if lost else ()
    remarks = (CodedText("remark", (remark,)),) if remark else ()
    sentences = (CodedText("data_replaced"), *dropped, *remarks)
    return Notice("warning" if lost else "info", sentences)


def describe(session: Session, acks: Mapping[str, int], notice: Notice | None) -> dict[str, Any]:
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
        "notice": None if notice is None else notice.to_json(),
        "acks": dict(acks),
    }


def traits(session: Session, acks: Mapping[str, int], notice: Notice | None) -> dict[str, Any]:
    """The values of the traits that change with every frame, by name: all but the history."""
    state, figures = session.state, session.figures()
    return {
        "mixture": state.mixture,
        "covariance_type": state.structure.name,
        "running": session.running,
        "speed": session.speed,
        "_fit": describe(session, acks, notice),
        "log_likelihood": figures.log_likelihood,
        "bic": figures.bic,
        "aic": figures.aic,
        "converged": state.converged,
    }


def describe_view(session: Session, plane: Plane, columns: Sequence[str]) -> dict[str, Any]:
    """Which columns are shown, origin and scale of the points' float32 form, the structures."""
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
        "structures": [each.describe() for each in STRUCTURES.values()],
    }

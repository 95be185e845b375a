"""The commands: one row for each act that changes a session.

A row names the act, its arguments with their bounds, what does it, and who may ask for it. From
the rows follow the parser of messages, the dispatch of acts, the types in TypeScript and the
messages that the fuzz test makes up.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal, final

from gmm_widget.core.polygon import MAX_VERTICES
from gmm_widget.session import edits, labels, polygon_edits, steps
from gmm_widget.session.edits import LOCKABLE, MAX_COMPONENTS
from gmm_widget.session.fields import (
    Boolean,
    Choice,
    Field,
    Fields,
    Integer,
    ListOf,
    Nullable,
    Number,
    Text,
)
from gmm_widget.session.labels import LabelOf, of_components
from gmm_widget.session.state import State

ID = Integer()
COLUMNS = ListOf(Integer(), 1, 2)
NAME = Text(40)
CORNERS = ListOf(ListOf(Number(), 2, 2), 3, MAX_VERTICES)

Sender = Literal["command", "gesture", "python"]


@final
@dataclass(frozen=True)
class Edit:
    """Done by a pure function `(state, **arguments) -> State`; the frames of a drag are edits.

    `label` makes that of its history entry.
    """

    function: Callable[..., State]
    label: LabelOf


@final
@dataclass(frozen=True)
class Pass:
    """Takes passes over the points: a function `(points, state, settings, poll, **arguments)`.

    `cause` is that of its history entry; None if the current entry is amended.
    """

    function: steps.Job
    cause: str | None


@final
@dataclass(frozen=True)
class OnSession:
    """Done by a method of `Session`, without a pass over the points.

    `given` are arguments that the row itself states, before those of the act.
    """

    method: str
    given: tuple[Any, ...] = ()


@final
@dataclass(frozen=True)
class Command:
    """One row.

    Attributes
    ----------
    name : in messages, in acts, and as the cause of the history entry of an edit.
    does : how it is done.
    arguments : their fields.
    sent_as : in a "command" of a view, in the frames of a "gesture", or from "python" only.
    has_method : whether `GMMWidget` has a method of this name; in Python others are assignments.
    """

    name: str
    does: Edit | Pass | OnSession
    arguments: Fields
    sent_as: Sender
    has_method: bool


def _row(
    name: str,
    does: Edit | Pass | OnSession | None = None,
    needed: Mapping[str, Field] | None = None,
    optional: Mapping[str, Field] | None = None,
    sent_as: Sender = "command",
    has_method: bool = True,
) -> Command:
    arguments = Fields(needed or {}, optional or {})
    return Command(name, does or OnSession(name), arguments, sent_as, has_method)


ROWS: tuple[Command, ...] = (
    _row(
        "place",
        Edit(edits.place, labels.of_place),
        {"component": ID, "dims": COLUMNS},
        {
            "mean": Nullable(ListOf(Number(), 1, 2)),
            "covariance": Nullable(ListOf(ListOf(Number(), 1, 2), 1, 2)),
            "weight": Nullable(Number()),
        },
        sent_as="gesture",
    ),
    _row(
        "add",
        Edit(edits.add, labels.of_add),
        optional={"mean": ListOf(Number(), 1, 2), "dims": COLUMNS},
    ),
    _row("delete", Edit(edits.delete, of_components("deleted")), {"component": ID}),
    _row("split", Edit(edits.split, of_components("split")), {"component": ID}),
    _row("merge", Edit(edits.merge, of_components("merged")), {"components": ListOf(ID, 2, 2)}),
    _row(
        "set_n_components",
        Edit(edits.set_n_components, labels.of_count),
        {"n": Integer(1, MAX_COMPONENTS)},
    ),
    _row(
        "set_covariance_type",
        Edit(edits.set_covariance_type, labels.of_structure),
        {"name": NAME},
        has_method=False,
    ),
    _row(
        "lock",
        Edit(edits.lock, labels.of_lock),
        {"component": ID, "what": Choice((*LOCKABLE, "all"))},
        {"on": Boolean()},
    ),
    _row("assign", Edit(edits.assign, labels.of_assign), sent_as="python", has_method=False),
    _row("e_step", Pass(steps.single_e_step, None)),
    _row("m_step", Pass(steps.single_m_step, "m_step")),
    _row("step", Pass(steps.advance, "step")),
    _row(
        "carve",
        Pass(polygon_edits.carve, "carve"),
        {"polygon": CORNERS, "dims": ListOf(Integer(), 2, 2)},
        {"component": ID},
    ),
    _row("run", OnSession("set_running", (True,))),
    _row("stop", OnSession("set_running", (False,))),
    _row("undo"),
    _row("redo"),
    _row("jump", needed={"entry": Integer()}, optional={"step": Integer(1)}),
    _row("adopt", needed={"optimum": Integer()}),
    _row("adopt_cell", needed={"k": Integer(1, MAX_COMPONENTS), "structure": NAME}),
    _row("set_speed", needed={"steps": Nullable(Number())}, has_method=False),
    _row(
        "tune",
        optional={
            "softness": Number(),
            "regularisation": Number(),
            "concentration": Nullable(Number()),
        },
        has_method=False,
    ),
    _row("release", sent_as="python", has_method=False),
)

COMMANDS: Mapping[str, Command] = MappingProxyType({row.name: row for row in ROWS})

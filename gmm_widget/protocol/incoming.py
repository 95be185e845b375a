"""Messages from the browser: each is checked and bounded before anything else sees it.

They come from outside (another page, a saved notebook, a broken client). A bad one gets a
ValueError that names the field. What each kind of message holds is one row of `MESSAGES`; the
arguments of commands are those of `session.commands` and of `VIEW_COMMANDS` here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, final

from gmm_widget.protocol.delivery import Place
from gmm_widget.protocol.requests import (
    ColumnsRequest,
    Content,
    CountsRequest,
    DataAck,
    Envelope,
    Goodbye,
    Hello,
    ResponsibilityRequest,
    RestartRequest,
    SelectionRequest,
)
from gmm_widget.selection import criteria
from gmm_widget.session.commands import COMMANDS
from gmm_widget.session.edits import Act
from gmm_widget.session.fields import Boolean, Fields, Integer, ListOf, Number, Object, Text, shown
from gmm_widget.session.restart_survey import MAX_STARTS

MOST_CHOSEN = 30  # components of a table that a view may ask for
MAX_GRID = 2048  # cells a side of a count grid

COUNTER = Integer()
CLIENT = Text(64)


@final
@dataclass(frozen=True)
class MessageKind:
    """The fields of a kind of message, and what is made of the sender and their values."""

    fields: Fields
    make: Callable[[str, dict[str, Any]], Content]


@final
@dataclass(frozen=True)
class ViewCommand:
    """A command that is not of the session: its arguments, and the request that it is."""

    arguments: Fields
    make: Callable[[dict[str, Any]], Content]


def parse(message: Any) -> Envelope:
    """Check a message from the browser; ValueError names the field that is wrong."""
    if not isinstance(message, Mapping):
        raise ValueError("a message must be an object with a field 'kind'")
    client, seq = sender(message)
    kind = message.get("kind")
    if not isinstance(kind, str) or kind not in MESSAGES:
        raise ValueError(f"unknown kind of message {shown(kind)}")
    row = MESSAGES[kind]
    return Envelope(client, seq, place_of(message), row.make(client, row.fields.read(message)))


def sender(message: Mapping[str, Any]) -> tuple[str, int]:
    """The client and sequence number of a message, checked."""
    return CLIENT.read(message.get("client"), "client"), COUNTER.read(message.get("seq"), "seq")


def place_of(message: Mapping[str, Any]) -> Place | None:
    """The place of a message among those of its client that are done in order, if it has one."""
    if "line" not in message:
        return None
    line = Integer(1).read(message["line"], "line")
    return Place(line, Integer(1, line).read(message.get("oldest"), "oldest"))


def _counts(_: str, values: dict[str, Any]) -> CountsRequest:
    x0, x1, y0, y1 = values["extent"]
    if not (x0 < x1 and y0 < y1):
        raise ValueError("field 'extent' must be [x0, x1, y0, y1] with x0 < x1 and y0 < y1")
    nx, ny = values["shape"]
    return CountsRequest(values["data_rev"], (x0, x1, y0, y1), (nx, ny))


def _edit(client: str, values: dict[str, Any]) -> Act:
    """A frame of a gesture: mean and covariance are of as many columns as `dims` names."""
    gesture, is_final = values.pop("gesture"), values.pop("final")
    args = {name: value for name, value in values.items() if value is not None}
    size = len(args["dims"])
    if "mean" in args and len(args["mean"]) != size:
        raise ValueError(f"field 'mean' must be {size} finite numbers, got {shown(args['mean'])}")
    rows = args.get("covariance", [])
    if rows and (len(rows) != size or any(len(row) != size for row in rows)):
        raise ValueError(f"field 'covariance' must be a list of {size} rows of {size} numbers")
    return Act("place", args, (client, gesture), is_final)


def _command(_: str, values: dict[str, Any]) -> Content:
    name, given = values["name"], values.get("args", {})
    if name in VIEW_COMMANDS:
        request = VIEW_COMMANDS[name]
        given = request.arguments.only(given, f"command {name!r}")
        return request.make(request.arguments.read(given))
    row = COMMANDS.get(name)
    if row is None or row.sent_as != "command":
        raise ValueError(f"unknown command {shown(name)}; known: {', '.join(sent_commands())}")
    given = row.arguments.only(given, f"command {name!r}")
    return Act(name, row.arguments.read(given))


def _columns(values: dict[str, Any]) -> ColumnsRequest:
    first, second = values["dims"]
    if first == second:
        raise ValueError("field 'dims' must be two different columns")
    return ColumnsRequest((first, second))


def _start_selection(values: dict[str, Any]) -> SelectionRequest:
    return SelectionRequest("start", values["most"], criteria.checked(values["criteria"]))


VIEW_COMMANDS: Mapping[str, ViewCommand] = MappingProxyType(
    {
        "set_dims": ViewCommand(Fields({"dims": ListOf(COUNTER, 2, 2)}, {}), _columns),
        "start_selection": ViewCommand(
            Fields({"most": Integer(1, MOST_CHOSEN), "criteria": ListOf(Text(40), 1, 10)}, {}),
            _start_selection,
        ),
        "resume_selection": ViewCommand(Fields({}, {}), lambda _: SelectionRequest("resume")),
        "cancel_selection": ViewCommand(Fields({}, {}), lambda _: SelectionRequest("cancel")),
    }
)

_CHUNK = Fields({"data_rev": COUNTER, "index": COUNTER}, {})
_GESTURE = Fields({"gesture": COUNTER, "final": Boolean()}, {})

MESSAGES: Mapping[str, MessageKind] = MappingProxyType(
    {
        "hello": MessageKind(
            Fields({"data_rev": Integer(-1)}, {"rev": COUNTER}),
            lambda _, values: Hello(values["data_rev"], values.get("rev")),
        ),
        "goodbye": MessageKind(Fields({}, {}), lambda *_: Goodbye()),
        "data_ack": MessageKind(
            _CHUNK, lambda _, values: DataAck(values["data_rev"], values["index"])
        ),
        "memberships": MessageKind(
            _CHUNK, lambda _, values: ResponsibilityRequest(values["data_rev"], values["index"])
        ),
        "region": MessageKind(
            Fields(
                {
                    "data_rev": COUNTER,
                    "extent": ListOf(Number(), 4, 4),
                    "shape": ListOf(Integer(1, MAX_GRID), 2, 2),
                },
                {},
            ),
            _counts,
        ),
        "search": MessageKind(
            Fields({"starts": Integer(0, MAX_STARTS)}, {}),
            lambda _, values: RestartRequest(values["starts"]),
        ),
        "edit": MessageKind(COMMANDS["place"].arguments.joined(_GESTURE), _edit),
        "command": MessageKind(Fields({"name": Text(40)}, {"args": Object()}), _command),
    }
)


def sent_commands() -> dict[str, Fields]:
    """The arguments of each command that a view may send, by its name."""
    of_session = {r.name: r.arguments for r in COMMANDS.values() if r.sent_as == "command"}
    return of_session | {name: row.arguments for name, row in VIEW_COMMANDS.items()}

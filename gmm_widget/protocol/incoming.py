"""Messages from the browser: each is checked and bounded before anything else sees it.

They come from outside (another page, a saved notebook, a broken client). A bad one gets a
ValueError that names the field.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, final

from gmm_widget.core.polygon import MAX_VERTICES
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
from gmm_widget.session.edits import LOCKABLE, MAX_COMPONENTS, Act
from gmm_widget.session.restart_survey import MAX_STARTS

MOST_CHOSEN = 30  # components of a table that a view may ask for
MAX_GRID = 2048  # cells a side of a count grid
MAX_COUNTER = 2**53 - 1


@final
class _Command(NamedTuple):
    act: str
    needed: frozenset[str] = frozenset()
    allowed: frozenset[str] = frozenset()


def _takes(act: str, *needed: str, also: Sequence[str] = ()) -> _Command:
    return _Command(act, frozenset(needed), frozenset((*needed, *also)))


# Commands by their name in messages: the name in the session, and the arguments.
COMMANDS: Mapping[str, _Command] = {
    "e_step": _takes("e_step"),
    "m_step": _takes("m_step"),
    "em_step": _takes("step"),
    "run": _takes("run"),
    "stop": _takes("stop"),
    "undo": _takes("undo"),
    "redo": _takes("redo"),
    "set_speed": _takes("set_speed", "steps"),
    "tune": _takes("tune", also=("softness", "regularisation", "concentration")),
    "jump": _takes("jump", "entry", also=("step",)),
    "adopt": _takes("adopt", "optimum"),
    "adopt_cell": _takes("adopt_cell", "k", "structure"),
    "add": _takes("add", also=("mean", "dims")),
    "delete": _takes("delete", "component"),
    "split": _takes("split", "component"),
    "merge": _takes("merge", "components"),
    "set_n_components": _takes("set_n_components", "n"),
    "set_covariance_type": _takes("set_covariance_type", "name"),
    "carve": _takes("carve", "polygon", "dims", also=("component",)),
    "lock": _takes("lock", "component", "what", also=("on",)),
}


def parse(message: Any) -> Envelope:
    """Check a message from the browser; ValueError names the field that is wrong."""
    if not isinstance(message, Mapping):
        raise ValueError("a message must be an object with a field 'kind'")
    client, seq = sender(message)
    return Envelope(client, seq, place_of(message), _content(client, message))


def _content(client: str, message: Mapping[str, Any]) -> Content:
    kind = message.get("kind")
    if kind == "hello":
        rev = _integer(message, "rev", 0) if "rev" in message else None
        return Hello(_integer(message, "data_rev", -1), rev)
    if kind == "goodbye":
        return Goodbye()
    if kind == "data_ack":
        rev, index = _integer(message, "data_rev", 0), _integer(message, "index", 0)
        return DataAck(rev, index)
    if kind == "memberships":
        rev, index = _integer(message, "data_rev", 0), _integer(message, "index", 0)
        return ResponsibilityRequest(rev, index)
    if kind == "region":
        return _region(message)
    if kind == "search":
        return RestartRequest(_integer(message, "starts", 0, MAX_STARTS))
    if kind == "edit":
        return _edit(client, message)
    if kind == "command":
        return _command(message)
    raise ValueError(f"unknown kind of message {_shown(kind)}")


def _region(message: Mapping[str, Any]) -> CountsRequest:
    x0, x1, y0, y1 = _numbers(message.get("extent"), 4, "extent")
    shape = message.get("shape")
    if not isinstance(shape, list) or len(shape) != 2:
        raise ValueError("field 'shape' must be a list of two whole numbers")
    nx, ny = (_integer({"shape": n}, "shape", 1, MAX_GRID) for n in shape)
    if not (x0 < x1 and y0 < y1):
        raise ValueError("field 'extent' must be [x0, x1, y0, y1] with x0 < x1 and y0 < y1")
    return CountsRequest(_integer(message, "data_rev", 0), (x0, x1, y0, y1), (nx, ny))


def sender(message: Mapping[str, Any]) -> tuple[str, int]:
    """The client and sequence number of a message, checked."""
    client = message.get("client")
    if not isinstance(client, str) or not 0 < len(client) <= 64:
        raise ValueError("field 'client' must be a text of 1 to 64 characters")
    return client, _integer(message, "seq", 0)


def place_of(message: Mapping[str, Any]) -> Place | None:
    """The place of a message among those of its client that are done in order, if it has one."""
    if "line" not in message:
        return None
    line = _integer(message, "line", 1)
    return Place(line, _integer(message, "oldest", 1, line))


def _edit(client: str, message: Mapping[str, Any]) -> Act:
    args: dict[str, Any] = {"component": _integer(message, "component", 0)}
    args["dims"] = _dims(message.get("dims"))
    size = len(args["dims"])
    if message.get("mean") is not None:
        args["mean"] = _numbers(message["mean"], size, "mean")
    if message.get("covariance") is not None:
        rows = message["covariance"]
        if not isinstance(rows, list) or len(rows) != size:
            raise ValueError(f"field 'covariance' must be a list of {size} rows")
        args["covariance"] = [_numbers(row, size, "covariance") for row in rows]
    if message.get("weight") is not None:
        args["weight"] = _numbers([message["weight"]], 1, "weight")[0]
    final_frame = message.get("final")
    if not isinstance(final_frame, bool):
        raise ValueError("field 'final' must be true or false")
    gesture = (client, _integer(message, "gesture", 0))
    return Act("place", args, gesture, final_frame)


def _command(message: Mapping[str, Any]) -> Act | ColumnsRequest | SelectionRequest:
    name, given = message.get("name"), message.get("args") or {}
    if name in ("start_selection", "resume_selection", "cancel_selection"):
        return _choose(name.split("_")[0], given)
    if name == "set_dims":
        dims = _dims(given.get("dims") if isinstance(given, Mapping) else None)
        if len(set(dims)) != 2:
            raise ValueError("field 'dims' must be two different columns")
        return ColumnsRequest((dims[0], dims[1]))
    if not isinstance(name, str) or name not in COMMANDS:
        known = ", ".join((*COMMANDS, "set_dims", "start_selection"))
        raise ValueError(f"unknown command {_shown(name)}; known: {known}")
    act, needed, allowed = COMMANDS[name]
    if not isinstance(given, Mapping) or not needed <= set(given) <= allowed:
        raise ValueError(f"command {name!r} takes the arguments {sorted(allowed)}")
    return Act(act, {key: _argument(key, given) for key in given})


def _choose(what: str, given: Any) -> SelectionRequest:
    if what == "cancel":
        return SelectionRequest("cancel")
    if what == "resume":
        return SelectionRequest("resume")
    args = given if isinstance(given, Mapping) else {}
    names = args.get("criteria")
    if not isinstance(names, list) or not all(isinstance(n, str) for n in names[:10]):
        raise ValueError("field 'criteria' must be a list of names")
    return SelectionRequest(
        "start", _integer(args, "most", 1, MOST_CHOSEN), criteria.checked(names[:10])
    )


def _argument(key: str, given: Mapping[str, Any]) -> Any:
    value = given[key]
    if key == "dims":
        return _dims(value)
    if key in ("steps", "concentration"):
        return None if value is None else _numbers([value], 1, key)[0]
    if key in ("softness", "regularisation"):
        return _numbers([value], 1, key)[0]
    if key == "polygon":
        return _polygon(value)
    if key == "mean":
        return _numbers(value, len(value) if isinstance(value, list) else 0, "mean")
    if key in ("component", "entry", "optimum", "step"):
        return _integer(given, key, int(key == "step"))
    if key in ("n", "k"):
        return _integer(given, key, 1, MAX_COMPONENTS)
    if key == "components":
        if not isinstance(value, list) or len(value) != 2:
            raise ValueError("field 'components' must be a list of two components")
        return [_integer({key: v}, key, 0) for v in value]
    if key == "on":
        if not isinstance(value, bool):
            raise ValueError("field 'on' must be true or false")
        return value
    if not isinstance(value, str) or len(value) > 40:
        raise ValueError(f"field {key!r} must be a short text")
    if key == "what" and value not in (*LOCKABLE, "all"):
        raise ValueError(f"field 'what' must be one of {(*LOCKABLE, 'all')}")
    return value


def _polygon(value: Any) -> list[list[float]]:
    if not isinstance(value, list) or not 3 <= len(value) <= MAX_VERTICES:
        raise ValueError(f"field 'polygon' must be a list of 3 to {MAX_VERTICES} corners")
    return [_numbers(corner, 2, "polygon") for corner in value]


def _dims(value: Any) -> list[int]:
    if not isinstance(value, list) or not 1 <= len(value) <= 2:
        raise ValueError("field 'dims' must be a list of one or two columns")
    return [_integer({"dims": v}, "dims", 0) for v in value]


def _integer(message: Mapping[str, Any], key: str, least: int, most: int = MAX_COUNTER) -> int:
    value = message.get(key)
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise ValueError(
            f"field {key!r} must be a whole number of {least} to {most}, got {_shown(value)}"
        )
    return value


def _numbers(value: Any, size: int, key: str) -> list[float]:
    def fits(v: Any) -> bool:
        return (
            isinstance(v, int | float)
            and not isinstance(v, bool)
            and abs(v) < 1e300
            and math.isfinite(v)
        )

    if not isinstance(value, list) or len(value) != size or not all(map(fits, value)):
        raise ValueError(f"field {key!r} must be {size} finite numbers, got {_shown(value)}")
    return [float(v) for v in value]


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."

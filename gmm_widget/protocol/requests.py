"""What a view can ask for, as checked values: `incoming` makes them of messages."""

from __future__ import annotations

from typing import Literal, NamedTuple, final

from gmm_widget.protocol.delivery import Place
from gmm_widget.session.edits import Act


@final
class Hello(NamedTuple):
    """A view has opened or missed something; it has the points of `data_rev` (-1: none).

    `rev` is that of the state it shows, None if it needs no state.
    """

    data_rev: int
    rev: int | None = None


@final
class Goodbye(NamedTuple):
    """A view has closed."""


@final
class DataAck(NamedTuple):
    """A view has received a chunk of the points."""

    data_rev: int
    chunk: int


@final
class CountsRequest(NamedTuple):
    """A view asks for counts on `shape` = (nx, ny) bins over `extent` = (x0, x1, y0, y1)."""

    data_rev: int
    extent: tuple[float, float, float, float]
    shape: tuple[int, int]


@final
class ResponsibilityRequest(NamedTuple):
    """A view asks for chunk `chunk` of the responsibilities of single points."""

    data_rev: int
    chunk: int


@final
class ColumnsRequest(NamedTuple):
    """A view asks for other columns to be shown, in all views."""

    dims: tuple[int, int]


@final
class RestartRequest(NamedTuple):
    """A view asks for a search from n starts, or (0) to cancel it."""

    starts: int


@final
class SelectionRequest(NamedTuple):
    """A view asks for a model selection of 1 to `most` components, to resume it or to cancel it."""

    what: Literal["start", "resume", "cancel"]
    most: int = 1
    criteria: tuple[str, ...] = ()


Content = (
    SelectionRequest
    | RestartRequest
    | Hello
    | Goodbye
    | DataAck
    | CountsRequest
    | ResponsibilityRequest
    | ColumnsRequest
    | Act
)


@final
class Envelope(NamedTuple):
    """A checked message: its sender, its sequence number, and its content."""

    client: str
    seq: int
    place: Place | None  # among the messages of this client that are done in order
    content: Content

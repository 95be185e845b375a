"""The connection to the views: checks their messages, passes commands on, acknowledges them.

Each view is a client with its own sequence numbers. `acks` is sent with every state, so that a view
can tell whether a state already includes its last edit.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, final

from gmm_widget.protocol.delivery import Delivery, Place
from gmm_widget.protocol.incoming import parse, place_of, sender
from gmm_widget.protocol.outgoing import Notice
from gmm_widget.protocol.point_stream import PointStream, Send
from gmm_widget.protocol.requests import (
    ColumnsRequest,
    CountsRequest,
    DataAck,
    Envelope,
    Goodbye,
    Hello,
    ResponsibilityRequest,
    RestartRequest,
    SelectionRequest,
)
from gmm_widget.protocol.responsibility_stream import ResponsibilityStream
from gmm_widget.runtime.driver import Driver
from gmm_widget.session.coded_text import CodedText
from gmm_widget.session.edits import Act
from gmm_widget.session.plane import Plane

MAX_CLIENTS = 16
Show = Callable[[Plane, dict[str, Any]], None]


@final
class Connection:
    """Between the driver and any number of views.

    acks : the number of the last command done for each client.
    search : called with the number of starts that a view asks to search from, 0 to cancel.
    choose : called with what a view asks of the model selection.
    on_hello, on_goodbye : called with the client when a view has opened or closed.
    on_missed : called when a view lacks the current state.
    plane : the columns that all views show; `show` is called with it and its preview.
    notice : the notice that every view shows, or None.
    """

    def __init__(self, driver: Driver, plane: Plane, send: Send, show: Show) -> None:
        self.acks: dict[str, int] = {}
        self.notice: Notice | None = None
        self._driver = driver
        self.plane = plane
        self._revs = plane.rev
        self._show = show
        self.search: Callable[[int], None] = _not_connected
        self.choose: Callable[[str, int, tuple[str, ...]], None] = _not_connected
        self.on_hello: Callable[[str], None] = _ignore
        self.on_goodbye: Callable[[str], None] = _ignore
        self.on_missed: Callable[[], None] = _ignore
        self._delivery = Delivery()
        self._point_stream = PointStream(plane, send)
        self._responsibility_stream = ResponsibilityStream(driver, send)
        self._send: Callable[[dict[str, Any], list[memoryview]], None] = send

    def receive(self, message: Any) -> None:
        """Take a message, on any thread; a bad one is answered with what is wrong with it."""
        try:
            envelope = parse(message)
        except ValueError as problem:
            self._refuse(message, CodedText("refused", (str(problem),)))
            return
        if not self._is_next(envelope.client, envelope.seq, envelope.place):
            return
        if isinstance(envelope.content, Act):
            done = partial(self._acknowledge, envelope.client, envelope.seq)
            self._driver.post(envelope.content, done)
        else:
            self._driver.loop.call(partial(self._answer, envelope))

    def _is_next(self, client: str, seq: int, place: Place | None) -> bool:
        """Whether a message is to be done now; if not, it is answered as its sender needs."""
        if place is None:
            return True
        found = self._delivery.receive(client, seq, place)
        if found.verdict == "answered":
            self._driver.loop.call(partial(self._reply, client, seq, found.error))
        elif found.verdict == "gap":
            content = {"kind": "resend", "client": client, "line": found.expected}
            self._driver.loop.call(partial(self._send, content, []))
        return found.verdict == "new"

    def announce(self, notice: Notice) -> None:
        """Make every view show a notice until the next command."""
        self.notice = notice
        self._driver.session.rev += 1

    def show_columns(self, dims: Sequence[int]) -> None:
        """Show other columns; ValueError if there are no such columns."""
        self._revs += 1
        self._plane_ready(*_previewed(self.plane, dims, self._revs))

    def replace(self, plane: Plane) -> None:
        """Show other points."""
        self._revs += 1
        plane = plane.with_dims(plane.dims, self._revs)
        self._plane_ready(plane, plane.preview())

    def _show_columns_later(self, dims: Sequence[int]) -> None:
        """As `show_columns`, with the pass over the points in the worker."""
        self.plane.check(dims)
        self._revs += 1
        job = partial(_previewed, self.plane, dims, self._revs)
        self._driver.loop.in_background(job, lambda made: self._plane_ready(*made))

    def _plane_ready(self, plane: Plane, preview: dict[str, Any]) -> None:
        if plane.rev != self._revs:
            return  # other columns were asked for meanwhile
        self.plane = plane
        self._point_stream = PointStream(plane, self._send)
        self._show(plane, preview)

    def _answer(self, envelope: Envelope) -> None:
        content = envelope.content
        error: CodedText | None = None
        if isinstance(content, Goodbye):
            self.on_goodbye(envelope.client)
            return
        if isinstance(content, Hello):
            self._point_stream.hello(envelope.client, content.data_rev)
            self.on_hello(envelope.client)
            if content.rev is not None and content.rev < self._driver.session.rev:
                self.on_missed()
        elif isinstance(content, DataAck):
            self._point_stream.ack(envelope.client, content.data_rev)
        elif isinstance(content, CountsRequest):
            plane = self.plane
            job = partial(_packed_counts, plane, content)
            then = partial(self._send_counts, envelope.client, content, plane.rev)
            self._driver.loop.in_background(job, then)
        else:
            try:
                if isinstance(content, RestartRequest):
                    self.search(content.starts)
                elif isinstance(content, SelectionRequest):
                    self.choose(*content)
                elif isinstance(content, ResponsibilityRequest):
                    self._responsibility_stream.ask(envelope.client, self.plane, *content)
                elif isinstance(content, ColumnsRequest):
                    self._show_columns_later(content.dims)
            except ValueError as problem:
                error = CodedText("refused", (str(problem),))
        self._reply(envelope.client, envelope.seq, error)

    def _send_counts(self, client: str, region: CountsRequest, rev: int, packed: bytes) -> None:
        content = {
            "kind": "grid",
            "client": client,
            "data_rev": rev,
            "extent": list(region.extent),
            "shape": list(region.shape),
        }
        self._send(content, [memoryview(packed)])

    def _acknowledge(self, client: str, seq: int, error: CodedText | None) -> None:
        last = self.acks.pop(client, 0)
        while len(self.acks) >= MAX_CLIENTS:
            self.acks.pop(next(iter(self.acks)))
        self.acks[client] = max(last, seq)
        self.notice = None
        self._reply(client, seq, error)

    def _reply(self, client: str, seq: int, error: CodedText | None) -> None:
        self._delivery.answered(client, seq, error)
        rev = self._driver.session.rev
        coded = None if error is None else error.to_json()
        self._send({"kind": "ack", "client": client, "seq": seq, "rev": rev, "error": coded}, [])

    def _refuse(self, message: Any, problem: CodedText) -> None:
        """Answer a bad message with its problem; it has its place among the others all the same."""
        try:
            client, seq = sender(message if isinstance(message, Mapping) else {})
            place = place_of(message)
        except ValueError:
            return  # the message does not say who sent it
        if self._is_next(client, seq, place):
            self._driver.loop.call(partial(self._reply, client, seq, problem))


def _previewed(plane: Plane, dims: Sequence[int], rev: int) -> tuple[Plane, dict[str, Any]]:
    turned = plane.with_dims(dims, rev)
    return turned, turned.preview()


def _packed_counts(plane: Plane, region: CountsRequest) -> bytes:
    """Counts as little-endian uint32, row 0 lowest, in zlib's format (a browser's "deflate")."""
    counts = plane.counts(region.extent, region.shape)
    return zlib.compress(counts.astype("<u4").tobytes(), level=1)


def _not_connected(*wish: object) -> None:
    raise RuntimeError(f"no handler is connected for this request: {wish!r}")


def _ignore(*_: object) -> None:
    """The default of the callbacks about views."""

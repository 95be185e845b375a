"""The conversation with the views: checks their messages, hands acts on, acknowledges.

Each view is a client with numbers of its own. `acks` travels with every state, so that
a view can tell whether a state already knows of what its hand did last.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, final

from gmm_widget.protocol.incoming import (
    Choose,
    DataAck,
    Envelope,
    Hello,
    Region,
    Search,
    Tints,
    Turn,
    parse,
    sender,
)
from gmm_widget.protocol.point_stream import PointStream, Send
from gmm_widget.protocol.responsibility_stream import ResponsibilityStream
from gmm_widget.runtime.driver import Driver
from gmm_widget.session.edits import Act
from gmm_widget.session.plane import Plane

MAX_CLIENTS = 16
Show = Callable[[Plane, dict[str, Any]], None]


@final
class Connection:
    """Between the driver and any number of views.

    acks : the number of the last act done for each client.
    search : called with the number of starts that a view asks to search from, 0 to call it off.
    choose : called with what a view asks of the table of fits, `greeted` when a view has come.
    plane : the columns that all views show; `show` is called with it and its preview.
    notice : what every view should say, as {"level", "text"}, or None.
    """

    def __init__(self, driver: Driver, plane: Plane, send: Send, show: Show) -> None:
        self.acks: dict[str, int] = {}
        self.notice: dict[str, str] | None = None
        self._driver = driver
        self.plane = plane
        self._revs = plane.rev
        self._show = show
        self.search: Callable[[int], None] = _nobody
        self.choose: Callable[[str, int, tuple[str, ...]], None] = _nobody
        self.greeted: Callable[[], None] = _nothing
        self._feed = PointStream(plane, send)
        self._memberships = ResponsibilityStream(driver, send)
        self._send: Callable[[dict[str, Any], list[memoryview]], None] = send

    def receive(self, message: Any) -> None:
        """Take a message, on any thread; a bad one is answered with what was wrong with it."""
        try:
            envelope = parse(message)
        except ValueError as problem:
            self._driver.loop.call(partial(self._refuse, message, str(problem)))
            return
        if isinstance(envelope.content, Act):
            done = partial(self._acknowledge, envelope.client, envelope.seq)
            self._driver.post(envelope.content, done)
        else:
            self._driver.loop.call(partial(self._answer, envelope))

    def announce(self, level: str, text: str) -> None:
        """Have every view say this until the next act."""
        self.notice = {"level": level, "text": text}
        self._driver.session.rev += 1

    def turn(self, dims: Sequence[int]) -> None:
        """Show other columns; ValueError if there are no such columns."""
        self._revs += 1
        self._turned(*_previewed(self.plane, dims, self._revs))

    def replace(self, plane: Plane) -> None:
        """Show other points."""
        self._revs += 1
        plane = plane.turned(plane.dims, self._revs)
        self._turned(plane, plane.preview())

    def _turn_aside(self, dims: Sequence[int]) -> None:
        """As `turn`, but what takes a pass over the points is left to the worker."""
        self.plane.check(dims)
        self._revs += 1
        job = partial(_previewed, self.plane, dims, self._revs)
        self._driver.loop.aside(job, lambda made: self._turned(*made))

    def _turned(self, plane: Plane, preview: dict[str, Any]) -> None:
        if plane.rev != self._revs:
            return  # others have been asked for meanwhile
        self.plane = plane
        self._feed = PointStream(plane, self._send)
        self._show(plane, preview)

    def _answer(self, envelope: Envelope) -> None:
        content, error = envelope.content, None
        if isinstance(content, Hello):
            self._feed.hello(envelope.client, content.data_rev)
            self.greeted()
        elif isinstance(content, DataAck):
            self._feed.ack(envelope.client, content.data_rev)
        elif isinstance(content, Region):
            plane = self.plane
            job = partial(_packed_counts, plane, content)
            then = partial(self._send_counts, envelope.client, content, plane.rev)
            self._driver.loop.aside(job, then)
        else:
            try:
                if isinstance(content, Search):
                    self.search(content.starts)
                elif isinstance(content, Choose):
                    self.choose(*content)
                elif isinstance(content, Tints):
                    self._memberships.ask(envelope.client, self.plane, *content)
                elif isinstance(content, Turn):
                    self._turn_aside(content.dims)
            except ValueError as problem:
                error = str(problem)
        self._reply(envelope.client, envelope.seq, error)

    def _send_counts(self, client: str, region: Region, rev: int, packed: bytes) -> None:
        content = {
            "kind": "grid",
            "client": client,
            "data_rev": rev,
            "extent": list(region.extent),
            "shape": list(region.shape),
        }
        self._send(content, [memoryview(packed)])

    def _acknowledge(self, client: str, seq: int, error: str | None) -> None:
        last = self.acks.pop(client, 0)
        while len(self.acks) >= MAX_CLIENTS:
            self.acks.pop(next(iter(self.acks)))
        self.acks[client] = max(last, seq)
        self.notice = None
        self._reply(client, seq, error)

    def _reply(self, client: str, seq: int, error: str | None) -> None:
        rev = self._driver.session.rev
        self._send({"kind": "ack", "client": client, "seq": seq, "rev": rev, "error": error}, [])

    def _refuse(self, message: Any, problem: str) -> None:
        try:
            client, seq = sender(message if isinstance(message, Mapping) else {})
        except ValueError:
            return  # nobody to answer: the message does not say who sent it
        self._reply(client, seq, problem)


def _previewed(plane: Plane, dims: Sequence[int], rev: int) -> tuple[Plane, dict[str, Any]]:
    turned = plane.turned(dims, rev)
    return turned, turned.preview()


def _packed_counts(plane: Plane, region: Region) -> bytes:
    """Counts as little-endian uint32, row 0 lowest, in zlib's format (a browser's "deflate")."""
    counts = plane.counts(region.extent, region.shape)
    return zlib.compress(counts.astype("<u4").tobytes(), level=1)


def _nobody(*wish: object) -> None:
    raise ValueError(f"nobody is there to do this: {wish!r}")


def _nothing() -> None:
    """What is done for a view that has come, where nothing has been arranged."""

"""Sends the points to the views: float32 in chunks, never more than two unacknowledged.

Proxies and hosts drop or stall on large messages, so a view that has asked gets two chunks and one
more for each that it acknowledges.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, final

from gmm_widget.session.plane import CHUNK_ROWS, Plane

AHEAD = 2
MAX_CLIENTS = 64

Send = Callable[[dict[str, Any], list[memoryview]], None]


@final
class PointStream:
    """Sends a plane's chunks to each view that asks, at the pace of its acknowledgements."""

    def __init__(self, plane: Plane, send: Send) -> None:
        self.plane = plane
        self._send = send
        self._next: dict[str, int] = {}

    def hello(self, client: str, data_rev: int) -> None:
        """A view has opened: begin to send the points unless it already has them."""
        if data_rev == self.plane.rev or self.plane.travels == "counts":
            return
        self._next.pop(client, None)
        while len(self._next) >= MAX_CLIENTS:
            self._next.pop(next(iter(self._next)))
        self._next[client] = 0
        for _ in range(AHEAD):
            self._send_next(client)

    def ack(self, client: str, data_rev: int) -> None:
        """A chunk has arrived: send the next one."""
        if data_rev == self.plane.rev:
            self._send_next(client)

    def _send_next(self, client: str) -> None:
        index = self._next.get(client)
        if index is None:
            return
        if index >= self.plane.chunks:
            del self._next[client]
            return
        self._next[client] = index + 1
        rows = self.plane.chunk(index)
        content = {
            "kind": "data",
            "client": client,
            "data_rev": self.plane.rev,
            "index": index,
            "chunks": self.plane.chunks,
            "start": index * CHUNK_ROWS,
            "count": len(rows),
            "n": len(self.plane.values),
        }
        self._send(content, [memoryview(rows.tobytes())])

"""Computes the responsibilities of single points in all columns, for views that colour by them.

A view knows the mixture, but of the points only the two columns shown. So it asks for one chunk
after another, and is answered with four bytes a point. One chunk at a time is computed, whoever
asks. During a run at most one round a second is started, and between chunks the worker is left
to EM for three times as long as they take.
"""

from __future__ import annotations

import time
from functools import partial
from typing import final

import numpy as np
from numpy.typing import NDArray

from gmm_widget.analysis.kmeans import tempered
from gmm_widget.core.mixture import Mixture
from gmm_widget.protocol.point_stream import MAX_CLIENTS, Send
from gmm_widget.runtime.driver import Driver
from gmm_widget.session.plane import MOST_POINTS, Plane

ROWS = 32_768  # rows of a chunk, for which an EM step has to wait
BLOCK = 8192  # rows whose (B, K) responsibilities are held at a time
PACE = 1.0  # seconds between the beginnings of two rounds during a run
YIELD = 3.0  # times as long as a chunk takes, between two chunks of a run


def encoded(mixture: Mixture, rows: NDArray[np.floating]) -> NDArray[np.uint8]:
    """Responsibilities of the rows (N, D), four bytes each: (N, 4), for up to 256 components.

    The strongest component; the next one; the share of the first in the sum of the two, in
    255ths; and the entropy over all components in bits, in 255ths and at most 255.
    """
    out = np.zeros((len(rows), 4), np.uint8)
    for start in range(0, len(rows), BLOCK):
        r = mixture.responsibilities(rows[start : start + BLOCK])
        at = np.arange(len(r))
        bits = -(r * np.log2(np.where(r > 0, r, 1))).sum(axis=1)
        first = r.argmax(axis=1)
        best = r[at, first]
        r[at, first] = -1
        second = r.argmax(axis=1)
        share = best / (best + np.maximum(r[at, second], 0))
        codes = (first, second, np.rint(255 * share), np.rint(255 * bits.clip(0, 1)))
        out[start : start + BLOCK] = np.stack(codes, axis=1)
    return out


@final
class ResponsibilityStream:
    """Answers views that ask for a chunk; of each, only the last request."""

    def __init__(self, driver: Driver, send: Send) -> None:
        self._driver = driver
        self._send = send
        self._waiting: dict[str, tuple[Plane, int]] = {}
        self._busy = False
        self._round_start = -PACE
        self._since = 0.0  # when the chunk in hand was begun
        self._free = 0.0  # when the next may be, during a run

    def ask(self, client: str, plane: Plane, data_rev: int, index: int) -> None:
        """A view asks for chunk `index` of the points of `data_rev` (on the loop's thread).

        ValueError if points are not sent one by one, or there is no such chunk.
        """
        if data_rev != plane.rev:
            return  # it will ask again when it knows of the new points
        if plane.travels == "counts":
            raise ValueError(f"above {MOST_POINTS:,} points colour can't tell of single ones")
        chunks = -(-len(plane.values) // ROWS)
        if index >= chunks:
            raise ValueError(f"field 'index' must be below {chunks}, got {index}")
        self._waiting.pop(client, None)
        while len(self._waiting) >= MAX_CLIENTS:
            self._waiting.pop(next(iter(self._waiting)))
        self._waiting[client] = plane, index
        if not self._busy:
            self._next()

    def _next(self) -> None:
        self._busy = bool(self._waiting)
        if not self._busy:
            return
        client, (plane, index) = next(iter(self._waiting.items()))
        del self._waiting[client]
        now = time.monotonic()
        due = self._free if index else max(self._free, self._round_start + PACE)
        wait = max(due - now, 0.0) if self._driver.session.running else 0.0
        if index == 0:
            self._round_start = now + wait
        self._driver.loop.after(wait, partial(self._begin, client, plane, index))

    def _begin(self, client: str, plane: Plane, index: int) -> None:
        session = self._driver.session
        state = session.state
        held = state.m_step_source if state.phase == "m" else None
        mixture = held.mixture if held else tempered(state.mixture, session.settings.softness)
        start = index * ROWS
        rows = plane.values[start : start + ROWS]
        self._since = time.monotonic()
        content = {
            "kind": "memberships",
            "client": client,
            "data_rev": plane.rev,
            "rev": session.rev,
            "ids": list(state.ids),
            "index": index,
            "start": start,
            "count": len(rows),
            "n": len(plane.values),
        }
        self._driver.loop.in_background(
            partial(encoded, mixture, rows), partial(self._answer, content)
        )

    def _answer(self, content: dict[str, object], codes: NDArray[np.uint8]) -> None:
        now = time.monotonic()
        self._free = now + YIELD * (now - self._since)
        self._send(content, [memoryview(codes.tobytes())])
        self._next()

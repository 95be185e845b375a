"""Timeouts of gestures: a drag whose browser went away releases its component.

A run keeps the components of open gestures fixed, so every gesture has to end.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Hashable
from functools import partial
from typing import final

from gmm_widget.runtime.event_loop import EventLoop
from gmm_widget.session.edits import Act
from gmm_widget.session.session import MAX_HELD_COMPONENTS

TIMEOUT = 1.5  # seconds without a frame after which a gesture is taken to have ended


@final
class Gestures:
    """The open gestures, each with a timer that posts the act "release".

    Only frames of the gesture itself restart its timer: other acts neither end nor prolong it.
    """

    def __init__(self, loop: EventLoop, post: Callable[[Act], None]) -> None:
        self._loop = loop
        self._post = post
        self._open: dict[Hashable, asyncio.TimerHandle] = {}

    def __len__(self) -> int:
        """How many gestures are open."""
        return len(self._open)

    def record(self, act: Act) -> None:
        """Restart or end the gesture of an act, whether the act was done or refused."""
        if act.gesture is None:
            return
        self._remove(act.gesture)
        if act.final or self._loop.find() is None:
            return
        while len(self._open) >= MAX_HELD_COMPONENTS:
            self._expire(next(iter(self._open)))
        timer = self._loop.after(TIMEOUT, partial(self._expire, act.gesture))
        assert timer is not None
        self._open[act.gesture] = timer

    def close(self) -> None:
        """Cancel all timers."""
        for gesture in tuple(self._open):
            self._remove(gesture)

    def _expire(self, gesture: Hashable) -> None:
        self._remove(gesture)
        self._post(Act("release", {"gesture": gesture}))

    def _remove(self, gesture: Hashable) -> None:
        timer = self._open.pop(gesture, None)
        if timer is not None:
            timer.cancel()

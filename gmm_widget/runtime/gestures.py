"""Gestures that have begun and not ended, each of which may hold a component."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Hashable
from functools import partial
from typing import final

from gmm_widget.runtime.event_loop import EventLoop
from gmm_widget.session.edits import Act
from gmm_widget.session.session import MAX_HELD

REST = 1.5  # seconds after its last frame when a gesture without an end (a closed browser) ends


@final
class Gestures:
    """Ends a gesture of which no frame has come for a while, by posting a command that releases
    it.

    Nothing else, by this view or another, ends or prolongs a gesture: a run waits for the
    components held, so each must be released for certain.
    """

    def __init__(self, loop: EventLoop, post: Callable[[Act], None]) -> None:
        self._loop = loop
        self._post = post
        self._open: dict[Hashable, asyncio.TimerHandle] = {}

    def __bool__(self) -> bool:
        """Whether any gesture is open."""
        return bool(self._open)

    def track(self, act: Act) -> None:
        """Note a command that was done, or refused."""
        if act.gesture is None:
            return
        self._forget(act.gesture)
        if act.final or self._loop.find() is None:
            return
        while len(self._open) >= MAX_HELD:
            self._lapse(next(iter(self._open)))
        timer = self._loop.after(REST, partial(self._lapse, act.gesture))
        assert timer is not None
        self._open[act.gesture] = timer

    def close(self) -> None:
        """Forget all gestures."""
        for gesture in tuple(self._open):
            self._forget(gesture)

    def _lapse(self, gesture: Hashable) -> None:
        self._forget(gesture)
        self._post(Act("release", {"gesture": gesture}))

    def _forget(self, gesture: Hashable) -> None:
        timer = self._open.pop(gesture, None)
        if timer is not None:
            timer.cancel()

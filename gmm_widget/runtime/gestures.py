"""Gestures that have begun and not ended: a hand is on the picture, and may hold a component."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Hashable
from functools import partial
from typing import final

from gmm_widget.runtime.event_loop import EventLoop
from gmm_widget.session.edits import Act
from gmm_widget.session.session import MOST_GRIPS

REST = 1.5  # seconds after its last frame when a gesture with no end (a browser gone) has ended


@final
class Gestures:
    """Posts an act to let go when no frame of a gesture has come for a while.

    Whatever else is done meanwhile, by this view or another, neither ends a gesture nor prolongs
    it: a run waits for the hands on it, so each must be sure to let go.
    """

    def __init__(self, loop: EventLoop, post: Callable[[Act], None]) -> None:
        self._loop = loop
        self._post = post
        self._open: dict[Hashable, asyncio.TimerHandle] = {}

    def __bool__(self) -> bool:
        """Whether any is under way."""
        return bool(self._open)

    def mind(self, act: Act) -> None:
        """Take note of an act that was done, or refused."""
        if act.gesture is None:
            return
        self._forget(act.gesture)
        if act.final or self._loop.find() is None:
            return
        while len(self._open) >= MOST_GRIPS:
            self._lapse(next(iter(self._open)))
        timer = self._loop.after(REST, partial(self._lapse, act.gesture))
        assert timer is not None
        self._open[act.gesture] = timer

    def close(self) -> None:
        """Forget them all."""
        for gesture in tuple(self._open):
            self._forget(gesture)

    def _lapse(self, gesture: Hashable) -> None:
        self._forget(gesture)
        self._post(Act("let_go", {"gesture": gesture}))

    def _forget(self, gesture: Hashable) -> None:
        timer = self._open.pop(gesture, None)
        if timer is not None:
            timer.cancel()

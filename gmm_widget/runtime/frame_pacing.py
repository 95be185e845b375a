"""Limits how often states are published, to 30 frames a second.

A run at full speed makes more states than that, and so does a burst of acts: a key that repeats
while the kernel is busy. Servers drop messages that come too fast, acknowledgements among them.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import final

from gmm_widget.session.session import Session

FRAME = 1 / 30  # seconds between two frames


@final
class FramePacing:
    """Calls `publish(idle)` for new states, no more often than a screen can show them.

    publish : called with False for an intermediate frame, with True when nothing is under way.
    """

    def __init__(self, session: Session, publish: Callable[[bool], None]) -> None:
        self._session = session
        self._publish = publish
        self._published_rev = -1
        self._last = 0.0

    def show(self, idle: bool, open_gesture: bool, acts_waiting: bool) -> None:
        """Publish the current state if it is due; during a gesture the session is not idle."""
        now = time.perf_counter()
        if idle and not open_gesture:
            self._publish(True)
        elif self._session.rev != self._published_rev and (
            idle or (self._unlimited and not acts_waiting) or now - self._last >= FRAME
        ):
            self._publish(False)
        else:
            return
        self._published_rev = self._session.rev
        self._last = now

    @property
    def _unlimited(self) -> bool:
        """Whether every state is shown: single acts, and runs at a chosen speed."""
        return not self._session.running or self._session.speed is not None

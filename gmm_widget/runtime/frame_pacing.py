"""When to publish: a run at a bounded frame rate, everything else as it happens."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import final

from gmm_widget.session.session import Session

FRAME = 1 / 30  # seconds between two frames of a run at full speed


@final
class FramePacing:
    """Calls `publish(at_rest)` for new states, no more often than a screen can show.

    publish : with False for an intermediate frame, with True when nothing more is pending.
    """

    def __init__(self, session: Session, publish: Callable[[bool], None]) -> None:
        self._session = session
        self._publish = publish
        self._shown = -1
        self._last = 0.0

    def show(self, at_rest: bool, open_gesture: bool) -> None:
        """Publish the current state if it is due; an open gesture is never at rest."""
        now = time.perf_counter()
        if at_rest and not open_gesture:
            self._publish(True)
        elif self._session.rev != self._shown and (
            at_rest or self._each_is_seen or now - self._last >= FRAME
        ):
            self._publish(False)
        else:
            return
        self._shown = self._session.rev
        self._last = now

    @property
    def _each_is_seen(self) -> bool:
        return not self._session.running or self._session.speed is not None

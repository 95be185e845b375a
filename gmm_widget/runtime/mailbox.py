"""Where acts wait for the driver: filled from any thread, emptied by one task, in order."""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import Callable
from typing import final

from gmm_widget.session.edits import Act
from gmm_widget.session.steps import Abandoned

Done = Callable[[str | None], None]


@final
class Mailbox:
    """Acts in the order in which they came, and the flag that calls the worker off its pass."""

    def __init__(self) -> None:
        self._mail: deque[tuple[Act, Done | None]] = deque()
        self._guard = threading.Lock()
        self._hurry = threading.Event()
        self._knock = asyncio.Event()

    def put(self, act: Act, done: Done | None) -> None:
        """Add an act, from any thread; Stop also ends the pass in hand."""
        with self._guard:
            self._mail.append((act, done))
        if act.name == "stop":
            self._hurry.set()

    def take(self) -> tuple[Act, Done | None] | None:
        """The act that has waited longest, or None."""
        with self._guard:
            return self._mail.popleft() if self._mail else None

    def hurry(self) -> None:
        """Call the worker off its pass."""
        self._hurry.set()

    def stop_is_waiting(self) -> bool:
        """Whether one of the acts is Stop."""
        with self._guard:
            return any(act.name == "stop" for act, _ in self._mail)

    def begin_pass(self) -> bool:
        """Let a pass begin; False if Stop is waiting."""
        self._hurry.clear()
        return not self.stop_is_waiting()

    def poll(self) -> None:
        """Raise Abandoned if the pass is no longer wanted (in the worker)."""
        if self._hurry.is_set():
            raise Abandoned

    def knock(self) -> None:
        """End a wait (on the loop's thread)."""
        self._knock.set()

    async def wait(self, seconds: float) -> bool:
        """Wait this long, or until somebody knocks; not at all if an act is there already.

        Returns whether somebody did, or one is.
        """
        self._knock.clear()
        if self._mail:
            return True
        try:
            await asyncio.wait_for(self._knock.wait(), seconds)
        except TimeoutError:
            return False
        return True

"""A queue of commands for the driver: filled from any thread, emptied in order by one task."""

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
    """Commands in order, and the flag that makes the worker abandon its pass."""

    def __init__(self) -> None:
        self._mailbox: deque[tuple[Act, Done | None]] = deque()
        self._lock = threading.Lock()
        self._abort = threading.Event()
        self._notified = asyncio.Event()

    def put(self, act: Act, done: Done | None) -> None:
        """Add a command, from any thread; Stop also abandons the pass in progress."""
        with self._lock:
            self._mailbox.append((act, done))
        if act.name == "stop":
            self._abort.set()

    def take(self) -> tuple[Act, Done | None] | None:
        """The oldest command, or None."""
        with self._lock:
            return self._mailbox.popleft() if self._mailbox else None

    def abort_pass(self) -> None:
        """Make the worker abandon its pass."""
        self._abort.set()

    def stop_is_waiting(self) -> bool:
        """Whether Stop is in the queue."""
        with self._lock:
            return any(act.name == "stop" for act, _ in self._mailbox)

    def begin_pass(self) -> bool:
        """Begin a pass; False if Stop is waiting."""
        self._abort.clear()
        return not self.stop_is_waiting()

    def poll(self) -> None:
        """Raise Abandoned if the pass is no longer wanted (in the worker)."""
        if self._abort.is_set():
            raise Abandoned

    def notify(self) -> None:
        """End a wait (on the loop's thread)."""
        self._notified.set()

    async def wait(self, seconds: float) -> bool:
        """Wait this long, or until `notify`; not at all if a command is waiting.

        Returns whether it was notified, or a command is waiting.
        """
        self._notified.clear()
        if self._mailbox:
            return True
        try:
            await asyncio.wait_for(self._notified.wait(), seconds)
        except TimeoutError:
            return False
        return True

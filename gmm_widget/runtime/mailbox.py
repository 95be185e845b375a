"""Queue of acts for the driver: filled from any thread, emptied by one task, in order."""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import Callable
from typing import final

from gmm_widget.session.coded_text import CodedText
from gmm_widget.session.edits import Act
from gmm_widget.session.steps import Abandoned

Callback = Callable[[CodedText | None], None]


@final
class Mailbox:
    """Acts in order of arrival, and the flag that cancels the pass under way on the worker.

    Acts may be added on any thread; everything else happens on the loop's thread, but for
    `poll`, which the worker calls.
    """

    def __init__(self) -> None:
        self._queue: deque[tuple[Act, Callback | None]] = deque()
        self._lock = threading.Lock()
        self._cancelled = threading.Event()
        self._changed = asyncio.Event()

    def __bool__(self) -> bool:
        """Whether an act is waiting."""
        return bool(self._queue)

    def put(self, act: Act, callback: Callback | None) -> None:
        """Add an act, from any thread; Stop also cancels the pass under way."""
        with self._lock:
            self._queue.append((act, callback))
        if act.name == "stop":
            self._cancelled.set()

    def take(self) -> tuple[Act, Callback | None] | None:
        """The act that has waited longest, or None."""
        with self._lock:
            return self._queue.popleft() if self._queue else None

    def cancel_pass(self) -> None:
        """Cancel the pass under way on the worker."""
        self._cancelled.set()

    def start_pass(self) -> bool:
        """Reset the flag for a new pass; False if Stop is waiting."""
        self._cancelled.clear()
        with self._lock:
            return all(act.name != "stop" for act, _ in self._queue)

    def poll(self) -> None:
        """Raise Abandoned if the pass was cancelled (on the worker's thread)."""
        if self._cancelled.is_set():
            raise Abandoned

    def notify(self) -> None:
        """End a `wait`."""
        self._changed.set()

    async def wait(self, seconds: float) -> bool:
        """Wait until an act arrives or `notify` is called; False if the time ran out first."""
        self._changed.clear()
        if self:
            return True
        try:
            await asyncio.wait_for(self._changed.wait(), seconds)
        except TimeoutError:
            return False
        return True

"""The kernel's event loop: how to return to it from any thread, later, or after a computation.

Where there is no loop (a plain script) everything is done at once.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import TypeVar, final

from gmm_widget.runtime.worker import and_then

T = TypeVar("T")


@final
class EventLoop:
    """The loop of a session: the given one, or that of the thread it was created on."""

    def __init__(self, loop: asyncio.AbstractEventLoop | None = None) -> None:
        self._loop = loop
        self._owner = threading.get_ident()
        self._background: set[asyncio.Task[None]] = (
            set()
        )  # the loop itself keeps weak references only
        self._closed = False

    @property
    def on_own_thread(self) -> bool:
        """Whether the caller is on the thread that the session belongs to."""
        return threading.get_ident() == self._owner

    def find(self) -> asyncio.AbstractEventLoop | None:
        """The loop, or None if there is none."""
        # Only on the owner's thread: other threads of a kernel run loops of their own.
        if (self._loop is None or self._loop.is_closed()) and self.on_own_thread:
            try:
                self._loop = asyncio.get_running_loop()
            except RuntimeError:
                self._loop = None
        return self._loop

    def call(self, function: Callable[[], object]) -> None:
        """Call this on the loop's thread; at once where there is no loop."""
        loop = self.find()
        if loop is None:
            function()
        else:
            loop.call_soon_threadsafe(function)

    def after(self, seconds: float, function: Callable[[], object]) -> asyncio.TimerHandle | None:
        """Call this after a delay (loop's thread only); at once where there is no loop."""
        loop = self.find()
        if loop is not None and seconds > 0:
            return loop.call_later(seconds, function)
        function()
        return None

    def in_background(self, job: Callable[[], T], then: Callable[[T], None]) -> None:
        """Compute something in the worker that does not change the session (loop's thread)."""
        loop = self.find()
        if self._closed:
            return
        if loop is None:
            then(job())
            return
        task = loop.create_task(and_then(job, then))
        self._background.add(task)
        task.add_done_callback(self._background.discard)

    def close(self) -> None:
        """Drop background computations; no more are started."""
        self._closed = True
        for task in tuple(self._background):
            task.cancel()

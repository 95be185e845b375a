"""The kernel's event loop: how to come back to it from any thread, later, or after computing.

Where there is none (a plain script) everything is done here and now.
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
    """The loop that a session lives on: the given one, or that of the thread it was made on."""

    def __init__(self, loop: asyncio.AbstractEventLoop | None = None) -> None:
        self._loop = loop
        self._owner = threading.get_ident()
        self._asides: set[asyncio.Task[None]] = set()  # else the loop may forget them
        self._closed = False

    @property
    def on_own_thread(self) -> bool:
        """Whether the caller is on the thread that the session belongs to."""
        return threading.get_ident() == self._owner

    def find(self) -> asyncio.AbstractEventLoop | None:
        """The loop, or None while there is none."""
        # Only the owner's thread may look: other threads of a kernel run loops of their own.
        if (self._loop is None or self._loop.is_closed()) and self.on_own_thread:
            try:
                self._loop = asyncio.get_running_loop()
            except RuntimeError:
                self._loop = None
        return self._loop

    def call(self, function: Callable[[], object]) -> None:
        """Have this called on the loop's thread; at once where there is no loop."""
        loop = self.find()
        if loop is None:
            function()
        else:
            loop.call_soon_threadsafe(function)

    def after(self, seconds: float, function: Callable[[], object]) -> asyncio.TimerHandle | None:
        """Have this called in a while (loop's thread only); at once where there is no loop."""
        loop = self.find()
        if loop is not None and seconds > 0:
            return loop.call_later(seconds, function)
        function()
        return None

    def aside(self, job: Callable[[], T], then: Callable[[T], None]) -> None:
        """Have the worker compute something that leaves the session as it is (loop's thread)."""
        loop = self.find()
        if self._closed:
            return
        if loop is None:
            then(job())
            return
        task = loop.create_task(and_then(job, then))
        self._asides.add(task)
        task.add_done_callback(self._asides.discard)

    def close(self) -> None:
        """Drop what is computed aside; no more is begun."""
        self._closed = True
        for task in tuple(self._asides):
            task.cancel()

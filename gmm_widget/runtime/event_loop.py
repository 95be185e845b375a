"""The kernel's event loop and the worker thread on which sessions compute.

All sessions of a kernel share one worker thread: they take turns, and NumPy's own threads are
not oversubscribed. Without an event loop (a plain script) everything runs synchronously.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar, final

T = TypeVar("T")
_worker: ThreadPoolExecutor | None = None


async def in_worker(job: Callable[[], T]) -> T:
    """Run the job on the worker thread; synchronously where threads can't start (Pyodide)."""
    global _worker
    loop = asyncio.get_running_loop()
    try:
        if _worker is None:
            _worker = ThreadPoolExecutor(1, thread_name_prefix="gmm_widget")
        future = loop.run_in_executor(_worker, job)
    except RuntimeError:
        await asyncio.sleep(0)
        return job()
    return await future


@final
class EventLoop:
    """The loop that a session lives on: the given one, or that of the thread it was made on."""

    def __init__(self, loop: asyncio.AbstractEventLoop | None = None) -> None:
        self._loop = loop
        self._owner = threading.get_ident()
        self._tasks: set[asyncio.Task[None]] = set()  # the loop itself holds tasks weakly
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
        """Call the function on the loop's thread; at once where there is no loop."""
        loop = self.find()
        if loop is None:
            function()
        else:
            loop.call_soon_threadsafe(function)

    def after(self, seconds: float, function: Callable[[], object]) -> asyncio.TimerHandle | None:
        """Call the function after a delay (loop's thread only); at once where there is no loop."""
        loop = self.find()
        if loop is not None and seconds > 0:
            return loop.call_later(seconds, function)
        function()
        return None

    def in_background(self, job: Callable[[], T], callback: Callable[[T], None]) -> None:
        """Run a job that leaves the session unchanged on the worker, and pass on its result."""
        loop = self.find()
        if self._closed:
            return
        if loop is None:
            callback(job())
            return
        task = loop.create_task(_compute(job, callback))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def close(self) -> None:
        """Cancel the jobs under way and start no more."""
        self._closed = True
        for task in tuple(self._tasks):
            task.cancel()


async def _compute(job: Callable[[], T], callback: Callable[[T], None]) -> None:
    callback(await in_worker(job))

"""Runs a generator on a thread of its own, one item at a time.

Its items are delivered on the event loop's thread, so that nobody else needs a lock.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Generic, NamedTuple, TypeVar, final

from gmm_widget.session.settings import Poll
from gmm_widget.session.steps import Abandoned

T = TypeVar("T")


@final
class TaskEnded(NamedTuple):
    """The end of a task: its result, or the problem that ended it."""

    result: Any = None
    problem: str | None = None


@final
class BackgroundTask(Generic[T]):
    """One generator at a time. A cancelled one delivers nothing more."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._task: asyncio.Task[None] | None = None
        self._off = threading.Event()

    def start(
        self,
        begin: Callable[[Poll], Generator[T, None, Any]],
        take: Callable[[T | TaskEnded], None],
    ) -> None:
        """Run `begin(poll)`; `take` gets each item and the end. An earlier task is cancelled.

        Without an event loop (a plain script) this returns when the task has ended.
        """
        self.cancel()
        off = self._off = threading.Event()

        def poll() -> None:
            if off.is_set():
                raise Abandoned

        items = begin(poll)
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            while not off.is_set() and _deliver(_next(items), take):
                pass
        else:
            self._task = loop.create_task(self._follow(items, take, off))

    def cancel(self) -> None:
        """Cancel the task; the pass in progress is abandoned."""
        self._off.set()
        self._task = None

    async def settled(self) -> None:
        """Wait until no task is running."""
        while self._task is not None and not self._task.done():
            await asyncio.shield(self._task)

    async def _follow(
        self,
        items: Generator[T, None, Any],
        take: Callable[[T | TaskEnded], None],
        off: threading.Event,
    ) -> None:
        loop = asyncio.get_running_loop()
        thread: ThreadPoolExecutor | None = ThreadPoolExecutor(1, self._name)
        try:
            while not off.is_set():
                try:
                    item = await loop.run_in_executor(thread, _next, items)
                except RuntimeError:  # no threads on this platform: the loop runs between items
                    thread = None
                    await asyncio.sleep(0)
                    item = _next(items)
                if off.is_set() or not _deliver(item, take):
                    return
        finally:
            if thread is not None:
                thread.shutdown(wait=False)


def _deliver(item: T | TaskEnded | None, take: Callable[[T | TaskEnded], None]) -> bool:
    """Deliver an item; False if there is nothing more to come."""
    if item is None:
        return False
    take(item)
    return not isinstance(item, TaskEnded)


def _next(items: Generator[T, None, Any]) -> T | TaskEnded | None:
    """The next item, the end, or None if the task was cancelled."""
    try:
        return next(items)
    except StopIteration as end:
        return TaskEnded(end.value)
    except Abandoned:
        return None
    except (ValueError, ArithmeticError) as problem:
        return TaskEnded(None, str(problem))

"""Follows a generator on a thread of its own, an item at a time, while the session goes on.

The many starts and the grid of fits are both such errands. What they find is taken in on the
loop's thread, so that nobody else needs a lock.
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
    """The end of an errand: what it came to, or the problem that ended it."""

    result: Any = None
    problem: str | None = None


@final
class BackgroundTask(Generic[T]):
    """One generator at a time. What was called off says nothing more."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._task: asyncio.Task[None] | None = None
        self._off = threading.Event()

    def start(
        self,
        begin: Callable[[Poll], Generator[T, None, Any]],
        take: Callable[[T | TaskEnded], None],
    ) -> None:
        """Follow `begin(poll)`; `take` gets each item and the end. An earlier one is called off.

        With no event loop (a plain script) this returns when it is over.
        """
        self.cancel()
        off = self._off = threading.Event()

        def poll() -> None:
            if off.is_set():
                raise Abandoned

        going = begin(poll)
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            while not off.is_set() and _handed(_next(going), take):
                pass
        else:
            self._task = loop.create_task(self._follow(going, take, off))

    def cancel(self) -> None:
        """Call it off; the pass in hand is given up."""
        self._off.set()
        self._task = None

    async def settled(self) -> None:
        """Wait until nothing is under way."""
        while self._task is not None and not self._task.done():
            await asyncio.shield(self._task)

    async def _follow(
        self,
        going: Generator[T, None, Any],
        take: Callable[[T | TaskEnded], None],
        off: threading.Event,
    ) -> None:
        loop = asyncio.get_running_loop()
        thread: ThreadPoolExecutor | None = ThreadPoolExecutor(1, self._name)
        try:
            while not off.is_set():
                try:
                    told = await loop.run_in_executor(thread, _next, going)
                except RuntimeError:  # no threads here: between items the loop has its turn
                    thread = None
                    await asyncio.sleep(0)
                    told = _next(going)
                if off.is_set() or not _handed(told, take):
                    return
        finally:
            if thread is not None:
                thread.shutdown(wait=False)


def _handed(told: T | TaskEnded | None, take: Callable[[T | TaskEnded], None]) -> bool:
    """Hand on what was told; whether there is more to come."""
    if told is None:
        return False
    take(told)
    return not isinstance(told, TaskEnded)


def _next(going: Generator[T, None, Any]) -> T | TaskEnded | None:
    """The next item, the end, or None when it was called off."""
    try:
        return next(going)
    except StopIteration as end:
        return TaskEnded(end.value)
    except Abandoned:
        return None
    except (ValueError, ArithmeticError) as problem:
        return TaskEnded(None, str(problem))

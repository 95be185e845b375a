"""Runs a generator on its own thread, item by item, while the session goes on.

The restarts and the model selection are such tasks. Items are handled on the loop's thread, so
the session needs no lock.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Generic, NamedTuple, TypeVar, final

from gmm_widget.core.points import Points
from gmm_widget.session.settings import Poll
from gmm_widget.session.steps import Abandoned

T = TypeVar("T")
Result = TypeVar("Result")


@final
class TaskEnded(NamedTuple):
    """The end of a task: the value that the generator returned, or the error that ended it."""

    result: Any = None
    problem: str | None = None


@final
class BackgroundTask(Generic[T]):
    """One generator at a time; a cancelled one delivers nothing more."""

    def __init__(self, thread_name: str) -> None:
        self._thread_name = thread_name
        self._task: asyncio.Task[None] | None = None
        self._cancelled = threading.Event()

    def start(
        self,
        make_generator: Callable[[Poll], Generator[T, None, Any]],
        on_item: Callable[[T | TaskEnded], None],
    ) -> None:
        """Run `make_generator(poll)`, passing each item and the end to `on_item`.

        Cancels an earlier task. Without an event loop (a plain script) this returns at the end.
        """
        self.cancel()
        cancelled = self._cancelled = threading.Event()

        def poll() -> None:
            if cancelled.is_set():
                raise Abandoned

        generator = make_generator(poll)
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            while not cancelled.is_set() and _deliver(_next_item(generator), on_item):
                pass
        else:
            self._task = loop.create_task(self._follow(generator, on_item, cancelled))

    def cancel(self) -> None:
        """Cancel the task, and with it the pass under way."""
        self._cancelled.set()
        self._task = None

    async def wait_idle(self) -> None:
        """Wait until no task is under way."""
        while self._task is not None and not self._task.done():
            await asyncio.shield(self._task)

    async def _follow(
        self,
        generator: Generator[T, None, Any],
        on_item: Callable[[T | TaskEnded], None],
        cancelled: threading.Event,
    ) -> None:
        loop = asyncio.get_running_loop()
        thread: ThreadPoolExecutor | None = ThreadPoolExecutor(1, self._thread_name)
        try:
            while not cancelled.is_set():
                try:
                    item = await loop.run_in_executor(thread, _next_item, generator)
                except RuntimeError:  # threads can't start here: yield to the loop between items
                    thread = None
                    await asyncio.sleep(0)
                    item = _next_item(generator)
                if cancelled.is_set() or not _deliver(item, on_item):
                    return
        finally:
            if thread is not None:
                thread.shutdown(wait=False)


def with_unchanged_rows(
    points: Points, items: Generator[T, None, Result]
) -> Generator[T, None, Result]:
    """The items and the result of a search over these points; ValueError if they are changed."""
    while True:
        try:
            item = next(items)
        except StopIteration as end:
            points.refuse_changed_rows()
            result: Result = end.value
            return result
        points.refuse_changed_rows()
        yield item


def _deliver(item: T | TaskEnded | None, on_item: Callable[[T | TaskEnded], None]) -> bool:
    """Pass on an item; False if it was the last."""
    if item is None:
        return False
    on_item(item)
    return not isinstance(item, TaskEnded)


def _next_item(generator: Generator[T, None, Any]) -> T | TaskEnded | None:
    """The next item, the end, or None when the task was cancelled."""
    try:
        return next(generator)
    except StopIteration as end:
        return TaskEnded(end.value)
    except Abandoned:
        return None
    except (ValueError, ArithmeticError) as problem:
        return TaskEnded(None, str(problem))
    except Exception as problem:
        logging.getLogger(__name__).error("a search failed unexpectedly", exc_info=problem)
        return TaskEnded(None, f"unexpected {type(problem).__name__}: {problem}")

"""Running the parts of one pass over the data in several threads.

NumPy releases the interpreter lock inside its loops, so threads do help. Parts are handed out as
threads become free, but results are returned in the order of the parts, so a sum over them
depends neither on timing nor on the number of threads.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

Result = TypeVar("Result")
Poll = Callable[[], object]
Task = Callable[[int, Poll], Result]

#: More threads gain little: each needs the interpreter lock between NumPy calls.
MOST_THREADS = 4


class _Abandoned(Exception):
    """Raised inside a helper thread when the pass is abandoned."""


class _Helpers:
    """A pool of helper threads, created on first use; none where threads can't be started."""

    def __init__(self) -> None:
        self.pool: ThreadPoolExecutor | None = None
        self.lock = threading.Lock()

    def submit(self, work: Callable[[], None]) -> Future[None] | None:
        with self.lock:
            if self.pool is None:
                self.pool = ThreadPoolExecutor(MOST_THREADS - 1, "gmm_widget")
        try:
            return self.pool.submit(work)
        except RuntimeError:  # no threads on this platform, or the interpreter is shutting down
            return None

    def forget(self) -> None:
        """Drop the pool: in a forked child its threads don't exist."""
        self.pool, self.lock = None, threading.Lock()


_helpers = _Helpers()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_helpers.forget)


def usable_cores() -> int:
    """Cores that this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def in_order(
    parts: int, worker: Callable[[], Task[Result]], poll: Poll | None = None
) -> list[Result]:
    """Results of the parts 0, 1, ..., in this order, computed by several threads.

    Each thread creates a task by `worker()` and calls `task(part, check)`; tasks call `check`
    often. In the calling thread `check` is `poll`, which may raise to abandon the pass; the other
    threads then stop at their next check.
    """
    if parts == 1:
        return [worker()(0, poll or (lambda: None))]
    results: dict[int, Result] = {}
    indices = iter(range(parts))
    lock, stop = threading.Lock(), threading.Event()

    def work(check: Poll) -> None:
        task = worker()
        while True:
            with lock:
                part = next(indices, None)
            if part is None:
                return
            results[part] = task(part, check)

    def check_stopped() -> None:
        if stop.is_set():
            raise _Abandoned

    helpers = min(usable_cores(), MOST_THREADS, parts) - 1
    futures = [_helpers.submit(lambda: work(check_stopped)) for _ in range(helpers)]
    try:
        work(poll or (lambda: None))
    except BaseException:
        stop.set()
        raise
    finally:
        _wait_for(futures)
    return [results[part] for part in range(parts)]


def _wait_for(futures: list[Future[None] | None]) -> None:
    """Wait for the helpers; an exception inside one is raised here, unless it was abandoned."""
    for future in futures:
        if future is not None and not future.cancel():
            error = future.exception()
            if error is not None and not isinstance(error, _Abandoned):
                raise error

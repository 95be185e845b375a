"""Running the parts of one pass over the data on the machine's cores.

NumPy lets go of the interpreter lock inside its loops, so threads do help. Parts are handed out
as threads become free, but results come back in the order of the parts: an answer made from them
in that order does not depend on timing, nor on the number of threads.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

import numpy as np

from .linalg import Array

Result = TypeVar("Result")
Poll = Callable[[], object]

#: More threads than this gain little: the interpreter lock is taken between NumPy calls.
MOST_THREADS = 4


class _Abandoned(Exception):
    """Raised inside a helping thread when the pass is given up."""


class _Helpers:
    """A pool of helping threads, made on first use; none where threads can't be started."""

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
        """In a forked child the threads are gone: start afresh."""
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
    parts: int, task: Callable[[int, Poll], Result], poll: Poll | None = None
) -> list[Result]:
    """[task(0, check), ..., task(parts - 1, check)], on several threads.

    Tasks call `check` often. In the calling thread it is `poll`, which may raise to abandon the
    pass; the other threads then stop at their next check.
    """
    results: dict[int, Result] = {}
    numbers = iter(range(parts))
    lock, stop = threading.Lock(), threading.Event()

    def work(check: Poll) -> None:
        while True:
            with lock:
                i = next(numbers, None)
            if i is None:
                return
            results[i] = task(i, check)

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
        _settle(futures)
    return [results[i] for i in range(parts)]


def _settle(futures: list[Future[None] | None]) -> None:
    """Wait for helpers; a failure inside one is raised here unless it was told to stop."""
    for future in futures:
        if future is not None and not future.cancel():
            error = future.exception()
            if error is not None and not isinstance(error, _Abandoned):
                raise error


class _Scratch(threading.local):
    """Memory that each thread keeps from pass to pass, so that it is not cleared every time."""

    flat: Array = np.empty(0)


_scratch = _Scratch()


def scratch(*shapes: tuple[int, ...]) -> list[Array]:
    """Uninitialised arrays of these shapes, valid in this thread until its next call."""
    sizes = [-(-int(np.prod(shape)) // 8) * 8 for shape in shapes]
    if _scratch.flat.size < sum(sizes):
        _scratch.flat = np.empty(sum(sizes))
    ends = np.cumsum(sizes)
    return [
        _scratch.flat[end - size : end][: int(np.prod(shape))].reshape(shape)
        for shape, size, end in zip(shapes, sizes, ends, strict=True)
    ]

"""The one worker thread on which all sessions of a kernel compute, in turn."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")
_worker: ThreadPoolExecutor | None = None


async def in_worker(job: Callable[[], T]) -> T:
    """Run the job on the worker thread; at once where threads can't start."""
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


async def and_then(job: Callable[[], T], then: Callable[[T], None]) -> None:
    """Run the job on the worker thread, and `then` with its result on the loop."""
    then(await in_worker(job))

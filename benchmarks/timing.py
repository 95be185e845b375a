"""Timing of several tasks in turn, so that a drift of the machine's speed affects all alike."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Callable, Mapping
from statistics import median
from typing import TypeVar

Name = TypeVar("Name")


def medians(tasks: Mapping[Name, Callable[[], object]], rounds: int = 5) -> dict[Name, float]:
    """Median seconds of each task over several rounds, each of which runs every task once.

    One more round is run first and not counted.
    """
    times: dict[Name, list[float]] = {name: [] for name in tasks}
    for turn in range(rounds + 1):
        for name, task in tasks.items():
            begin = time.perf_counter()
            task()
            if turn:
                times[name].append(time.perf_counter() - begin)
    return {name: median(taken) for name, taken in times.items()}


def machine() -> str:
    """The processor, its cores in use and the system, in a line."""
    model = platform.processor() or platform.machine()
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as lines:
            names = [line.split(":")[1].strip() for line in lines if line.startswith("model name")]
        model = names[0] if names else model
    except OSError:
        pass  # not Linux: use what Python knows of the processor
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return f"{model}, {cores} cores, {platform.system()}, Python {platform.python_version()}"


def shown(seconds: float) -> str:
    """A time with three digits and a unit."""
    for unit, size in (("s", 1.0), ("ms", 1e-3)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds / 1e-6:.3g} us"

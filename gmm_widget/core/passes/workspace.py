"""Working memory that each thread keeps from pass to pass.

Fresh memory would have to be cleared by the system every time, which for small data costs more
than the arithmetic. Arrays start at multiples of 64 bytes: vector instructions run at half speed
across cache lines.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from math import prod
from typing import TypeVar, cast

import numpy as np

from gmm_widget.core.linalg import Array

Value = TypeVar("Value")
_LINE = 8  # float64 in a cache line


class _Workspace(threading.local):
    def __init__(self) -> None:
        self.memory: Array = np.empty(0)
        self.cached: tuple[Hashable, object] = (None, None)


_workspace = _Workspace()


def workspace_arrays(*shapes: tuple[int, ...]) -> list[Array]:
    """Uninitialised arrays of these shapes, valid in this thread until its next call."""
    sizes = [prod(shape) for shape in shapes]
    padded = [-(-size // _LINE) * _LINE for size in sizes]
    needed = sum(padded) + _LINE
    if _workspace.memory.size < needed:
        _workspace.memory = np.empty(needed)
    start = (-_workspace.memory.ctypes.data // 8) % _LINE
    arrays = []
    for shape, size, room in zip(shapes, sizes, padded, strict=True):
        arrays.append(_workspace.memory[start : start + size].reshape(shape))
        start += room
    return arrays


def cached(key: Hashable, make: Callable[[], Value]) -> Value:
    """This thread's last value if it was made for the same key, else `make()`.

    Each thread keeps one value only, so it may hold on to `workspace_arrays`.
    """
    if _workspace.cached[0] != key:
        _workspace.cached = (None, None)
        _workspace.cached = (key, make())
    return cast(Value, _workspace.cached[1])

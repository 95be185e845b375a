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

Made = TypeVar("Made")
_LINE = 8  # float64 in a cache line


class _Kept(threading.local):
    def __init__(self) -> None:
        self.flat: Array = np.empty(0)
        self.made: tuple[Hashable, object] = (None, None)


_kept = _Kept()


def scratch(*shapes: tuple[int, ...]) -> list[Array]:
    """Uninitialised arrays of these shapes, valid in this thread until its next call."""
    sizes = [prod(shape) for shape in shapes]
    padded = [-(-size // _LINE) * _LINE for size in sizes]
    needed = sum(padded) + _LINE
    if _kept.flat.size < needed:
        _kept.flat = np.empty(needed)
    start = (-_kept.flat.ctypes.data // 8) % _LINE
    arrays = []
    for shape, size, room in zip(shapes, sizes, padded, strict=True):
        arrays.append(_kept.flat[start : start + size].reshape(shape))
        start += room
    return arrays


def kept(key: Hashable, make: Callable[[], Made]) -> Made:
    """What this thread made last, if it was for the same key, and `make()` otherwise.

    There is one such thing a thread, so it may hold on to `scratch` arrays.
    """
    if _kept.made[0] != key:
        _kept.made = (None, None)
        _kept.made = (key, make())
    return cast(Made, _kept.made[1])

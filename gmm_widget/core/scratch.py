"""Working memory that each thread keeps from pass to pass.

Fresh memory would have to be cleared by the system every time, which for small data costs more
than the arithmetic. Arrays start at multiples of 64 bytes: vector instructions run at half speed
across cache lines.
"""

from __future__ import annotations

import threading

import numpy as np

from .linalg import Array

_LINE = 8  # float64 in a cache line


class _Kept(threading.local):
    flat: Array = np.empty(0)


_kept = _Kept()


def scratch(*shapes: tuple[int, ...]) -> list[Array]:
    """Uninitialised arrays of these shapes, valid in this thread until its next call."""
    sizes = [int(np.prod(shape)) for shape in shapes]
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

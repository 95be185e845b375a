"""What a structure does with moments, found out by trying: none is known here by its name."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from ..core import natural
from ..core.linalg import Array
from ..core.moments import Moments
from ..core.structure import Structure


def _one(structure: Structure, scatter: Array) -> Array:
    """The covariance of a single component with this scatter and weight 1."""
    d = len(scatter)
    moments = Moments(np.ones(1), np.zeros((1, d)), scatter[None])
    return np.asarray(structure.constrain(moments, np.ones(d))[0])


@cache
def statistics(structure: Structure, d: int) -> NDArray[np.intp]:
    """Which entries of T(z) the structure depends on; the products of columns may not matter."""
    i, j, _ = natural.pairs(d)
    entries = np.arange(natural.n_statistics(d))
    mixed = np.diag(np.arange(1.0, d + 1)) + 0.25
    answer = _one(structure, mixed)
    straight = np.array_equal(answer, np.diag(np.diag(answer)))
    if d > 1 and straight and np.array_equal(answer, _one(structure, mixed * np.eye(d))):
        return np.asarray(entries[np.concatenate([np.ones(1 + d, dtype=np.bool_), i == j])])
    return np.asarray(entries)


@cache
def pools(structure: Structure, d: int) -> bool:
    """Whether the structure is one free covariance for all, the pooled one."""
    scatter = np.diag(np.arange(1.0, d + 1)) + 0.25
    return structure.shared and np.allclose(_one(structure, scatter), scatter, rtol=1e-12)


@cache
def fewest(structure: Structure, d: int) -> int:
    """With fewer rows than this a component's covariance is singular; 1 if it is shared."""
    if structure.shared:
        return 1
    rows = np.random.default_rng(0).standard_normal((d + 1, d))
    for count in range(2, d + 1):
        y = rows[:count] - rows[:count].mean(axis=0)
        if np.linalg.eigvalsh(_one(structure, y.T @ y))[0] > 1e-9:
            return count
    return d + 1

"""Properties of a covariance structure that the search needs, found by trying it on moments."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gmm_widget.core.linalg import Array
from gmm_widget.core.moments import Moments
from gmm_widget.core.passes import natural_parameters
from gmm_widget.core.structure import Structure


def _one(structure: Structure, scatter: Array) -> Array:
    """The covariance of a single component with this scatter and weight 1."""
    d = len(scatter)
    moments = Moments(np.ones(1), np.zeros((1, d)), scatter[None])
    return np.asarray(structure.constrain(moments, np.ones(d))[0])


@cache
def statistics(structure: Structure, d: int) -> NDArray[np.intp]:
    """Which entries of T(z) the structure depends on; the products of columns may not matter."""
    i, j, _ = natural_parameters.pairs(d)
    entries = np.arange(natural_parameters.n_statistics(d))
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
def separate(structure: Structure, d: int) -> bool:
    """Whether the covariance of a component depends on that component alone."""
    rows = np.random.default_rng(1).standard_normal((3, 2 * d, d))
    scatters, counts = rows.swapaxes(1, 2) @ rows, np.array([1.0, 2.0, 5.0])
    moments = Moments(counts, np.zeros((3, d)), scatters)
    together = structure.constrain(moments, np.ones(d))
    alone = [_one(structure, scatter / n) for scatter, n in zip(scatters, counts, strict=True)]
    return np.allclose(together, alone, rtol=1e-9)


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


class Blocks(NamedTuple):
    """The free parts of a precision under a structure: `columns` of each, and how often it is used.

    Within a component a part is repeated `times`; if `shared`, all components have the same.
    """

    columns: tuple[tuple[int, ...], ...]
    times: int
    shared: bool


@cache
def blocks(structure: Structure, d: int) -> Blocks | None:
    """The parts of the precision that can be free of each other; None where there are no such.

    A structure has them if its covariances are means of the scatters, over columns or components:
    then a Wishart distribution of each part is conjugate.
    """
    if not _averages(structure, d):
        return None
    if len(statistics(structure, d)) == natural_parameters.n_statistics(d) and d > 1:
        return Blocks((tuple(range(d)),), 1, structure.shared)
    each = np.diag(_one(structure, np.diag(np.arange(1.0, d + 1))))
    if d > 1 and np.allclose(each, each[0]):
        return Blocks(((0,),), d, structure.shared)
    return Blocks(tuple((i,) for i in range(d)), 1, structure.shared)


def _averages(structure: Structure, d: int) -> bool:
    """Whether the covariances are linear in the scatters, for given counts."""
    rng = np.random.default_rng(0)

    def constrained(scatters: Array) -> Array:
        moments = Moments(np.ones(len(scatters)), np.zeros((len(scatters), d)), scatters)
        return structure.constrain(moments, np.ones(d))

    a, b = (y @ y.swapaxes(-1, -2) for y in rng.standard_normal((2, 3, d, 2 * d)))
    return np.allclose(constrained(a + b), constrained(a) + constrained(b), rtol=1e-9)

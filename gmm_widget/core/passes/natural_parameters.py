"""The mixture as an exponential family, in the frame: log joint = theta . T(z).

T(z) = (1, z, products z_i z_j with i <= j) has F = 1 + D + D (D + 1) / 2 entries. With it the
E-step is one matrix product and the moments of the M-step are another.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from gmm_widget.core.frozen import locked
from gmm_widget.core.linalg import Array
from gmm_widget.core.moments import Moments


def n_statistics(d: int) -> int:
    """F, the length of T(z) for z of d columns."""
    return 1 + d + d * (d + 1) // 2


@cache
def pairs(d: int) -> tuple[NDArray[np.intp], NDArray[np.intp], Array]:
    """Rows i and columns j of the products in T, in order, and their factors in theta."""
    i, j = np.triu_indices(d)
    return locked(i), locked(j), locked(np.where(i == j, -0.5, -1.0))


@cache
def used_statistics(d: int, diagonal: bool) -> NDArray[np.intp]:
    """The entries of T that matter: without products of two columns if covariances are diagonal."""
    i, j, _ = pairs(d)
    used = np.concatenate([np.ones(1 + d, dtype=np.bool_), (i == j) | (not diagonal)])
    return locked(np.flatnonzero(used))


@cache
def _triangle_positions(d: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Positions of the upper triangle in a flat (D, D), and of each (D, D) entry in the triangle.

    `take` with these costs a fraction of indexing by i and j.
    """
    i, j, _ = pairs(d)
    position = np.empty((d, d), dtype=np.intp)
    position[i, j] = position[j, i] = np.arange(len(i))
    return locked(i * d + j), locked(position)


def product_views(t: Array, d: int) -> list[tuple[Array, Array, Array]]:
    """Views (row, rows, out) of T (..., F, B): row times rows, written to out, are the products."""
    views = []
    row = 1 + d
    for i in range(d):
        first, rest = t[..., 1 + i : 2 + i, :], t[..., 1 + i : 1 + d, :]
        views.append((first, rest, t[..., row : row + d - i, :]))
        row += d - i
    return views


def parameters(peaks: Array, means: Array, precisions: Array) -> Array:
    """theta (K, F) from log peaks (K,), means (K, D) and precisions (K, D, D)."""
    linear = (precisions @ means[:, :, None])[:, :, 0]
    constant = peaks - (linear * means).sum(axis=1) / 2
    return np.concatenate((constant[:, None], linear, quadratic(precisions)), axis=1)


def quadratic(precisions: Array) -> Array:
    """The part (K, D (D + 1) / 2) of theta for the products in T, from precisions (K, D, D)."""
    k, d, _ = precisions.shape
    upper = precisions.reshape(k, d * d).take(_triangle_positions(d)[0], axis=1)
    return np.asarray(upper * pairs(d)[2])


def conditioning(means: Array, variances: Array, precisions: Array) -> Array:
    """R^2 (K,): the size of the terms of theta . T at the points of each component."""
    far: Array = np.abs(means) + np.sqrt(variances)
    with np.errstate(over="ignore"):  # infinity is above any limit
        return np.asarray(((np.abs(precisions) @ far[:, :, None])[:, :, 0] * far).sum(axis=1))


def symmetric(upper: Array, d: int) -> Array:
    """Matrices (K, D, D) from their upper triangles (K, D (D + 1) / 2), in the order of `pairs`."""
    return np.asarray(upper.take(_triangle_positions(d)[1], axis=1))


def moments(sums: Array, d: int) -> Moments:
    """Moments from sums (K, F) of weighted T; means are 0 where there is no weight."""
    counts = sums[:, 0].copy()
    safe = np.where(counts > 0, counts, 1.0)[:, None]
    first = sums[:, 1 : 1 + d]
    means = first / safe
    i, j, _ = pairs(d)
    central = sums[:, 1 + d :] - first.take(i, axis=1) * means.take(j, axis=1)
    return Moments(counts, means, symmetric(central, d))


def sums(moments: Moments) -> Array:
    """Sums (K, F) of weighted T from moments, the inverse of `moments`."""
    counts, means = moments.counts[:, None], moments.means
    i, j, _ = pairs(means.shape[1])
    squares = moments.scatters[:, i, j] + counts * means[:, i] * means[:, j]
    return np.concatenate([counts, counts * means, squares], axis=1)


def statistic_scale(scale: Array) -> Array:
    """T(scale) (F,): T of points divided by it is T of the points divided by `scale`."""
    i, j, _ = pairs(len(scale))
    return np.concatenate([[1.0], scale, scale[i] * scale[j]])

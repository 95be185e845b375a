"""Starts by the directions along which the rows form humps.

In many columns, distances between rows say little, and where the rows as a whole are uncorrelated,
k-means finds nothing: two groups may lie apart along one direction among thirty. There the rows
have two humps, hence a low kurtosis. Directions along which the rows are not normal are found by
the fixed-point iteration of Hyvarinen (1999, "Fast and robust fixed-point algorithms for
independent component analysis"), with tanh, since the kurtosis itself follows single far rows. In
those of the lowest kurtosis groups are sought by k-means.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from gmm_widget.core.linalg import Array

from .batch import Indices, MixtureBatch
from .batched_em import BatchData
from .seeding import from_labels, nearest_seeds

#: With fewer columns, k-means++ sees enough.
LEAST_COLUMNS = 5
#: Random directions to begin with, and the steps of each; most that are used, and the cosine beyond
#: which two count as one.
_TRIED, _STEPS, _USED, _SAME = 24, 25, 3, 0.7
_LLOYD_STEPS = 10


def directed_starts(
    data: BatchData, k: int, rngs: Sequence[np.random.Generator]
) -> MixtureBatch | None:
    """A mixture of k components for each generator; None if these rows have no such directions.

    Raises ValueError when there are fewer than k distinct rows.
    """
    z = whitened(data)
    if z is None or len(data.scale) < LEAST_COLUMNS or k < 2:
        return None
    weight = np.ones(len(z)) if data.weight is None else data.weight
    labels = [_groups(_projected(z, weight, k, rng), weight, k, rng) for rng in rngs]
    return from_labels(data, np.stack(labels), k)


def whitened(data: BatchData) -> Array | None:
    """The rows (N, D) with mean 0 and unit covariance; None if they lie in a plane."""
    weight = np.ones(data.rows.shape[1]) if data.weight is None else data.weight
    centred = data.rows - (data.rows @ weight / data.total)[:, None]
    try:
        lower = np.linalg.cholesky((centred * weight) @ centred.T / data.total)
    except np.linalg.LinAlgError:
        return None
    return np.ascontiguousarray(np.linalg.solve(lower, centred).T)


def _projected(z: Array, weight: Array, k: int, rng: np.random.Generator) -> Array:
    """The rows (N, M) in the M < k directions of the lowest kurtosis that are found."""
    w = rng.normal(size=(z.shape[1], _TRIED))
    w /= np.linalg.norm(w, axis=0)
    total = weight.sum()
    for _ in range(_STEPS):
        bent = np.tanh(z @ w)
        w = (z.T @ (weight[:, None] * bent) - weight @ (1 - bent**2) * w) / total
        w /= np.linalg.norm(w, axis=0)
    y = z @ w
    order = np.argsort(weight @ y**4)
    chosen: list[int] = []
    for i in order:
        apart = all(abs(w[:, i] @ w[:, j]) < _SAME for j in chosen)
        if apart and len(chosen) < min(_USED, k - 1):
            chosen.append(int(i))
    return np.asarray(y[:, chosen])


def _groups(y: Array, weight: Array, k: int, rng: np.random.Generator) -> Indices:
    """Labels (N,) of k groups of the rows y (N, M), by k-means."""
    labels = nearest_seeds(y, weight, rng.random((k, 1)))[0]
    for _ in range(_LLOYD_STEPS):
        shares = (labels == np.arange(k)[:, None]) * weight
        counts = shares.sum(axis=1)
        if not counts.all():
            break
        means = shares @ y / counts[:, None]
        labels = np.asarray(((y[:, None] - means) ** 2).sum(axis=2).argmin(axis=1))
    return np.asarray(labels)

"""First mixtures for many starts at once, by k-means++ on all of them together.

Distances are in units of each column's standard deviation. Whitened rows, random rows and random
metrics were tried beside this and in turn with it, and did no better.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from gmm_widget.core.linalg import Array
from gmm_widget.core.moments import Moments

from .batch import Indices, MixtureBatch
from .batched_em import BatchData

#: Prior weight of the pooled covariance in a start, relative to the average component's weight.
_PRIOR_SHARE = 0.1


def random_starts(
    data: BatchData, k: int, each: int, rngs: Sequence[np.random.Generator]
) -> MixtureBatch:
    """Return mixtures of k components with k-means++ seeds (Arthur & Vassilvitskii 2007), `each`
    from every generator.

    Raises ValueError when there are fewer than k distinct rows.
    """
    z = data.rows.T / np.sqrt(data.variance)
    weight = np.ones(len(z)) if data.weight is None else data.weight
    draws = np.concatenate([rng.random((k, each)) for rng in rngs], axis=1)
    return from_labels(data, nearest_seeds(z, weight, draws), k)


def from_labels(data: BatchData, labels: Indices, k: int) -> MixtureBatch:
    """Turn groups given by labels (S, N) into mixtures, each covariance shrunk to the pooled one.

    So a group of one row, too, has a covariance. The shrinkage depends on weights alone: a row of
    weight 2 equals two rows.
    """
    found = data.grouped(labels, k)
    s, d = len(labels), len(data.scale)
    prior = _PRIOR_SHARE * data.total / k
    counts = np.maximum(found.counts, 1e-3 * prior)
    pooled = found.scatters.reshape(s, k, d, d).sum(axis=1) / data.total
    pooled += 1e-3 * np.diag(data.variance)
    share = (counts / (counts + prior))[:, None, None]
    scatters = (found.scatters + prior * np.repeat(pooled, k, axis=0)) * share
    moments = Moments(counts, found.means, scatters)
    return data.fitted(moments, np.ones(s, dtype=np.bool_))


def nearest_seeds(z: Array, weight: Array, draws: Array) -> Indices:
    """For each of S sets of k seeds drawn from the rows z (N, D), the nearest seed (S, N).

    `draws` (k, S) are uniform random numbers.
    """
    k, s = draws.shape
    square = (z**2).sum(axis=1)
    cancelled = 1e-8 * square.max()
    labels = np.zeros((s, len(z)), dtype=np.intp)
    distance = np.full((s, len(z)), np.inf)
    chance = np.repeat(weight[None], s, axis=0)
    for j in range(k):
        sums = chance.cumsum(axis=1)
        if not (sums[:, -1] > 0).all():
            raise ValueError(
                f"{k} components need {k} distinct points, but there are only {j}; "
                "ask for fewer components"
            )
        drawn = draws[j] * sums[:, -1]
        seeds = np.minimum((sums <= drawn[:, None]).sum(axis=1), len(z) - 1)
        apart = square + square[seeds][:, None] - 2 * z[seeds] @ z.T
        member, row = np.nonzero(apart <= cancelled)  # digits are lost there if one row is far out
        apart[member, row] = ((z[row] - z[seeds[member]]) ** 2).sum(axis=1)
        labels[apart < distance] = j
        np.minimum(distance, apart, out=distance)
        chance = weight * distance
    return labels

"""First mixtures for many starts at once, by k-means++ on all of them together.

Distances are in units of each column's spread. Whitened rows, random rows and random metrics were
tried beside it and in turn with it, and did no better.
"""

from __future__ import annotations

import numpy as np

from gmm_widget.core.linalg import Array
from gmm_widget.core.moments import Moments

from .batch import Indices, MixtureBatch
from .batched_em import BatchData

#: The weight of the pooled shape in a start, in shares of the average component.
_LENT = 0.1


def random_starts(ground: BatchData, k: int, s: int, rng: np.random.Generator) -> MixtureBatch:
    """`s` mixtures of k components from seeds far apart (Arthur & Vassilvitskii 2007).

    Raises ValueError when there are fewer than k distinct rows.
    """
    z = ground.rows.T / np.sqrt(ground.spread)
    weight = np.ones(len(z)) if ground.weight is None else ground.weight
    return from_labels(ground, _labels(z, weight, k, s, rng), k)


def from_labels(ground: BatchData, labels: Indices, k: int) -> MixtureBatch:
    """Groups (S, N) as components; each borrows a little of the pooled shape.

    So a group of one row, too, has some width. What is borrowed depends on weights alone, so that
    a row of weight 2 is the same as two rows.
    """
    found = ground.grouped(labels, k)
    s, d = len(labels), len(ground.scale)
    lent = _LENT * ground.total / k
    counts = np.maximum(found.counts, 1e-3 * lent)
    pooled = found.scatters.reshape(s, k, d, d).sum(axis=1) / ground.total
    pooled += 1e-3 * np.diag(ground.spread)
    share = (counts / (counts + lent))[:, None, None]
    scatters = (found.scatters + lent * np.repeat(pooled, k, axis=0)) * share
    moments = Moments(counts, found.means, scatters)
    return ground.fitted(moments, np.ones(s, dtype=np.bool_))


def _labels(z: Array, weight: Array, k: int, s: int, rng: np.random.Generator) -> Indices:
    """For each of S sets of k seeds drawn from the rows z (N, D), the nearest seed (S, N)."""
    square = (z**2).sum(axis=1)
    rounding = 1e-14 * square.max()
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
        drawn = rng.random(s) * sums[:, -1]
        seeds = np.minimum((sums <= drawn[:, None]).sum(axis=1), len(z) - 1)
        apart = square + square[seeds][:, None] - 2 * z[seeds] @ z.T
        apart[apart <= rounding] = 0
        labels[apart < distance] = j
        np.minimum(distance, apart, out=distance)
        chance = weight * distance
    return labels

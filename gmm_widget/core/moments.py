"""Weighted moments of the points of each component, the sufficient statistics of an M-step.

Moments of two sets of points merge into those of their union, so points may come in blocks, as
binned points, or from several machines.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

import numpy as np

from .frozen import frozen_fields
from .linalg import Array, outer


@final
@dataclass(frozen=True, eq=False)
@frozen_fields
class Moments:
    """Counts (K,), means (K, D) and scatters (K, D, D), in the frame.

    A scatter is the weighted sum of squared deviations from the mean, not divided by the count.
    """

    counts: Array
    means: Array
    scatters: Array

    def covariances(self) -> Array:
        """Scatters divided by counts, (K, D, D)."""
        return np.asarray(self.scatters / self.counts[:, None, None])

    def about(self, centres: Array) -> Moments:
        """The same points with their scatter taken about other centres (K, D)."""
        shift = self.counts[:, None, None] * outer(self.means - centres)
        return Moments(self.counts, centres, self.scatters + shift)


def weighted_moments(z: Array, sample_weight: Array | None, responsibilities: Array) -> Moments:
    """Moments of the rows z (n, D) with weights (n,) under responsibilities (n, K).

    Two passes over the rows, so nothing cancels. A component without weight has mean 0.
    """
    r = responsibilities if sample_weight is None else responsibilities * sample_weight[:, None]
    counts = r.sum(axis=0)
    means = (r.T @ z) / np.where(counts > 0, counts, 1.0)[:, None]
    scatters = np.empty((r.shape[1], z.shape[1], z.shape[1]))
    for k, mean in enumerate(means):
        y = z - mean
        scatters[k] = (y * r[:, k : k + 1]).T @ y
    return Moments(counts, means, scatters)


def merge(a: Moments, b: Moments) -> Moments:
    """Moments of the union of two sets of points.

    Chan, Golub & LeVeque (1983), "Algorithms for computing the sample variance".
    """
    counts = a.counts + b.counts
    share = np.divide(b.counts, counts, out=np.zeros_like(counts), where=counts > 0)
    step = b.means - a.means
    between = (a.counts * share)[:, None, None] * outer(step)
    means = a.means + share[:, None] * step
    return Moments(counts, means, a.scatters + b.scatters + between)

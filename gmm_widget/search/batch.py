"""Many mixtures in one stack, so that EM can climb with all of them in a few array operations."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gmm_widget.core.linalg import Array
from gmm_widget.core.mixture import Mixture
from gmm_widget.core.points import Points

Flags = NDArray[np.bool_]
Indices = NDArray[np.intp]


class MixtureBatch(NamedTuple):
    """S mixtures in the frame of the points.

    Log weights (S, K), means (S, K, D) and lower Cholesky factors (S, K, D, D) of covariances.
    """

    log_weights: Array
    means: Array
    lower: Array

    def take(self, members: Indices | Flags | list[int]) -> MixtureBatch:
        """The chosen members."""
        return MixtureBatch(*(part[members] for part in self))

    def covariances(self) -> Array:
        """(S, K, D, D), in the frame."""
        return np.asarray(self.lower @ self.lower.transpose(0, 1, 3, 2))


def joined(*flocks: MixtureBatch) -> MixtureBatch:
    """Several flocks as one."""
    return MixtureBatch(*(np.concatenate(parts) for parts in zip(*flocks, strict=True)))


def batch_of(points: Points, mixtures: list[Mixture]) -> MixtureBatch:
    """Mixtures of equal size as a flock in the frame of the points."""
    frame = points.frame
    return MixtureBatch(
        np.log([m.weights for m in mixtures]),
        np.stack([frame.means_in(m.means) for m in mixtures]),
        np.stack([m.factors.lower / frame.scale[:, None] for m in mixtures]),
    )


def mixture_of(points: Points, flock: MixtureBatch, member: int) -> Mixture:
    """One member as a mixture in the data's own units."""
    weights = np.exp(flock.log_weights[member])
    covariances = flock.take([member]).covariances()[0]
    return points.frame.mixture_out(weights / weights.sum(), flock.means[member], covariances)

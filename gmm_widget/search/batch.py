"""Several mixtures stacked into arrays, so that one EM pass updates all of them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gmm_widget.core.errors import CollapseError
from gmm_widget.core.linalg import Array
from gmm_widget.core.mixture import Mixture
from gmm_widget.core.points import Points

Flags = NDArray[np.bool_]
Indices = NDArray[np.intp]


class MixtureBatch(NamedTuple):
    """S mixtures in standardised coordinates (the frame of the points).

    Log weights (S, K), means (S, K, D) and lower Cholesky factors of the covariances (S, K, D, D).
    """

    log_weights: Array
    means: Array
    lower: Array

    def take(self, members: Indices | Flags | list[int]) -> MixtureBatch:
        """Return the chosen members of the batch."""
        return MixtureBatch(*(part[members] for part in self))

    def covariances(self) -> Array:
        """Return the covariances (S, K, D, D), in standardised coordinates."""
        return np.asarray(self.lower @ self.lower.transpose(0, 1, 3, 2))


def joined(*batches: MixtureBatch) -> MixtureBatch:
    """Concatenate several batches."""
    return MixtureBatch(*(np.concatenate(parts) for parts in zip(*batches, strict=True)))


def batch_of(points: Points, mixtures: list[Mixture]) -> MixtureBatch:
    """Stack mixtures with the same number of components, in the frame of the points."""
    frame = points.frame
    return MixtureBatch(
        np.log([m.weights for m in mixtures]),
        np.stack([frame.means_in(m.means) for m in mixtures]),
        np.stack([m.factors.lower / frame.scale[:, None] for m in mixtures]),
    )


def mixture_of(points: Points, batch: MixtureBatch, member: int) -> Mixture:
    """Return one member as a mixture in data units.

    Raises CollapseError for one that is singular there: a batch has factors in other coordinates,
    and rounding can make the difference.
    """
    weights = np.exp(batch.log_weights[member])
    covariances = batch.take([member]).covariances()[0]
    try:
        return points.frame.mixture_out(weights / weights.sum(), batch.means[member], covariances)
    except ValueError as error:
        pivots = np.einsum("kii->ki", batch.lower[member])
        relative = pivots / np.sqrt(np.einsum("kii->ki", covariances))
        narrowest = int(relative.min(axis=1).argmin())
        raise CollapseError(
            narrowest,
            "its covariance became singular",
            "use more regularisation, a simpler covariance structure, or fewer components",
        ) from error

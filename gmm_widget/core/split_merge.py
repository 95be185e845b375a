"""Merging and splitting components: moments of several taken as one, losses, halves of a Gaussian.

Every function takes stacks, so that the search can treat many mixtures at once: leading axes `...`
are those of the stack.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .linalg import Array
from .mixture import Mixture


class Parts(NamedTuple):
    """Weights (..., K), means (..., K, D) and covariances (..., K, D, D)."""

    weights: Array
    means: Array
    covariances: Array


class PairMerges(NamedTuple):
    """All P pairs i < j: their indices (P,), the loss of merging them (..., P), and the result."""

    i: NDArray[np.intp]
    j: NDArray[np.intp]
    loss: Array
    merged: Parts


def match_moments(weights: Array, means: Array, covariances: Array) -> Parts:
    """Weight (...), mean (..., D) and covariance (..., D, D) of all K components taken together."""
    weight = weights.sum(axis=-1)
    share = weights / weight[..., None]
    mean = (share[..., None] * means).sum(axis=-2)
    off = means - mean[..., None, :]
    second = covariances + off[..., :, None] * off[..., None, :]
    return Parts(weight, mean, (share[..., None, None] * second).sum(axis=-3))


def pair_merges(weights: Array, means: Array, covariances: Array) -> PairMerges:
    """Every pair of components merged, and an upper bound of the Kullback-Leibler loss.

    The bound is (w log det S - w_i log det S_i - w_j log det S_j) / 2, where w and S are the
    weight and covariance of the merged pair: Runnalls (2007), "Kullback-Leibler approach to
    Gaussian mixture reduction".
    """
    i, j = np.triu_indices(weights.shape[-1], 1)
    pairs = np.stack([i, j], axis=1)
    merged = match_moments(weights[..., pairs], means[..., pairs, :], covariances[..., pairs, :, :])
    own = weights * _log_determinants(covariances)
    loss = merged.weights * _log_determinants(merged.covariances) - own[..., i] - own[..., j]
    return PairMerges(i, j, loss / 2, merged)


def closest_pair(mixture: Mixture) -> tuple[int, int]:
    """The pair (i, j), i < j, whose merge loses least; ValueError for a single component."""
    if mixture.n_components < 2:
        raise ValueError("a single component has no closest pair; merging takes two")
    pairs = pair_merges(mixture.weights, mixture.means, mixture.covariances)
    best = int(np.argmin(pairs.loss))
    return int(pairs.i[best]), int(pairs.j[best])


def half_offset(covariances: Array) -> Array:
    """From the mean of a Gaussian to that of one half (..., D), cut across its longest axis.

    With covariance S and this offset o, both halves have covariance S - o o^T and together the
    moments of the whole: |o|^2 is 2 / pi, the squared mean of a half-normal, times the largest
    eigenvalue.
    """
    values, vectors = np.linalg.eigh(covariances)
    return np.asarray(vectors[..., -1] * np.sqrt(values[..., -1:] * 2 / np.pi))


def _log_determinants(covariances: Array) -> Array:
    """By way of the correlation matrix, so that columns of very different units cost no digits."""
    sd = np.sqrt(np.diagonal(covariances, axis1=-2, axis2=-1))
    correlations = covariances / (sd[..., :, None] * sd[..., None, :])
    return np.asarray(np.linalg.slogdet(correlations)[1] + 2 * np.log(sd).sum(axis=-1))

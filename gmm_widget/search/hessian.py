"""First and second derivatives of a mixture's log-likelihood by its natural parameters.

EM is slow where components overlap, because it uses the gradient alone. A component is described
by its log weight, precision times mean, and precision; the log joint is linear in these but for
its normaliser A, whose derivatives are moments. With S the responsibility-weighted sums of T, the
gradient is that of S . theta; observed information = complete-data information - missing
information, the covariance of the scores over the labels (Louis 1982, "Finding the observed
information matrix when using the EM algorithm").
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

import numpy as np

from gmm_widget.core.linalg import Array, outer
from gmm_widget.core.moments import Moments
from gmm_widget.core.passes import natural_parameters
from gmm_widget.core.structure import Structure

from .batch import Indices, MixtureBatch
from .batched_em import BatchData

#: Rows at a time, so that what is made of them stays in the cache.
_ROWS = 2048
#: A step may not take a component's weight below this.
_NO_WEIGHT = 1e-12


def shapes(structure: Structure, scale: Array) -> Array | None:
    """Matrices (B, D, D) that span the structure's precisions; None where these are no linear
    space.
    """
    d = len(scale)
    blocks = structure.precision_blocks(d)
    if blocks is None:
        return None
    if blocks.times > 1:
        return np.diag(scale**2)[None]
    pairs = [(i, j) for part in blocks.columns for i in part for j in part if i <= j]
    found = np.zeros((len(pairs), d, d))
    for shape, (i, j) in zip(found, pairs, strict=True):
        shape[i, j] = shape[j, i] = 1.0
    return found


@final
@dataclass(frozen=True, eq=False)
class Curvature:
    """Derivatives at one mixture, by its P free parameters.

    `weights` (K,), `means`, `precisions` and `covariances` are its parts, `basis` (B, D, D) spans
    its precisions, `slopes` (K, C, F) are the derivatives of each component's theta by its C = 1 +
    D + B own parameters, and `places` (K, C) their indices among the free ones.
    """

    weights: Array
    means: Array
    precisions: Array
    covariances: Array
    basis: Array
    slopes: Array
    places: Indices

    @classmethod
    def at(cls, data: BatchData, batch: MixtureBatch, basis: Array) -> Curvature:
        """The derivatives at the first member."""
        means, covariances = batch.means[0], batch.covariances()[0]
        weights, whiteners = np.exp(batch.log_weights[0]), np.linalg.inv(batch.lower[0])
        slopes = _slopes(means, covariances - np.diag(data.blur), basis)
        return cls(
            weights / weights.sum(),
            means,
            whiteners.transpose(0, 2, 1) @ whiteners,
            covariances,
            basis,
            np.ascontiguousarray(slopes[:, :, data.kept]),
            _places(means.shape, len(basis), data.structure.shared),
        )

    def gradient(self, sums: Array) -> Array:
        """Gradient (P,), from the sums (K, F) of weighted T."""
        own = (self.slopes @ sums[:, :, None])[:, :, 0]
        own[:, 0] -= self.weights * sums[:, 0].sum()
        return np.asarray(np.bincount(self.places.ravel(), own.ravel()), dtype=np.float64)

    def complete(self, sums: Array) -> Array:
        """Complete-data information (P, P), positive definite.

        The sum of all log weights is left free; the terms that make the matrix positive definite
        hold it.
        """
        k, d = self.means.shape
        toward = np.einsum("bij,kj->kib", self.basis, self.means)
        w = np.concatenate([np.repeat(np.eye(d)[None], k, axis=0), -toward], axis=2)
        blurred = self.covariances[:, None] @ self.basis
        own = np.zeros((k, 1 + w.shape[2], 1 + w.shape[2]))
        own[:, 1:, 1:] = w.transpose(0, 2, 1) @ self.covariances @ w
        own[:, 1 + d :, 1 + d :] += np.einsum("kbij,kcji->kbc", blurred, blurred) / 2
        own *= sums[:, 0][:, None, None]
        own[:, 0, 0] = self.weights * sums[:, 0].sum()
        return self._gathered(own, np.zeros((self.places.size, self.places.size)))

    def missing(self, data: BatchData, theta: Array) -> Array:
        """Missing information (P, P): the covariance of the scores over the unknown labels."""
        k, own = self.places.shape
        each, cross = np.zeros((k, own, own)), np.zeros((k * own, k * own))
        for start in range(0, data.rows.shape[1], _ROWS):
            t = data.statistics[:, start : start + _ROWS]
            root = theta @ t
            root -= root.max(axis=0)
            np.exp(root, out=root)
            root /= root.sum(axis=0)
            np.sqrt(root, out=root)
            scores = self.slopes @ t
            if data.weight is not None:
                scores *= np.sqrt(data.weight[start : start + _ROWS])
            scores *= root[:, None]
            each += scores @ scores.transpose(0, 2, 1)
            scores *= root[:, None]
            flat = scores.reshape(k * own, -1)
            cross -= flat @ flat.T
        return self._gathered(each, cross)

    def moved(self, step: Array) -> Moments | None:
        """Moments (total weight 1) a step (P,) away; None where a component has no weight left.

        Where components overlap the objective has curved ridges; they are straightest in moments,
        whose sums over components hardly change along them.
        """
        own, d = step[self.places], self.means.shape[1]
        change = np.einsum("kb,bij->kij", own[:, 1 + d :], self.basis)
        linear = own[:, 1 : 1 + d, None] - change @ self.means[:, :, None]
        shift = (self.covariances @ linear)[:, :, 0]
        counts = self.weights * (1 + own[:, 0] - self.weights @ own[:, 0])
        if not counts.min() > _NO_WEIGHT:
            return None
        shift *= (self.weights / counts)[:, None]
        share = (self.weights / counts)[:, None, None]
        turn = share * (self.covariances @ change @ self.covariances) + outer(shift)
        scatters = (self.covariances - turn) * counts[:, None, None]
        return Moments(counts, self.means + shift, scatters)

    def _gathered(self, each: Array, cross: Array) -> Array:
        """Blocks (K, C, C) of components and those of pairs (K C, K C) as one (P, P) matrix."""
        k, own = self.places.shape
        full, one = cross.reshape(k, own, k, own), np.arange(k)
        full[one, :, one] += each
        whole = full.reshape(k * own, k * own)
        if self.places.max() + 1 == k * own:
            return whole
        adds = np.zeros((self.places.max() + 1, k * own))
        adds[self.places.ravel(), np.arange(k * own)] = 1.0
        return adds @ whole @ adds.T


def _places(shape: tuple[int, ...], b: int, shared: bool) -> Indices:
    """Indices (K, C) of the components' parameters among the free ones; `shape` is (K, D)."""
    k, d = shape
    if not shared:
        return np.arange(k * (1 + d + b)).reshape(k, 1 + d + b)
    alone = np.arange(k * (1 + d)).reshape(k, 1 + d)
    return np.concatenate([alone, np.repeat(k * (1 + d) + np.arange(b)[None], k, axis=0)], axis=1)


def _slopes(means: Array, covariances: Array, basis: Array) -> Array:
    """Derivatives (K, C, F) of theta; `covariances` are those without the regularisation."""
    k, d = means.shape
    slopes = np.zeros((k, 1 + d + len(basis), natural_parameters.n_statistics(d)))
    slopes[:, 0, 0] = 1.0
    slopes[:, 1 : 1 + d, 0] = -means
    slopes[:, 1 + d :, 0] = np.einsum("kij,bij->kb", covariances + outer(means), basis) / 2
    slopes[:, 1 : 1 + d, 1 : 1 + d] = np.eye(d)
    slopes[:, 1 + d :, 1 + d :] = natural_parameters.quadratic(basis)
    return slopes

"""First and second derivatives of the log-likelihood on a ground, by the mixture's own parameters.

EM crawls where components overlap, because it knows the slope alone. The curvature tells how far
there is to go. A component is described by its log weight, precision times mean, and precision;
the log joint is linear in these but for its normaliser A, whose derivatives are moments. With S
the sums of shared T, the gradient is that of S . theta; and minus the curvature is what it were if
all labels were known, less the covariance of T over the labels (Louis 1982, "Finding the observed
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

from . import structure_traits
from .batch import Indices, MixtureBatch
from .batched_em import BatchData

#: Rows at a time, so that what is made of them stays in the cache.
_ROWS = 2048
#: A step may not take a component's weight below this.
_NO_WEIGHT = 1e-12


def shapes(structure: Structure, scale: Array) -> Array | None:
    """Precisions (B, D, D) that those of the structure are sums of; None where there are none."""
    d = len(scale)
    blocks = structure_traits.blocks(structure, d)
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
    """Derivatives where one mixture stands, by its P free parameters.

    `weights` (K,), `means`, `precisions` and `covariances` are its parts, `basis` (B, D, D) the
    shapes that precisions are made of, `slopes` (K, C, F) the derivatives of each component's
    theta by its C = 1 + D + B own parameters, and `places` (K, C) where these are among the free.
    """

    weights: Array
    means: Array
    precisions: Array
    covariances: Array
    basis: Array
    slopes: Array
    places: Indices

    @classmethod
    def at(cls, ground: BatchData, flock: MixtureBatch, basis: Array) -> Curvature:
        """The derivatives where the first member stands."""
        means, covariances = flock.means[0], flock.covariances()[0]
        weights, whiteners = np.exp(flock.log_weights[0]), np.linalg.inv(flock.lower[0])
        slopes = _slopes(means, covariances - np.diag(ground.blur), basis)
        return cls(
            weights / weights.sum(),
            means,
            whiteners.transpose(0, 2, 1) @ whiteners,
            covariances,
            basis,
            np.ascontiguousarray(slopes[:, :, ground.kept]),
            _places(means.shape, len(basis), ground.structure.shared),
        )

    def gradient(self, sums: Array) -> Array:
        """(P,), from the sums (K, F) of shared T."""
        own = (self.slopes @ sums[:, :, None])[:, :, 0]
        own[:, 0] -= self.weights * sums[:, 0].sum()
        return np.asarray(np.bincount(self.places.ravel(), own.ravel()), dtype=np.float64)

    def complete(self, sums: Array) -> Array:
        """Minus the curvature (P, P) if labels were known: positive definite.

        All log weights together are free; they are held by what makes them positive definite.
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

    def unknown(self, ground: BatchData, theta: Array) -> Array:
        """What is lost (P, P) because the labels are not known."""
        k, own = self.places.shape
        each, cross = np.zeros((k, own, own)), np.zeros((k * own, k * own))
        for start in range(0, ground.rows.shape[1], _ROWS):
            t = ground.statistics[:, start : start + _ROWS]
            root = theta @ t
            root -= root.max(axis=0)
            np.exp(root, out=root)
            root /= root.sum(axis=0)
            np.sqrt(root, out=root)
            scores = self.slopes @ t
            if ground.weight is not None:
                scores *= np.sqrt(ground.weight[start : start + _ROWS])
            scores *= root[:, None]
            each += scores @ scores.transpose(0, 2, 1)
            scores *= root[:, None]
            flat = scores.reshape(k * own, -1)
            cross -= flat @ flat.T
        return self._gathered(each, cross)

    def moved(self, step: Array) -> Moments | None:
        """Moments (of total weight 1) a step (P,) away; None where a component has no weight left.

        Ridges, where components overlap, are bent; least so in moments, whose sums over components
        hardly change along them.
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
        """Parts (K, C, C) of single components and those of pairs (K C, K C) as one (P, P)."""
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
    """Where the parameters (K, C) of components are among the free; `shape` is (K, D)."""
    k, d = shape
    if not shared:
        return np.arange(k * (1 + d + b)).reshape(k, 1 + d + b)
    alone = np.arange(k * (1 + d)).reshape(k, 1 + d)
    return np.concatenate([alone, np.repeat(k * (1 + d) + np.arange(b)[None], k, axis=0)], axis=1)


def _slopes(means: Array, spread: Array, basis: Array) -> Array:
    """Derivatives (K, C, F) of theta; `spread` is the covariances less what rows are blurred by."""
    k, d = means.shape
    slopes = np.zeros((k, 1 + d + len(basis), natural_parameters.n_statistics(d)))
    slopes[:, 0, 0] = 1.0
    slopes[:, 1 : 1 + d, 0] = -means
    slopes[:, 1 + d :, 0] = np.einsum("kij,bij->kb", spread + outer(means), basis) / 2
    slopes[:, 1 : 1 + d, 1 : 1 + d] = np.eye(d)
    slopes[:, 1 + d :, 1 + d :] = natural_parameters.quadratic(basis)
    return slopes

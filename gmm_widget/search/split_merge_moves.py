"""Moves away from a local optimum: neighbouring mixtures from which EM may reach a higher one.

A swap removes a component and places it at a row drawn at random (Zhao, Hautamaki, Karkkainen &
Franti 2012, "Random swap EM for Gaussian mixture models"). A split with a merge joins the two
components whose merge loses least and splits another (Ueda, Nakano, Ghahramani & Hinton 2000,
"SMEM algorithm for mixture models").
"""

from __future__ import annotations

import numpy as np

from gmm_widget.core.linalg import Array, outer
from gmm_widget.core.moments import Moments
from gmm_widget.core.split_merge import Parts, half_offset, pair_merges

from .batch import Indices, MixtureBatch
from .batched_em import BatchData


def swaps(
    data: BatchData,
    batch: MixtureBatch,
    count: int,
    rng: np.random.Generator,
    narrow: bool = False,
) -> MixtureBatch:
    """`count` mixtures, each with one component of the first member placed elsewhere.

    Half of them are placed where the mixture fits worst, by Mahalanobis distance. They get half of
    the average covariance; with `narrow`, the other half get a covariance as small as the nearest
    quarter of an average component's rows, for clusters that lie within wider ones.
    """
    parts = _repeated(batch, count)
    k, each = parts.weights.shape[1], np.arange(count)
    moved = rng.integers(k, size=count)
    chance = np.ones(data.rows.shape[1]) if data.weight is None else data.weight
    y = np.linalg.inv(batch.lower[0]) @ (data.rows - batch.means[0][:, :, None])
    far = chance * (y**2).sum(axis=1).min(axis=0)
    rows = np.concatenate([_drawn(far, count // 2, rng), _drawn(chance, count - count // 2, rng)])
    pooled = np.einsum("k,kij->ij", parts.weights[0], parts.covariances[0])
    parts.weights[each, moved] = 1 / k
    parts.means[each, moved] = data.rows[:, rows].T
    parts.covariances[each, moved] = pooled / 2
    if narrow:
        small = slice(count // 2, None)
        parts.covariances[each[small], moved[small]] = _local(data, rows[small], 1 / (4 * k))
    return fitted(data, parts)


def splits_with_merges(
    data: BatchData, batch: MixtureBatch, count: int, rng: np.random.Generator
) -> MixtureBatch | None:
    """At most `count` mixtures with one merge and one split; None with fewer than 3 components.

    Drawn at random from the cheaper half of the merges.
    """
    k = batch.means.shape[1]
    if k < 3:
        return None
    one = _repeated(batch, 1)
    first, second, loss, joint = pair_merges(*one)
    cheap = np.argsort(loss[0], kind="stable")[: max(1, (len(first) + 1) // 2)]
    pairs = [(p, c) for p in cheap for c in range(k) if c not in (first[p], second[p])]
    p, cut = np.array(pairs)[rng.permutation(len(pairs))[:count]].T
    parts, each = _repeated(batch, len(p)), np.arange(len(p))
    step = half_offset(one.covariances[0])[cut]
    half, centre = parts.weights[each, cut] / 2, parts.means[each, cut]
    shape = parts.covariances[each, cut] - outer(step)
    for part, merged in zip(parts, joint, strict=True):
        part[each, first[p]] = merged[0, p]
    for place, sign in ((cut, -1), (second[p], 1)):
        parts.weights[each, place] = half
        parts.means[each, place] = centre + sign * step
        parts.covariances[each, place] = shape
    return fitted(data, parts)


def merged(data: BatchData, batch: MixtureBatch) -> MixtureBatch:
    """Every member with its two nearest components merged."""
    s, k = batch.log_weights.shape
    parts = parts_of(batch)
    first, second, loss, joint = pair_merges(*parts)
    best, each = loss.argmin(axis=1), np.arange(s)
    keep = np.ones((s, k), dtype=np.bool_)
    keep[each, second[best]] = False
    for part, merger in zip(parts, joint, strict=True):
        part[each, first[best]] = merger[each, best]
    kept = (part[keep].reshape(s, k - 1, *part.shape[2:]) for part in parts)
    return fitted(data, Parts(*kept))


def splits(data: BatchData, batch: MixtureBatch) -> MixtureBatch:
    """K mixtures of one component more: in each, one component of the first member is split."""
    k = batch.means.shape[1]
    parts, each = _repeated(batch, k), np.arange(k)
    step = half_offset(parts.covariances[0])
    half, centre = parts.weights[each, each] / 2, parts.means[each, each]
    shape = parts.covariances[each, each] - outer(step)
    larger = Parts(*(np.concatenate([part, part[:, :1]], axis=1) for part in parts))
    for place, sign in ((each, -1), (np.full(k, k), 1)):
        larger.weights[each, place] = half
        larger.means[each, place] = centre + sign * step
        larger.covariances[each, place] = shape
    return fitted(data, larger)


def mergers(data: BatchData, batch: MixtureBatch, count: int) -> MixtureBatch:
    """Mixtures of one component fewer: the `count` cheapest merges of the first member."""
    one = parts_of(batch.take([0]))
    first, second, loss, joint = pair_merges(*one)
    cheap = np.argsort(loss[0], kind="stable")[:count]
    parts, each = _repeated(batch, len(cheap)), np.arange(len(cheap))
    keep = np.ones(parts.weights.shape, dtype=np.bool_)
    keep[each, second[cheap]] = False
    for part, merger in zip(parts, joint, strict=True):
        part[each, first[cheap]] = merger[0, cheap]
    kept = (part[keep].reshape(len(cheap), -1, *part.shape[2:]) for part in parts)
    return fitted(data, Parts(*kept))


def _local(data: BatchData, rows: Indices, share: float) -> Array:
    """Diagonal covariances (S, D, D) as wide as the nearest `share` of all rows around each of
    these.
    """
    d = len(data.variance)
    z = data.rows.T / np.sqrt(data.variance)
    weight = np.ones(len(z)) if data.weight is None else data.weight
    apart = ((z[rows][:, None] - z) ** 2).sum(axis=2)
    order = np.argsort(apart, axis=1)
    reached = np.cumsum(weight[order], axis=1) >= share * weight.sum()
    square = np.take_along_axis(apart, order, axis=1)[np.arange(len(rows)), reached.argmax(axis=1)]
    return np.asarray(np.maximum(square / d, 1e-6)[:, None, None] * np.diag(data.variance))


def _drawn(chance: Array, count: int, rng: np.random.Generator) -> Indices:
    """`count` indices drawn with probabilities proportional to `chance`."""
    sums = chance.cumsum()
    places = np.searchsorted(sums, rng.random(count) * sums[-1], side="right")
    return np.asarray(places.clip(0, len(sums) - 1))


def _repeated(batch: MixtureBatch, count: int) -> Parts:
    """The parts of the first member `count` times."""
    return Parts(*(np.repeat(part, count, axis=0) for part in parts_of(batch.take([0]))))


def parts_of(batch: MixtureBatch) -> Parts:
    """Weights, means and covariances of every member."""
    return Parts(np.exp(batch.log_weights), batch.means.copy(), batch.covariances())


def fitted(data: BatchData, parts: Parts) -> MixtureBatch:
    """Mixtures under the structure, from parts with an axis of members in front."""
    s, k, d = parts.means.shape
    weights = parts.weights / parts.weights.sum(axis=1, keepdims=True)
    counts = weights.ravel() * data.total
    scatters = parts.covariances.reshape(s * k, d, d) * counts[:, None, None]
    moments = Moments(counts, parts.means.reshape(s * k, d), scatters)
    return data.fitted(moments, np.ones(s, dtype=np.bool_))

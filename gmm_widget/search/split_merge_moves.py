"""Ways out of a local optimum: neighbours of a fitted mixture from which EM may climb higher.

A swap takes a component away and plants it at a row drawn at random (Zhao, Hautamaki, Karkkainen
& Franti 2012, "Random swap EM for Gaussian mixture models"). A split with a merge joins two
components that lose least by it and cuts another in two (Ueda, Nakano, Ghahramani & Hinton 2000,
"SMEM algorithm for mixture models").
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from gmm_widget.core.linalg import Array, outer
from gmm_widget.core.moments import Moments

from .batch import Indices, MixtureBatch
from .batched_em import BatchData


class _Parts(NamedTuple):
    """Weights (S, K), means (S, K, D) and covariances (S, K, D, D)."""

    weights: Array
    means: Array
    covariances: Array


def swaps(
    ground: BatchData,
    flock: MixtureBatch,
    count: int,
    rng: np.random.Generator,
    narrow: bool = False,
) -> MixtureBatch:
    """`count` mixtures, each with one component of the first member planted elsewhere.

    Half of them are planted where the mixture reaches least, in Mahalanobis distance. They get
    half of the average covariance; or, if `narrow`, the other half get one as small as a quarter
    of an average component's rows is there, for clusters that lie within wider ones.
    """
    parts = _repeated(flock, count)
    k, each = parts.weights.shape[1], np.arange(count)
    moved = rng.integers(k, size=count)
    chance = np.ones(ground.rows.shape[1]) if ground.weight is None else ground.weight
    y = np.linalg.inv(flock.lower[0]) @ (ground.rows - flock.means[0][:, :, None])
    far = chance * (y**2).sum(axis=1).min(axis=0)
    rows = np.concatenate([_drawn(far, count // 2, rng), _drawn(chance, count - count // 2, rng)])
    pooled = np.einsum("k,kij->ij", parts.weights[0], parts.covariances[0])
    parts.weights[each, moved] = 1 / k
    parts.means[each, moved] = ground.rows[:, rows].T
    parts.covariances[each, moved] = pooled / 2
    if narrow:
        small = slice(count // 2, None)
        parts.covariances[each[small], moved[small]] = _local(ground, rows[small], 1 / (4 * k))
    return _fitted(ground, parts)


def splits_with_merges(
    ground: BatchData, flock: MixtureBatch, count: int, rng: np.random.Generator
) -> MixtureBatch | None:
    """At most `count` mixtures with one merge and one split; None with fewer than 3 components.

    They are drawn at random among the mergers that lose less than the others.
    """
    k = flock.means.shape[1]
    if k < 3:
        return None
    one = _repeated(flock, 1)
    first, second, loss, joint = _mergers(one)
    cheap = np.argsort(loss[0], kind="stable")[: max(1, (len(first) + 1) // 2)]
    pairs = [(p, c) for p in cheap for c in range(k) if c not in (first[p], second[p])]
    p, cut = np.array(pairs)[rng.permutation(len(pairs))[:count]].T
    parts, each = _repeated(flock, len(p)), np.arange(len(p))
    step = _half_step(one.covariances[0])[cut]
    half, centre = parts.weights[each, cut] / 2, parts.means[each, cut]
    shape = parts.covariances[each, cut] - outer(step)
    for part, merged in zip(parts, joint, strict=True):
        part[each, first[p]] = merged[0, p]
    for place, sign in ((cut, -1), (second[p], 1)):
        parts.weights[each, place] = half
        parts.means[each, place] = centre + sign * step
        parts.covariances[each, place] = shape
    return _fitted(ground, parts)


def merged(ground: BatchData, flock: MixtureBatch) -> MixtureBatch:
    """Every member with its two nearest components made one."""
    s, k = flock.log_weights.shape
    parts = _repeated(flock, None)
    first, second, loss, joint = _mergers(parts)
    best, each = loss.argmin(axis=1), np.arange(s)
    keep = np.ones((s, k), dtype=np.bool_)
    keep[each, second[best]] = False
    for part, merger in zip(parts, joint, strict=True):
        part[each, first[best]] = merger[each, best]
    kept = (part[keep].reshape(s, k - 1, *part.shape[2:]) for part in parts)
    return _fitted(ground, _Parts(*kept))


def splits(ground: BatchData, flock: MixtureBatch) -> MixtureBatch:
    """Mixtures (K of them) of one component more: each has one of the first member's cut in two."""
    k = flock.means.shape[1]
    parts, each = _repeated(flock, k), np.arange(k)
    step = _half_step(parts.covariances[0])
    half, centre = parts.weights[each, each] / 2, parts.means[each, each]
    shape = parts.covariances[each, each] - outer(step)
    larger = _Parts(*(np.concatenate([part, part[:, :1]], axis=1) for part in parts))
    for place, sign in ((each, -1), (np.full(k, k), 1)):
        larger.weights[each, place] = half
        larger.means[each, place] = centre + sign * step
        larger.covariances[each, place] = shape
    return _fitted(ground, larger)


def mergers(ground: BatchData, flock: MixtureBatch, count: int) -> MixtureBatch:
    """Mixtures of one component fewer: the `count` mergers that cost the first member least."""
    one = _repeated(flock.take([0]), None)
    first, second, loss, joint = _mergers(one)
    cheap = np.argsort(loss[0], kind="stable")[:count]
    parts, each = _repeated(flock, len(cheap)), np.arange(len(cheap))
    keep = np.ones(parts.weights.shape, dtype=np.bool_)
    keep[each, second[cheap]] = False
    for part, merger in zip(parts, joint, strict=True):
        part[each, first[cheap]] = merger[0, cheap]
    kept = (part[keep].reshape(len(cheap), -1, *part.shape[2:]) for part in parts)
    return _fitted(ground, _Parts(*kept))


def _local(ground: BatchData, rows: Indices, share: float) -> Array:
    """Covariances (S, D, D) in the columns' proportions, about as wide as the rows around these.

    That is, as far as the nearest `share` of all rows reaches.
    """
    d = len(ground.spread)
    z = ground.rows.T / np.sqrt(ground.spread)
    weight = np.ones(len(z)) if ground.weight is None else ground.weight
    apart = ((z[rows][:, None] - z) ** 2).sum(axis=2)
    order = np.argsort(apart, axis=1)
    reached = np.cumsum(weight[order], axis=1) >= share * weight.sum()
    square = np.take_along_axis(apart, order, axis=1)[np.arange(len(rows)), reached.argmax(axis=1)]
    return np.asarray(np.maximum(square / d, 1e-6)[:, None, None] * np.diag(ground.spread))


def _drawn(chance: Array, count: int, rng: np.random.Generator) -> Indices:
    """`count` indices, drawn with these chances."""
    sums = chance.cumsum()
    places = np.searchsorted(sums, rng.random(count) * sums[-1], side="right")
    return np.asarray(places.clip(0, len(sums) - 1))


def _repeated(flock: MixtureBatch, count: int | None) -> _Parts:
    """The parts of the first member `count` times, or of every member."""
    if count is None:
        return _Parts(np.exp(flock.log_weights), flock.means.copy(), flock.covariances())
    one = _repeated(flock.take([0]), None)
    return _Parts(*(np.repeat(part, count, axis=0) for part in one))


def _mergers(parts: _Parts) -> tuple[Indices, Indices, Array, _Parts]:
    """Pairs (P,) and (P,), what each merger loses at most (S, P), and what it gives (S, P, ...).

    The bound is that of Runnalls (2007), "Kullback-Leibler approach to Gaussian mixture reduction".
    """
    w, means, covariances = parts
    i, j = np.triu_indices(w.shape[1], 1)
    joint = w[:, i] + w[:, j]
    a = (w[:, i] / joint)[:, :, None]
    step = means[:, i] - means[:, j]
    mean = means[:, j] + a * step
    a = a[..., None]
    between = a * (1 - a) * (step[..., :, None] * step[..., None, :])
    shape = a * covariances[:, i] + (1 - a) * covariances[:, j] + between
    own = w * np.linalg.slogdet(covariances)[1]
    loss = joint * np.linalg.slogdet(shape)[1] - own[:, i] - own[:, j]
    return i, j, loss, _Parts(joint, mean, shape)


def _half_step(covariances: Array) -> Array:
    """From a mean to that of half a Gaussian (K, D), cut across its longest axis."""
    values, vectors = np.linalg.eigh(covariances)
    return np.asarray(vectors[:, :, -1] * np.sqrt(values[:, -1:] * 2 / np.pi))


def _fitted(ground: BatchData, parts: _Parts) -> MixtureBatch:
    s, k, d = parts.means.shape
    weights = parts.weights / parts.weights.sum(axis=1, keepdims=True)
    counts = weights.ravel() * ground.total
    scatters = parts.covariances.reshape(s * k, d, d) * counts[:, None, None]
    moments = Moments(counts, parts.means.reshape(s * k, d), scatters)
    return ground.fitted(moments, np.ones(s, dtype=np.bool_))

"""Where EM begins: a mixture from seeds found by k-means++, k-means, or at random.

Seeds are sought in a sample of the rows, with every column in units of its own spread.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .groups import from_labels, from_responsibilities, grouped, maximise
from .linalg import Array
from .mixture import Mixture
from .moments import Moments
from .points import Points
from .structure import Structure

__all__ = ["METHODS", "from_labels", "from_responsibilities", "start"]

METHODS = ("k-means++", "kmeans", "random")
_SAMPLE = 1 << 14
_LONGEST = 100


def start(
    points: Points,
    n_components: int,
    structure: Structure,
    method: str = "k-means++",
    rng: np.random.Generator | None = None,
) -> Mixture:
    """A first mixture. Raises ValueError if there are fewer distinct points than components.

    "k-means++": seeds far from each other (Arthur & Vassilvitskii 2007), each with the points
    nearest to it. "kmeans": the same after Lloyd's iterations. "random": means on distinct points
    drawn at random, all of the same weight and shape.
    """
    if method not in METHODS:
        raise ValueError(f"unknown start {method!r}; choose one of {', '.join(METHODS)}")
    if n_components != int(n_components) or n_components < 1:
        raise ValueError(f"the number of components must be 1 or more; got {n_components}")
    rng = np.random.default_rng() if rng is None else rng
    z, weight = _sample(points, rng)
    unit = np.sqrt(points.spread)
    seeds = _seeds(z / unit, weight, n_components, rng, far=method != "random")
    if len(seeds) < n_components:
        seeds = _distinct(points, n_components) / unit
    if method == "random":
        return maximise(points, _alike(points, z, weight, seeds * unit), structure)
    labels = _nearest(z / unit, seeds)
    if method == "kmeans":
        seeds, labels = _lloyd(z / unit, weight, seeds, labels)
    return maximise(points, _near(points, z, weight, seeds * unit, labels), structure)


def _sample(points: Points, rng: np.random.Generator) -> tuple[Array, Array]:
    """At most _SAMPLE rows (n, D) of some weight, in the frame, and their weights."""
    weight = np.ones(points.n) if points.sample_weight is None else points.sample_weight
    chosen = np.flatnonzero(weight > 0)
    if len(chosen) > _SAMPLE:
        chosen = np.sort(rng.choice(chosen, _SAMPLE, replace=False))
    z = (points.rows[chosen] - points.frame.origin) / points.frame.scale
    return z, weight[chosen]


def _seeds(z: Array, weight: Array, k: int, rng: np.random.Generator, far: bool) -> Array:
    """Up to k distinct rows, fewer if there are no more.

    If `far`, far rows are drawn more often, and of 2 + log k draws the one is kept that leaves
    the rest nearest to its seeds (greedy k-means++).
    """
    draws = 2 + int(np.log(k)) if far else 1
    distance = np.full(len(z), np.inf)
    chance = weight
    seeds: list[Array] = []
    while len(seeds) < k and chance.any():
        drawn = rng.choice(len(z), size=draws, p=chance / chance.sum())
        nearer = [np.minimum(distance, ((z - z[i]) ** 2).sum(axis=1)) for i in drawn]
        best = int(np.argmin([weight @ d for d in nearer]))
        seeds.append(z[drawn[best]])
        distance = nearer[best]
        chance = weight * (distance if far else distance > 0)
    return np.array(seeds)


def _distinct(points: Points, k: int) -> Array:
    """k distinct rows of some weight, in the frame, from all of the points."""
    found = np.empty((0, points.d))
    for block, weight in points.blocks():
        rows = block.T if weight is None else block.T[weight > 0]
        found = np.unique(np.concatenate([found, rows]), axis=0)[:k]
    if len(found) < k:
        raise ValueError(
            f"{k} components need {k} distinct points, but there are only {len(found)}; "
            "ask for fewer components"
        )
    return found


def _nearest(z: Array, seeds: Array) -> NDArray[np.intp]:
    distance = np.stack([((z - seed) ** 2).sum(axis=1) for seed in seeds])
    return np.asarray(distance.argmin(axis=0))


def _lloyd(
    z: Array, weight: Array, seeds: Array, labels: NDArray[np.intp]
) -> tuple[Array, NDArray[np.intp]]:
    """k-means from these seeds; a group that runs empty keeps its seed."""
    for _ in range(_LONGEST):
        counts = np.bincount(labels, weight, len(seeds))
        for j in np.flatnonzero(counts > 0):
            rows = labels == j
            seeds[j] = weight[rows] @ z[rows] / counts[j]
        again = _nearest(z, seeds)
        if np.array_equal(again, labels):
            break
        labels = again
    return seeds, labels


def _near(
    points: Points, z: Array, weight: Array, seeds: Array, labels: NDArray[np.intp]
) -> Moments:
    """Moments of the groups; each borrows D + 1 points' worth of the pooled shape.

    So a group of one point, too, has some width.
    """
    k, d = seeds.shape
    found = grouped(z, weight, (labels[:, None] == np.arange(k)).astype(np.float64))
    lent = (d + 1) * float(weight.mean())
    pooled = found.scatters.sum(axis=0) / weight.sum() + 1e-3 * np.diag(points.spread)
    counts = np.maximum(found.counts, lent / (d + 1))
    scatters = (found.scatters + lent * pooled) * (counts / (counts + lent))[:, None, None]
    means = np.where((found.counts > 0)[:, None], found.means, seeds)
    return Moments(counts, means, scatters)


def _alike(points: Points, z: Array, weight: Array, seeds: Array) -> Moments:
    """Equal weights, and the shape of all points shrunk to a k-th of its volume."""
    k, d = seeds.shape
    whole = grouped(z, weight, np.ones((len(z), 1)))
    shape = whole.covariances()[0] * k ** (-2 / d) + 1e-3 * np.diag(points.spread)
    return Moments(np.ones(k), seeds, np.repeat(shape[None], k, axis=0))

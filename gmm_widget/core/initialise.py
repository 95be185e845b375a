"""Initial mixtures for EM: from k-means++ seeds, k-means, random rows, labels or responsibilities.

Seeds are drawn from a sample of the rows, with every column in units of its standard deviation.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple, final

import numpy as np
from numpy.random import Generator
from numpy.typing import ArrayLike, NDArray

from .linalg import Array
from .m_step import mixture_of_moments
from .mixture import Mixture
from .moments import Moments, merge, weighted_moments
from .points import Points
from .structure import Structure

METHODS = ("k-means++", "kmeans", "random")
_SAMPLE = 1 << 14
_MAX_LLOYD_STEPS = 100
_SWAPS = 6  # tried for each seed
_ROWS = 8192


def initial_mixture(
    points: Points,
    n_components: int,
    structure: Structure,
    method: str = "k-means++",
    rng: Generator | None = None,
) -> Mixture:
    """A mixture to begin with. ValueError if there are fewer distinct points than components.

    "k-means++": distant seeds (Arthur & Vassilvitskii 2007), each with the points nearest to it.
    "kmeans": the same after Lloyd's iterations. "random": means on distinct points drawn at
    random, with equal weights and covariances.
    """
    if method not in METHODS:
        raise ValueError(f"unknown start {method!r}; choose one of {', '.join(METHODS)}")
    if n_components != int(n_components) or n_components < 1:
        raise ValueError(f"the number of components must be 1 or more; got {n_components}")
    rng = np.random.default_rng() if rng is None else rng
    z, weight = _sample(points, rng)
    unit = np.sqrt(points.variance)
    if method == "random":
        seeds = _seeds(z / unit, weight, n_components, rng, spread=False)
        if len(seeds) < n_components:
            seeds = _distinct_rows(points, n_components) / unit
        moments = _equal_moments(points, z, weight, seeds * unit)
        return mixture_of_moments(points, moments, structure)
    groups = _grouped(z / unit, _spread_seeds(points, z / unit, weight, n_components, rng))
    if method == "kmeans":
        groups = _lloyd(z / unit, weight, groups)
    moments = _group_moments(points, z, weight, groups.centres * unit, groups.labels)
    return mixture_of_moments(points, moments, structure)


def from_labels(points: Points, labels: ArrayLike, structure: Structure) -> Mixture:
    """The mixture of groups given by labels (N,), integers 0 to K - 1, each of them in use."""
    groups = np.asarray(labels)
    if groups.shape != (points.n,) or groups.dtype.kind not in "iu":
        raise ValueError(
            f"labels must be {points.n} integers, one a row; "
            f"got shape {groups.shape} of {groups.dtype}"
        )
    if groups.min() < 0:
        row = int(groups.argmin())
        raise ValueError(f"labels must be 0 or more; row {row} has {groups[row]}")
    k = int(groups.max()) + 1
    used = np.bincount(groups, points.sample_weight, k) > 0
    if not used.all():
        raise ValueError(
            f"no row of any weight has the label {int(np.argmin(used))}; "
            f"number the groups 0 to {int(used.sum()) - 1}"
        )
    blocks = (groups[start : start + _ROWS, None] for start in range(0, points.n, _ROWS))
    one_hot = ((block == np.arange(k)).astype(np.float64) for block in blocks)
    return _from_responsibilities(points, one_hot, structure)


def from_responsibilities(
    points: Points, responsibilities: ArrayLike, structure: Structure
) -> Mixture:
    """The mixture of one M-step from responsibilities (N, K), whose rows sum to one."""
    r = np.asarray(responsibilities, dtype=np.float64)
    if r.ndim != 2 or len(r) != points.n or r.shape[1] < 1:
        raise ValueError(f"responsibilities must have shape ({points.n}, K); got {r.shape}")
    wrong = np.flatnonzero(~(np.abs(r.sum(axis=1) - 1) < 1e-6) | (r < 0).any(axis=1))
    if len(wrong):
        raise ValueError(
            "responsibilities must be 0 or more and sum to 1 in each row; "
            f"row {wrong[0]} has {r[wrong[0]].tolist()}"
        )
    blocks = (r[start : start + _ROWS] for start in range(0, points.n, _ROWS))
    return _from_responsibilities(points, blocks, structure)


def _from_responsibilities(
    points: Points, responsibilities: Iterable[Array], structure: Structure
) -> Mixture:
    """From blocks of responsibilities (_ROWS, K) in the order of the rows."""
    moments: Moments | None = None
    for (z, weight), r in zip(points.blocks(_ROWS), responsibilities, strict=True):
        part = weighted_moments(z.T, weight, r)
        moments = part if moments is None else merge(moments, part)
    assert moments is not None
    return mixture_of_moments(points, moments, structure)


def _sample(points: Points, rng: Generator) -> tuple[Array, Array]:
    """At most _SAMPLE rows (n, D) of positive weight, in the frame, and their weights."""
    weight = np.ones(points.n) if points.sample_weight is None else points.sample_weight
    chosen = np.flatnonzero(weight > 0)
    if len(chosen) > _SAMPLE:
        chosen = np.sort(rng.choice(chosen, _SAMPLE, replace=False))
    z = (points.rows[chosen] - points.frame.origin) / points.frame.scale
    return z, weight[chosen]


def _seeds(z: Array, weight: Array, k: int, rng: Generator, spread: bool) -> Array:
    """Up to k distinct rows, fewer if there are no more.

    With `spread`, by greedy k-means++: rows are drawn by their squared distance from the seeds so
    far, and of 2 + log k candidates the one that leaves the least total distance becomes a seed.
    """
    n_candidates = 2 + int(np.log(k)) if spread else 1
    distance = np.full(len(z), np.inf)
    chance = weight
    seeds: list[Array] = []
    while len(seeds) < k and chance.any():
        candidates = rng.choice(len(z), size=n_candidates, p=chance / chance.sum())
        nearer = [np.minimum(distance, ((z - z[i]) ** 2).sum(axis=1)) for i in candidates]
        best = int(np.argmin([weight @ d for d in nearer]))
        seeds.append(z[candidates[best]])
        distance = nearer[best]
        chance = weight * (distance if spread else distance > 0)
    return np.array(seeds)


def _distinct_rows(points: Points, k: int) -> Array:
    """k distinct rows of positive weight, in the frame, from all of the points."""
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


@final
class _Groups(NamedTuple):
    """Centres (K, D) and the index (n,) of the nearest one to each row."""

    centres: Array
    labels: NDArray[np.intp]


def _spread_seeds(points: Points, z: Array, weight: Array, k: int, rng: Generator) -> Array:
    """k seeds by greedy k-means++, improved by swaps (Lattanzi & Sohler 2019).

    A row drawn by its squared distance takes the place of the seed whose loss it makes up for most,
    if that lessens the inertia: so no far group stays without a seed while another has two.
    """
    seeds = _seeds(z, weight, k, rng, spread=True)
    if len(seeds) < k:
        return _distinct_rows(points, k) / np.sqrt(points.variance)
    if k == 1:
        return seeds
    squares = np.stack([((z - seed) ** 2).sum(axis=1) for seed in seeds])
    nearest, second, labels = _two_nearest(squares)
    for _ in range(_SWAPS * k):
        chance = weight * nearest
        inertia = chance.sum()
        if not inertia > 0:
            break
        drawn = z[rng.choice(len(z), p=chance / inertia)]
        distance = ((z - drawn) ** 2).sum(axis=1)
        kept = np.minimum(distance, nearest)
        loss = np.bincount(labels, weight * (np.minimum(distance, second) - kept), k)
        j = int(loss.argmin())
        if weight @ kept + loss[j] < inertia * (1 - 1e-9):
            seeds[j], squares[j] = drawn, distance
            nearest, second, labels = _two_nearest(squares)
    return seeds


def _two_nearest(squares: Array) -> tuple[Array, Array, NDArray[np.intp]]:
    """The least and the second least of squared distances (K, n), and the index of the least."""
    two = np.partition(squares, 1, axis=0)[:2]
    return two[0], two[1], squares.argmin(axis=0)


def _grouped(z: Array, centres: Array) -> _Groups:
    """Each row with its nearest centre."""
    squares = (centres**2).sum(axis=1) - 2 * (z @ centres.T)
    return _Groups(centres, squares.argmin(axis=1))


def _lloyd(z: Array, weight: Array, groups: _Groups) -> _Groups:
    """k-means from these groups; the centre of a group that becomes empty stays where it was."""
    for _ in range(_MAX_LLOYD_STEPS):
        centres, labels = groups.centres.copy(), groups.labels
        counts = np.bincount(labels, weight, len(centres))
        used = counts > 0
        for column, values in enumerate(z.T):
            sums = np.bincount(labels, weight * values, len(centres))
            centres[used, column] = sums[used] / counts[used]
        groups = _grouped(z, centres)
        if np.array_equal(groups.labels, labels):
            break
    return groups


def _group_moments(
    points: Points, z: Array, weight: Array, seeds: Array, labels: NDArray[np.intp]
) -> Moments:
    """Moments of the groups, each shrunk towards the pooled covariance.

    The pooled one counts as D + 1 points of average weight, so a group of a single point has a
    covariance too.
    """
    k, d = seeds.shape
    groups = weighted_moments(z, weight, (labels[:, None] == np.arange(k)).astype(np.float64))
    prior = (d + 1) * float(weight.mean())
    pooled = groups.scatters.sum(axis=0) / weight.sum() + 1e-3 * np.diag(points.variance)
    counts = np.maximum(groups.counts, prior / (d + 1))
    scatters = (groups.scatters + prior * pooled) * (counts / (counts + prior))[:, None, None]
    means = np.where((groups.counts > 0)[:, None], groups.means, seeds)
    return Moments(counts, means, scatters)


def _equal_moments(points: Points, z: Array, weight: Array, seeds: Array) -> Moments:
    """Equal weights, and the covariance of all points shrunk to 1/k of its volume."""
    k, d = seeds.shape
    overall = weighted_moments(z, weight, np.ones((len(z), 1))).covariances()[0]
    covariance = overall * k ** (-2 / d) + 1e-3 * np.diag(points.variance)
    return Moments(np.ones(k), seeds, np.repeat(covariance[None], k, axis=0))

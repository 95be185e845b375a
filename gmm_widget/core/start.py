"""Where EM begins: mixtures from k-means++, k-means, random points, labels or responsibilities.

Seeds are sought in a sample of the rows, with every column in units of its own spread.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .em import m_step
from .expectation import Expectation
from .linalg import Array
from .mixture import Mixture
from .moments import Moments
from .points import Points
from .structure import Structure

_SAMPLE = 1 << 14
METHODS = ("k-means++", "kmeans", "random")


def start(
    points: Points,
    n_components: int,
    structure: Structure,
    method: str = "k-means++",
    rng: np.random.Generator | None = None,
) -> Mixture:
    """A first mixture of `n_components`. Methods: "k-means++", "kmeans", "random".

    Raises ValueError when there are fewer distinct points than components.
    """
    if method not in METHODS:
        raise ValueError(f"unknown start {method!r}; choose one of {', '.join(METHODS)}")
    if n_components < 1 or n_components != int(n_components):
        raise ValueError(f"the number of components must be 1 or more; got {n_components}")
    rng = np.random.default_rng() if rng is None else rng
    z, weight = _sample(points, rng)
    seeds = _seeds(z, weight, n_components, rng, spread_out=method != "random")
    labels = _nearest(z, seeds)
    if method == "kmeans":
        seeds, labels = _lloyd(z, weight, seeds, labels)
    return _from_clusters(points, z, weight, seeds, labels, structure)


def from_labels(points: Points, labels: ArrayLike, structure: Structure) -> Mixture:
    """The mixture of groups given by labels (N,), integers 0 to K - 1, each used at least once."""
    groups = np.asarray(labels)
    if groups.shape != (points.n,) or groups.dtype.kind not in "iu":
        raise ValueError(f"labels must be {points.n} integers; got {groups.shape} {groups.dtype}")
    if groups.min() < 0:
        raise ValueError(f"labels must be 0 or more; row {int(groups.argmin())} has {groups.min()}")
    return from_responsibilities(points, np.eye(int(groups.max()) + 1)[groups], structure)


def from_responsibilities(points: Points, r: ArrayLike, structure: Structure) -> Mixture:
    """The mixture of one M-step from responsibilities r (N, K), rows that sum to one."""
    share = np.asarray(r, dtype=np.float64)
    if share.ndim != 2 or len(share) != points.n or share.shape[1] < 1:
        raise ValueError(f"responsibilities must have shape ({points.n}, K); got {share.shape}")
    wrong = np.flatnonzero(~(np.abs(share.sum(axis=1) - 1) < 1e-6) | (share < 0).any(axis=1))
    if len(wrong):
        raise ValueError(
            f"responsibilities must be 0 or more and sum to 1 in each row; row {wrong[0]} does not"
        )
    z, weight = _all(points)
    return _maximise(points, _grouped(z, weight, share), structure)


def _all(points: Points) -> tuple[Array, Array]:
    ((z, weight),) = points.blocks(points.n)
    return z.T, np.ones(points.n) if weight is None else weight


def _sample(points: Points, rng: np.random.Generator) -> tuple[Array, Array]:
    """At most _SAMPLE rows (n, D) in the frame, in units of their spread, and their weights."""
    if points.n <= _SAMPLE:
        return _all(points)
    chosen = np.sort(rng.choice(points.n, _SAMPLE, replace=False))
    frame = points.frame
    z = (points.rows[chosen] - frame.origin) / frame.scale
    weight = points.sample_weight
    return z, np.ones(_SAMPLE) if weight is None else weight[chosen]


def _seeds(z: Array, weight: Array, k: int, rng: np.random.Generator, spread_out: bool) -> Array:
    """k distinct rows; k-means++ (Arthur & Vassilvitskii 2007) draws far ones more often."""
    distance = np.full(len(z), np.inf)
    chance = weight
    seeds: list[Array] = []
    for _ in range(k):
        total = float(chance.sum())
        if not total > 0:
            raise ValueError(
                f"{k} components need {k} distinct points, but there are only {len(seeds)}; "
                "ask for fewer components"
            )
        seeds.append(z[rng.choice(len(z), p=chance / total)])
        distance = np.minimum(distance, ((z - seeds[-1]) ** 2).sum(axis=1))
        chance = weight * (distance if spread_out else distance > 0)
    return np.array(seeds)


def _nearest(z: Array, seeds: Array) -> NDArray[np.intp]:
    distance = np.stack([((z - seed) ** 2).sum(axis=1) for seed in seeds])
    return np.asarray(distance.argmin(axis=0))


def _lloyd(
    z: Array, weight: Array, seeds: Array, labels: NDArray[np.intp]
) -> tuple[Array, NDArray[np.intp]]:
    """k-means from these seeds; a group that runs empty keeps its seed."""
    for _ in range(100):
        counts = np.bincount(labels, weight, len(seeds))
        for j in np.flatnonzero(counts > 0):
            rows = labels == j
            seeds[j] = weight[rows] @ z[rows] / counts[j]
        again = _nearest(z, seeds)
        if np.array_equal(again, labels):
            break
        labels = again
    return seeds, labels


def _grouped(z: Array, weight: Array, share: Array) -> Moments:
    """Moments of the rows z (n, D) shared out by `share` (n, K)."""
    r = share * weight[:, None]
    counts = r.sum(axis=0)
    means = (r.T @ z) / np.maximum(counts, np.finfo(np.float64).tiny)[:, None]
    scatters = np.empty((share.shape[1], z.shape[1], z.shape[1]))
    for k, mean in enumerate(means):
        y = z - mean
        scatters[k] = (y * r[:, k : k + 1]).T @ y
    return Moments(counts, means, scatters)


def _from_clusters(
    points: Points,
    z: Array,
    weight: Array,
    seeds: Array,
    labels: NDArray[np.intp],
    structure: Structure,
) -> Mixture:
    """Groups as components; each borrows D + 1 points' worth of the pooled shape."""
    k, d = seeds.shape
    found = _grouped(z, weight, np.eye(k)[labels])
    unit = float(weight.mean())
    counts = np.maximum(found.counts, unit)
    pooled = found.scatters.sum(axis=0) / weight.sum() + 1e-3 * np.diag(points.spread)
    borrowed = (d + 1) * unit * pooled
    scale = (counts / (counts + (d + 1) * unit))[:, None, None]
    means = np.where((found.counts > 0)[:, None], found.means, seeds)
    return _maximise(points, Moments(counts, means, (found.scatters + borrowed) * scale), structure)


def _maximise(points: Points, moments: Moments, structure: Structure) -> Mixture:
    """The M-step on moments that come from elsewhere than an E-step."""
    k, d = moments.means.shape
    blank = Mixture(np.full(k, 1 / k), np.zeros((k, d)), np.repeat(np.eye(d)[None], k, axis=0))
    return m_step(Expectation(blank, 0.0, moments, points), structure)

"""Mixtures from groups of points: by labels, or by shares that are given."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from .e_step import Expectation
from .linalg import Array
from .m_step import m_step
from .mixture import Mixture
from .moments import Moments, merge
from .points import Points
from .structure import Structure

_ROWS = 8192


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
    moments: Moments | None = None
    for start, (z, weight) in zip(range(0, points.n, _ROWS), points.blocks(_ROWS), strict=True):
        share = (groups[start : start + _ROWS, None] == np.arange(k)).astype(np.float64)
        found = grouped(z.T, weight, share)
        moments = found if moments is None else merge(moments, found)
    assert moments is not None
    return maximise(points, moments, structure)


def from_responsibilities(points: Points, r: ArrayLike, structure: Structure) -> Mixture:
    """The mixture of one M-step from responsibilities r (N, K), rows that sum to one."""
    share = np.asarray(r, dtype=np.float64)
    if share.ndim != 2 or len(share) != points.n or share.shape[1] < 1:
        raise ValueError(f"responsibilities must have shape ({points.n}, K); got {share.shape}")
    wrong = np.flatnonzero(~(np.abs(share.sum(axis=1) - 1) < 1e-6) | (share < 0).any(axis=1))
    if len(wrong):
        raise ValueError(
            "responsibilities must be 0 or more and sum to 1 in each row; "
            f"row {wrong[0]} has {share[wrong[0]].tolist()}"
        )
    moments: Moments | None = None
    for start, (z, weight) in zip(range(0, points.n, _ROWS), points.blocks(_ROWS), strict=True):
        found = grouped(z.T, weight, share[start : start + _ROWS])
        moments = found if moments is None else merge(moments, found)
    assert moments is not None
    return maximise(points, moments, structure)


def grouped(z: Array, weight: Array | None, share: Array) -> Moments:
    """Moments of the rows z (n, D) of these weights, shared out by `share` (n, K)."""
    r = share if weight is None else share * weight[:, None]
    counts = r.sum(axis=0)
    means = (r.T @ z) / np.where(counts > 0, counts, 1.0)[:, None]
    scatters = np.empty((share.shape[1], z.shape[1], z.shape[1]))
    for k, mean in enumerate(means):
        y = z - mean
        scatters[k] = (y * r[:, k : k + 1]).T @ y
    return Moments(counts, means, scatters)


def maximise(points: Points, moments: Moments, structure: Structure) -> Mixture:
    """The M-step on moments that come from elsewhere than an E-step."""
    k, d = moments.means.shape
    blank = Mixture(np.full(k, 1 / k), np.zeros((k, d)), np.repeat(np.eye(d)[None], k, axis=0))
    return m_step(Expectation(blank, 0.0, 0.0, moments, points, 0.0), structure)

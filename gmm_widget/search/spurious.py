"""Telling a maximum that the data support from one that is owed to a handful of points.

The likelihood of a mixture with free covariances has meaningless maximisers: a component on a few
points, or on points that happen to lie nearly in a plane, makes it arbitrarily high (McLachlan &
Peel 2000, "Finite mixture models", section 3.10). Three signs are looked for:

- few: the component holds hardly more rows than a regular covariance needs;
- chance: it is over ten times narrower, in some direction, than the components are on average, and
  the nats gained by that, count / 2 * log(1 / ratio), are no more than twice what choosing a plane
  among N rows costs, (D + 1) log N: chance could have done as much;
- flat: it is as narrow, and has no width there but by the bounds: within a millionth of the data's
  variance, per weight, or that of a rounding cell. Tied rows do this; only regularisation or the
  resolution keeps such a component's covariance regular.

Under a shared covariance no component can be narrower than the others; one on a single row is still
named.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gmm_widget.core.linalg import Array
from gmm_widget.core.mixture import Mixture
from gmm_widget.core.points import Points
from gmm_widget.core.structure import Structure

from .batch import Flags, MixtureBatch, batch_of

FINE, FEW, CHANCE, FLAT = range(4)
_NARROW = 1e-2
_FLAT = 1e-6
_AT_FLOOR = 1e-3


class Suspicion(NamedTuple):
    """A component that makes a likelihood spurious, and why."""

    component: int
    cause: str

    def __str__(self) -> str:
        return f"component {self.component} {self.cause}"


def suspicions(points: Points, mixture: Mixture, structure: Structure) -> tuple[Suspicion, ...]:
    """The components of a fitted mixture that make its likelihood spurious; mostly none."""
    signs, ratios = _signs(
        batch_of(points, [mixture]),
        structure,
        points.total_weight,
        points.variance,
        points.min_variance,
    )
    counts = mixture.weights * points.total_weight
    bound = "regularisation" if points.resolution is None else "regularisation and rounding"
    found = []
    for k in np.flatnonzero(signs[0]):
        narrow = f"{1 / np.sqrt(ratios[0, k]):.0f} times narrower than the components on average"
        cause = {
            FEW: f"holds a weight of {counts[k]:.3g}, too few rows for a covariance",
            CHANCE: f"holds a weight of {counts[k]:.3g} in rows that lie nearly in line, {narrow}",
            FLAT: f"has no width but by {bound}: its rows are tied, {narrow}",
        }[int(signs[0, k])]
        found.append(Suspicion(int(k), cause))
    return tuple(found)


def spurious(
    batch: MixtureBatch, structure: Structure, total: float, variance: Array, floor: Array
) -> Flags:
    """Flags (S,) of members with a suspicious component."""
    return np.asarray(_signs(batch, structure, total, variance, floor)[0].any(axis=1))


def _signs(
    batch: MixtureBatch, structure: Structure, total: float, variance: Array, floor: Array
) -> tuple[NDArray[np.intp], Array]:
    """The worst sign of every component (S, K), and its least variance ratio (S, K)."""
    s, k, d = batch.means.shape
    weights = np.exp(batch.log_weights)
    counts = weights * total
    signs = np.where(counts < structure.min_rows(d) + 0.5, FEW, FINE)
    if structure.shared or k == 1:
        return signs * (k > 1), np.ones((s, k))
    pooled = (weights[:, :, None, None] * batch.covariances()).sum(axis=1)
    ratios = _squares(np.linalg.inv(np.linalg.cholesky(pooled))[:, None] @ batch.lower)
    least = ratios[:, :, 0]
    narrow = (least < _NARROW) & (signs == FINE)
    if narrow.any():
        nats = -counts / 2 * np.log(np.clip(ratios, 1e-300, 1)).sum(axis=2)
        own = _squares(batch.lower / np.sqrt(variance)[:, None])[:, :, 0]
        signs[narrow & ((own * weights < _FLAT) | _as_narrow_as(floor, batch))] = FLAT
        signs[narrow & (nats < 2 * (d + 1) * np.log(total))] = CHANCE
    return signs, least


def _as_narrow_as(floor: Array, batch: MixtureBatch) -> Flags:
    """Components (S, K) that are no wider, in some direction, than a rounding cell."""
    if not floor.any():
        return np.zeros(batch.log_weights.shape, dtype=np.bool_)
    cells = _squares(np.asarray(np.linalg.inv(batch.lower) * np.sqrt(floor)))
    return np.asarray(cells[:, :, -1] > 1 - _AT_FLOOR)


def _squares(factors: Array) -> Array:
    """Eigenvalues, ascending, of factor @ factor^T."""
    return np.asarray(np.linalg.eigvalsh(factors @ factors.swapaxes(-1, -2)))

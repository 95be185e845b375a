"""k-means as the hard limit of EM: equal weights, and one sphere for all that shrinks to a point.

Then each row belongs wholly to its nearest centre, and the M-step is the mean of its rows (Bishop
2006, "Pattern recognition and machine learning", section 9.3.2). It is not written out here: it is
the same EM, with weights and covariances held.

Between the two ends lies a path of tempered mixtures, which are ever more alike, rounder and
smaller: `tempered` gives the one of any softness, `tempered_step` a step of EM there.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from gmm_widget.core.e_step import Expectation, e_step
from gmm_widget.core.em import em
from gmm_widget.core.linalg import Array, outer
from gmm_widget.core.locks import Locks
from gmm_widget.core.m_step import REGULARISATION, m_step
from gmm_widget.core.mixture import Mixture
from gmm_widget.core.points import Points
from gmm_widget.core.structure import Structure, structure

#: The sphere's radius in units of the data's spread: rows whose squared distances to two centres
#: differ by more than about 1e-10 of the squared spread belong to one of them only.
_RADIUS = 1e-6


class Hard(NamedTuple):
    """Centres (K, D), the weighted sum of squared distances to the nearest, steps taken."""

    centres: Array
    inertia: float
    n_steps: int
    converged: bool


class Tempered(NamedTuple):
    """After a step: the mixture of the shares, and the one of the given softness to show for it.

    `expectation` is what the pass found under the mixture that was shown before.
    """

    mixture: Mixture
    shown: Mixture
    expectation: Expectation


def tempered(mixture: Mixture, softness: float) -> Mixture:
    """The mixture between this one (softness 1) and the hard limit (softness 0).

    With softness s, weights are in proportion to weight^s. Covariances are s^2 (s covariance +
    (1 - s) sphere), where the sphere is round in the data's units and of the mean variance within
    components. At 0 weights are equal and covariances are one tiny sphere: each row then belongs
    wholly to its nearest mean. Raises ValueError for a softness outside of [0, 1].
    """
    if not 0 <= softness <= 1:
        raise ValueError(f"softness must lie between 0 (k-means) and 1 (EM); got {softness}")
    if softness == 1:
        return mixture
    d, w = mixture.n_features, mixture.weights
    logs = softness * (np.log(w) - np.log(w).max())
    weights = np.exp(logs) / np.exp(logs).sum()
    within = np.einsum("k,kii->", w, mixture.covariances)
    between = np.einsum("k,kii->", w, outer(mixture.means - w @ mixture.means))
    sphere = np.eye(d) * within / d
    shapes = softness**2 * (softness * mixture.covariances + (1 - softness) * sphere)
    point = (1 - softness) * _RADIUS**2 * (within + between) * np.eye(d)
    return Mixture(weights, mixture.means, shapes + point)


def tempered_step(
    points: Points,
    mixture: Mixture,
    structure: Structure,
    softness: float,
    *,
    regularisation: float = REGULARISATION,
    poll: Callable[[], object] | None = None,
) -> Tempered:
    """A step of EM in which rows are shared out by the tempered mixture, in one pass.

    With softness 1 it is a step of EM, with 0 one of Lloyd's algorithm; between them means go to
    where the tempered shares have them. Raises CollapseError as EM does.
    """
    found = e_step(points, tempered(mixture, softness), poll=poll)
    after = m_step(found, structure, regularisation=regularisation)
    return Tempered(after, tempered(after, softness), found)


def kmeans(
    x: ArrayLike | Points,
    centres: ArrayLike,
    *,
    sample_weight: ArrayLike | None = None,
    max_steps: int = 1000,
    poll: Callable[[], object] | None = None,
) -> Hard:
    """Lloyd's algorithm on rows x (N, D) from centres (K, D), distances in the data's own units.

    Ends when no centre moves by more than rounding, or after `max_steps`. Raises ValueError for
    rows or weights (N,) that can't be used, and CollapseError naming a centre to which no row is
    nearest.
    """
    points = x if isinstance(x, Points) else Points.of(x, sample_weight)
    sphere = structure("spherical")
    going = em(
        points,
        _pointed(points, np.asarray(centres, dtype=np.float64)),
        sphere,
        regularisation=0.0,
        locks=_all_but_means(len(np.asarray(centres))),
        tolerance=-1.0,
        max_steps=max_steps,
        poll=poll,
    )
    frame = points.frame
    rounding = 1e-13 * (np.abs(frame.origin) + frame.scale * np.sqrt(points.variance))
    step, settled = next(going), False
    while not settled and step.n_steps < max_steps:
        after = next(going)
        settled = bool((np.abs(after.mixture.means - step.mixture.means) <= rounding).all())
        step = after
    return Hard(step.mixture.means, _inertia(step.expectation), step.n_steps, settled)


def _all_but_means(k: int) -> Locks:
    held = np.ones(k, dtype=np.bool_)
    return Locks(~held, held, held)


def _pointed(points: Points, centres: Array) -> Mixture:
    """Equal components at these centres, each as good as a point."""
    if centres.ndim != 2 or centres.shape[1] != points.d:
        raise ValueError(f"centres must have shape (K, {points.d}); got {centres.shape}")
    k, d = centres.shape
    spread = float((points.variance * points.frame.scale**2).sum())
    sphere = np.eye(d) * spread * _RADIUS**2
    return Mixture(np.full(k, 1 / k), centres, np.repeat(sphere[None], k, axis=0))


def _inertia(expectation: Expectation) -> float:
    frame = expectation.points.frame
    about = expectation.moments.about(frame.means_in(expectation.mixture.means))
    return float(np.einsum("kii,i->", about.scatters, frame.scale**2))

"""k-means as a limit of EM, and the tempered mixtures between the two.

With equal weights and one spherical covariance that shrinks to zero, each row belongs to its
nearest mean alone, and the M-step is the mean of its rows (Bishop 2006, "Pattern recognition and
machine learning", section 9.3.2). Hence `kmeans` is the same EM with only the means free.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from gmm_widget.core.e_step import Expectation
from gmm_widget.core.em import em
from gmm_widget.core.linalg import Array, outer
from gmm_widget.core.locks import Locks
from gmm_widget.core.mixture import Mixture
from gmm_widget.core.points import Points
from gmm_widget.core.renamed import renamed
from gmm_widget.core.structure import structure

#: Standard deviation of the spherical components, relative to the data's: rows whose squared
#: distances to two centres differ by more than about 1e-10 of the variance belong to one only.
_RADIUS = 1e-6


class KMeans(NamedTuple):
    """Centres (K, D), the weighted sum of squared distances to the nearest one, steps taken."""

    centres: Array
    inertia: float
    n_iter: int
    converged: bool


def tempered(mixture: Mixture, softness: float) -> Mixture:
    """The mixture between this one (softness 1) and k-means with its means (softness 0).

    At softness s, weights are proportional to weight^s, and covariances are s^2 (s covariance +
    (1 - s) v I), v being the mean variance within components. At 0 weights are equal and
    covariances tiny and spherical, so that each row belongs to its nearest mean alone.

    Raises ValueError for a softness outside of [0, 1].

    Examples
    --------
    >>> from gmm_widget import Mixture, tempered
    >>> mixture = Mixture([0.5, 0.5], [[0.0], [4.0]], [[[1.0]], [[1.0]]])
    >>> for softness in (1.0, 0.5, 0.0):
    ...     print(tempered(mixture, softness).responsibilities([[1.7]])[0].round(2))
    [0.77 0.23]
    [0.99 0.01]
    [1. 0.]
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


@renamed(max_steps="max_iter")
def kmeans(
    x: ArrayLike | Points,
    centres: ArrayLike,
    *,
    sample_weight: ArrayLike | None = None,
    max_iter: int = 1000,
    poll: Callable[[], object] | None = None,
) -> KMeans:
    """Lloyd's algorithm: k-means from given centres, distances in the data's own units.

    Parameters
    ----------
    x : array (N, D)
    centres : array (K, D)
        Where it starts.
    sample_weight : array (N,), optional
    max_iter : int, default 1000
        It ends earlier when no centre moves by more than rounding.
    poll : callable, optional
        Called between blocks of rows; it may raise to stop.

    Returns
    -------
    KMeans
        `centres` (K, D), `inertia` (the weighted sum of squared distances to the nearest centre),
        `n_iter`, `converged`.

    Raises
    ------
    ValueError
        For rows, weights or centres that can't be used.
    CollapseError
        Naming a centre that is nearest to no row.

    Examples
    --------
    >>> from gmm_widget import kmeans
    >>> kmeans([[0.0], [1.0], [5.0], [6.0]], [[0.0], [1.0]]).centres
    array([[0.5],
           [5.5]])
    """
    points = x if isinstance(x, Points) else Points.of(x, sample_weight)
    sphere = structure("spherical")
    going = em(
        points,
        _nearly_points(points, np.asarray(centres, dtype=np.float64)),
        sphere,
        regularisation=0.0,
        locks=_only_means_free(len(np.asarray(centres))),
        tolerance=-1.0,
        max_steps=max_iter,
        poll=poll,
    )
    frame = points.frame
    rounding = 1e-13 * (np.abs(frame.origin) + frame.scale * np.sqrt(points.variance))
    step, settled = next(going), False
    while not settled and step.n_steps < max_iter:
        after = next(going)
        settled = bool((np.abs(after.mixture.means - step.mixture.means) <= rounding).all())
        step = after
    return KMeans(step.mixture.means, _inertia(step.expectation), step.n_steps, settled)


def _only_means_free(k: int) -> Locks:
    held = np.ones(k, dtype=np.bool_)
    return Locks(~held, held, held)


def _nearly_points(points: Points, centres: Array) -> Mixture:
    """Equal components at these centres, of nearly no width."""
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

"""k-means as the hard limit of EM: equal weights, and one sphere for all that shrinks to a point.

Then each row belongs wholly to its nearest centre, and the M-step is the mean of its rows (Bishop
2006, "Pattern recognition and machine learning", section 9.3.2). It is not written out here: it is
the same EM, with weights and covariances held.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from ..core.em import em
from ..core.expectation import Expectation
from ..core.linalg import Array
from ..core.locks import Locks
from ..core.mixture import Mixture
from ..core.points import Points
from ..core.structure import structure

#: The sphere's radius in units of the data's spread: rows whose squared distances to two centres
#: differ by more than about 1e-10 of the squared spread belong to one of them only.
_RADIUS = 1e-6


class Hard(NamedTuple):
    """Centres (K, D), the weighted sum of squared distances to the nearest, steps taken."""

    centres: Array
    inertia: float
    n_steps: int
    converged: bool


def kmeans(
    points: Points,
    centres: ArrayLike,
    *,
    max_steps: int = 1000,
    poll: Callable[[], object] | None = None,
) -> Hard:
    """Lloyd's algorithm from centres (K, D), distances in the data's own units.

    Ends when no centre moves by more than rounding, or after `max_steps`. Raises CollapseError
    naming a centre to which no row is nearest.
    """
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
    rounding = 1e-13 * (np.abs(frame.origin) + frame.scale * np.sqrt(points.spread))
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
    spread = float((points.spread * points.frame.scale**2).sum())
    sphere = np.eye(d) * spread * _RADIUS**2
    return Mixture(np.full(k, 1 / k), centres, np.repeat(sphere[None], k, axis=0))


def _inertia(expectation: Expectation) -> float:
    frame = expectation.points.frame
    about = expectation.moments.about(frame.means_in(expectation.mixture.means))
    return float(np.einsum("kii,i->", about.scatters, frame.scale**2))

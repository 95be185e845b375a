"""EM accelerated by extrapolation: two steps show where EM is heading, a third jumps ahead.

SQUAREM with step length S3 (Varadhan & Roland 2008, "Simple and globally convergent methods for
accelerating the convergence of any EM algorithm"), in log weights, means and covariances. An
extrapolation that would lower the objective, or leave the set of mixtures, is replaced by a plain
step, so the objective never falls.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from gmm_widget.core.passes.threads import Poll

from .defaults import REGULARISATION, TOLERANCE
from .e_step import Expectation, e_step
from .em import Step, within_rounding
from .linalg import Array
from .locks import Locks
from .m_step import m_step
from .mixture import Mixture
from .points import Points
from .structure import Structure

_MAX_LENGTH = 256.0  # of an extrapolation, in steps of EM


def accelerated(
    points: Points,
    mixture: Mixture,
    structure: Structure,
    *,
    regularisation: float = REGULARISATION,
    locks: Locks | None = None,
    tolerance: float = TOLERANCE,
    max_steps: int | None = None,
    poll: Poll | None = None,
) -> Iterator[Step]:
    """Steps from `mixture` like those of `em`, each of one pass, but fewer of them.

    Ends when a plain step of EM gains less than `tolerance` (mean nats) and an extrapolation of
    the current length would gain less than ten times that; or after `max_steps`.
    """
    locks = Locks.none(mixture.n_components) if locks is None else locks

    def evaluated(at: Mixture) -> Expectation:
        return e_step(points, at, regularisation=regularisation, poll=poll)

    def stepped(at: Expectation) -> Mixture:
        return m_step(at, structure, regularisation=regularisation, locks=locks)

    def ahead(start: Mixture, first: Expectation, second: Mixture, length: float) -> Expectation:
        """The extrapolation if it is no lower than `first`, else the plain step."""
        far = extrapolated(start, first.mixture, second, length, locks)
        if far is not None and floor.any():
            far = _at_least(far, structure, floor, locks)
        found = None if far is None else evaluated(far)
        return found if found and found.objective >= first.objective else evaluated(second)

    n_steps, floor = 0, points.min_variance * points.frame.scale**2
    start = evaluated(mixture)
    yield _step(start, math.nan, False, 0)
    while max_steps is None or n_steps < max_steps:
        first = evaluated(stepped(start))
        gain = (first.objective - start.objective) / points.total_weight
        second = stepped(first)
        length = step_length(points, start.mixture, first.mixture, second)
        objective = first.objective / points.total_weight
        converged = _has_converged(gain, length, tolerance, objective)
        n_steps += 1
        yield _step(first, gain, converged, n_steps)
        if converged or (max_steps is not None and n_steps >= max_steps):
            return
        start = ahead(start.mixture, first, second, length)
        n_steps += 1
        gain = (start.objective - first.objective) / points.total_weight
        yield _step(start, gain, False, n_steps)


def _at_least(mixture: Mixture, structure: Structure, floor: Array, locks: Locks) -> Mixture:
    """An extrapolated mixture within the bound on variances that the M-step keeps to."""
    free = ~locks.locked_covariances(structure)[:, None, None]
    covariances = structure.at_least(mixture.covariances, floor)
    return Mixture(mixture.weights, mixture.means, np.where(free, covariances, mixture.covariances))


def _step(at: Expectation, gain: float, converged: bool, n_steps: int) -> Step:
    return Step(at.mixture, at.log_likelihood, at.objective, gain, converged, at, n_steps)


def _has_converged(gain: float, length: float, tolerance: float, objective: float) -> bool:
    if within_rounding(gain, objective):
        return tolerance >= 0
    return 0 <= gain < tolerance and gain * length / 2 < 10 * tolerance


def _coordinates(points: Points, mixture: Mixture) -> list[Array]:
    """Log weights, means and covariances; in the frame, so that no column outweighs another."""
    frame = points.frame
    in_frame = (frame.means_in(mixture.means), frame.covariances_in(mixture.covariances))
    return [np.log(mixture.weights), *in_frame]


def step_length(points: Points, a: Mixture, b: Mixture, c: Mixture) -> float:
    """How many steps of EM the extrapolation should be worth, at least one."""
    p, q, r = (_coordinates(points, m) for m in (a, b, c))
    first = sum(float(((y - x) ** 2).sum()) for x, y in zip(p, q, strict=True))
    second = sum(float(((z - 2 * y + x) ** 2).sum()) for x, y, z in zip(p, q, r, strict=True))
    return min(_MAX_LENGTH, max(1.0, math.sqrt(first / second))) if second > 0 else 1.0


def extrapolated(a: Mixture, b: Mixture, c: Mixture, length: float, locks: Locks) -> Mixture | None:
    """The extrapolation from three successive mixtures; None if it is no mixture or no step ahead.

    Locked weights stay as they are, and the free ones share what they leave.
    """
    if length <= 1:
        return None

    def along(x: Array, y: Array, z: Array) -> Array:
        return np.asarray(x + 2 * length * (y - x) + length**2 * (z - 2 * y + x))

    weights = np.exp(along(*(np.log(m.weights) for m in (a, b, c))))
    weights[locks.weights] = a.weights[locks.weights]
    free = ~locks.weights
    if free.any():
        weights[free] *= (1 - weights[~free].sum()) / weights[free].sum()
    means = along(a.means, b.means, c.means)
    covariances = along(a.covariances, b.covariances, c.covariances)
    try:
        return Mixture(weights, means, covariances)
    except ValueError:
        return None

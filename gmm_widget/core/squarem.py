"""EM with its slow stretches shortened: two steps show where EM is heading, a third goes there.

SQUAREM with step length S3 (Varadhan & Roland 2008, "Simple and globally convergent methods for
accelerating the convergence of any EM algorithm"), in log weights, means and covariances. A leap
that would lower the objective, or leave the set of mixtures, is replaced by a plain step, so the
objective never falls.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from gmm_widget.core.passes.threads import Poll

from .e_step import Expectation, e_step
from .em import REGULARISATION, Step
from .linalg import Array
from .locks import Locks
from .m_step import m_step
from .mixture import Mixture
from .points import Points
from .structure import Structure

_LONGEST = 256.0  # the longest leap, in steps of EM


def accelerated(
    points: Points,
    mixture: Mixture,
    structure: Structure,
    *,
    regularisation: float = REGULARISATION,
    locks: Locks | None = None,
    tolerance: float = 1e-8,
    max_steps: int | None = None,
    poll: Poll | None = None,
) -> Iterator[Step]:
    """Steps from `mixture` as `em` gives them, each of one pass, in fewer of them.

    Ends when a plain step of EM gains less than `tolerance` (mean nats) and so little is left
    that a leap of the present length gains less than ten times that; or after `max_steps`.
    """
    locks = Locks.none(mixture.n_components) if locks is None else locks

    def look(at: Mixture) -> Expectation:
        return e_step(points, at, regularisation=regularisation, poll=poll)

    def stepped(known: Expectation) -> Mixture:
        return m_step(known, structure, regularisation=regularisation, locks=locks)

    taken = 0
    start = look(mixture)
    yield _step(start, math.nan, False, 0)
    while max_steps is None or taken < max_steps:
        first = look(stepped(start))
        gain = (first.objective - start.objective) / points.total_weight
        second = stepped(first)
        length = _length(points, start.mixture, first.mixture, second)
        done = _arrived(gain, length, tolerance, abs(first.objective) / points.total_weight)
        taken += 1
        yield _step(first, gain, done, taken)
        if done or (max_steps is not None and taken >= max_steps):
            return
        leap = _leap(start.mixture, first.mixture, second, length, locks)
        landed = None if leap is None else look(leap)
        if landed is None or not landed.objective >= first.objective:
            landed = look(second)
        taken += 1
        gain = (landed.objective - first.objective) / points.total_weight
        yield _step(landed, gain, False, taken)
        start = landed


def _step(known: Expectation, gain: float, done: bool, taken: int) -> Step:
    return Step(known.mixture, known.log_likelihood, known.objective, gain, done, known, taken)


def _arrived(gain: float, length: float, tolerance: float, size: float) -> bool:
    if abs(gain) <= 1e-14 * (1 + size):
        return tolerance >= 0
    return 0 <= gain < tolerance and gain * length / 2 < 10 * tolerance


def _coordinates(points: Points, mixture: Mixture) -> list[Array]:
    """Log weights, means and covariances, in the frame so that no column outweighs another."""
    frame = points.frame
    parts = (frame.means_in(mixture.means), frame.covariances_in(mixture.covariances))
    return [np.log(mixture.weights), *parts]


def _length(points: Points, a: Mixture, b: Mixture, c: Mixture) -> float:
    """How many steps of EM the leap should be worth, at least one."""
    p, q, r = (_coordinates(points, m) for m in (a, b, c))
    step = sum(float(((y - x) ** 2).sum()) for x, y in zip(p, q, strict=True))
    turn = sum(float(((z - 2 * y + x) ** 2).sum()) for x, y, z in zip(p, q, r, strict=True))
    return min(_LONGEST, max(1.0, math.sqrt(step / turn))) if turn > 0 else 1.0


def _leap(a: Mixture, b: Mixture, c: Mixture, length: float, locks: Locks) -> Mixture | None:
    """The mixture that the leap reaches, or None where there is none or it is no leap."""
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

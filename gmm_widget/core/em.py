"""Expectation-maximisation (EM) as a generator of steps: the caller decides how many to take.

Dempster, Laird & Rubin (1977), "Maximum likelihood from incomplete data via the EM algorithm".
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import NamedTuple

from gmm_widget.core.passes.threads import Poll

from .defaults import REGULARISATION, TOLERANCE
from .e_step import Expectation, e_step
from .locks import Locks
from .m_step import m_step
from .mixture import Mixture
from .points import Points
from .structure import Structure


class Step(NamedTuple):
    """A state of a fit. `log_likelihood` (total, nats) and `objective` are those of `mixture`.

    `gain` is the increase of the mean objective in this step, NaN before the first.
    """

    mixture: Mixture
    log_likelihood: float
    objective: float
    gain: float
    converged: bool
    expectation: Expectation
    n_steps: int


def em(
    points: Points,
    mixture: Mixture,
    structure: Structure,
    *,
    regularisation: float = REGULARISATION,
    locks: Locks | None = None,
    tolerance: float = TOLERANCE,
    max_steps: int | None = None,
    expectation: Expectation | None = None,
    gain: float = math.nan,
    poll: Poll | None = None,
) -> Iterator[Step]:
    """Steps of EM from `mixture`: first the mixture itself, then one after each pass.

    Ends after the step that converged, or after `max_steps`. Converged means that the mean
    objective gained less than `tolerance`, without a decrease, and that by extrapolation (Aitken:
    the remaining gains form a geometric series) less than ten times `tolerance` remains to be
    gained. With a negative `tolerance` EM never converges.

    To continue an earlier run, pass its last `expectation`, which saves the first pass (if it is
    of these points, this mixture and this regularisation), and its last `gain`, since convergence
    can't be told from a single step.
    """
    if not _reusable(expectation, points, mixture, regularisation):
        expectation = e_step(points, mixture, regularisation=regularisation, poll=poll)
    assert expectation is not None
    step = Step(
        mixture, expectation.log_likelihood, expectation.objective, gain, False, expectation, 0
    )
    yield step
    while not step.converged and (max_steps is None or step.n_steps < max_steps):
        step = _next(step, structure, regularisation, locks, tolerance, poll)
        yield step


def _reusable(
    expectation: Expectation | None, points: Points, mixture: Mixture, regularisation: float
) -> bool:
    return (
        expectation is not None
        and expectation.points is points
        and expectation.regularisation == regularisation
        and expectation.mixture == mixture
    )


def _next(
    step: Step,
    structure: Structure,
    regularisation: float,
    locks: Locks | None,
    tolerance: float,
    poll: Poll | None,
) -> Step:
    points = step.expectation.points
    mixture = m_step(step.expectation, structure, regularisation=regularisation, locks=locks)
    now = e_step(points, mixture, regularisation=regularisation, poll=poll)
    gain = (now.objective - step.objective) / points.total_weight
    converged = has_converged(gain, step.gain, tolerance, now.objective / points.total_weight)
    return Step(mixture, now.log_likelihood, now.objective, gain, converged, now, step.n_steps + 1)


def within_rounding(gain: float, objective: float) -> bool:
    """Whether a mean gain is rounding error of the mean objective."""
    return abs(gain) <= 1e-14 * (1 + abs(objective))


def has_converged(gain: float, before: float, tolerance: float, objective: float) -> bool:
    """Whether EM has converged at a gain that follows a gain `before`; all are means per point."""
    # Narrow components far from the origin lose more digits: gains then end by changing sign.
    if within_rounding(gain, objective) or -tolerance / 100 <= gain < 0:
        return tolerance >= 0
    if not 0 <= gain < tolerance or math.isnan(before):
        return False
    ratio = gain / before if before > 0 else math.inf
    return ratio < 1 and gain * ratio / (1 - ratio) < 10 * tolerance

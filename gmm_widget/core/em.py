"""Expectation-maximisation as a generator of steps: the caller decides how many to take.

Dempster, Laird & Rubin (1977). With regularisation the same steps maximise a penalised
likelihood (maximum a posteriori), which then is what never falls.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from .errors import CollapseError
from .expectation import Expectation, e_step
from .linalg import Array, cholesky
from .locks import Locks
from .mixture import Mixture
from .moments import Moments
from .points import Points
from .structure import Structure
from .threads import Poll

__all__ = ["CollapseError", "Expectation", "Locks", "Step", "e_step", "em", "m_step"]

#: The default of EM: points are as wide as a thousandth of the data's spread, per column.
REGULARISATION = 1e-6
#: A component with less than this share of the total weight has lost it all.
_NO_WEIGHT = 1e-12


class Step(NamedTuple):
    """One state of a fit. `log_likelihood` (total, nats) and `objective` are of this mixture.

    `gain` is the rise of the mean objective since the step before, NaN for the first.
    """

    mixture: Mixture
    log_likelihood: float
    objective: float
    gain: float
    converged: bool
    expectation: Expectation
    n_steps: int


def m_step(
    expectation: Expectation,
    structure: Structure,
    *,
    regularisation: float = REGULARISATION,
    locks: Locks | None = None,
) -> Mixture:
    """The mixture that maximises the expected log-likelihood of the (blurred) points.

    `regularisation`, the same as in `e_step`, adds that share of the data's variance per column
    to each covariance. Raises CollapseError where a component has no weight or no width left.
    """
    points, old, raw = expectation.points, expectation.mixture, expectation.moments
    k = old.n_components
    locks = Locks.none(k) if locks is None else locks
    if len(locks.means) != k:
        raise ValueError(f"locks are for {len(locks.means)} components, the mixture has {k}")
    _refuse_empty(raw.counts, points.total_weight)
    frame = points.frame
    centres = np.where(locks.means[:, None], frame.means_in(old.means), raw.means)
    about = raw.about(centres)
    blur = about.counts[:, None, None] * (regularisation * np.diag(points.spread))
    enlarged = Moments(about.counts, about.means, about.scatters + blur)
    covariances = frame.covariances_out(structure.constrain(enlarged, frame.scale))
    means = np.where(locks.means[:, None], old.means, frame.means_out(raw.means))
    held = locks.covariances.any() if structure.shared else locks.covariances
    held = np.broadcast_to(held, (k,))[:, None, None]
    covariances = np.where(held, old.covariances, covariances)
    weights = _weights(raw.counts, old.weights, locks)
    try:
        return Mixture(weights, means, covariances)
    except ValueError:
        _refuse_flat(covariances, raw.counts)
        raise


def _weights(counts: Array, old: Array, locks: Locks) -> Array:
    """Shares of the counts; held weights stay and the others share what is left."""
    free = ~locks.weights
    if not free.any():
        return old
    left = 1.0 - float(old[locks.weights].sum())
    weights = old.copy()
    weights[free] = left * counts[free] / counts[free].sum()
    return weights


def _refuse_empty(counts: Array, total: float) -> None:
    k = int(np.argmin(counts))
    if not counts[k] > _NO_WEIGHT * total:
        raise CollapseError(
            k,
            "no point belongs to it any more",
            "move it to where points are, or remove it",
        )


def _refuse_flat(covariances: Array, counts: Array) -> None:
    for k in range(len(covariances)):
        try:
            cholesky(covariances[k : k + 1])
        except ValueError:
            raise CollapseError(
                k,
                f"the points that belong to it (of total weight {counts[k]:.4g}) are all equal "
                "or lie on a line, so that its covariance is singular",
                "use some regularisation, a simpler structure or fewer components",
            ) from None


def em(
    points: Points,
    mixture: Mixture,
    structure: Structure,
    *,
    regularisation: float = REGULARISATION,
    locks: Locks | None = None,
    tolerance: float = 1e-8,
    max_steps: int | None = None,
    expectation: Expectation | None = None,
    gain: float = math.nan,
    poll: Poll | None = None,
) -> Iterator[Step]:
    """Steps of EM from `mixture`: first the mixture itself, then one after each pass.

    Ends after the step that converged, or after `max_steps`. Converged means that the mean
    objective gained less than `tolerance`, without a decrease, and that by extrapolation (Aitken:
    the gains left form a geometric series) less than ten times `tolerance` remains to be gained.
    With a negative `tolerance` EM never converges.

    To go on where another run of EM stopped, pass its last `expectation`, which saves the first
    pass, and its last `gain`, without which convergence can't be told from a single step.
    """
    if not _serves(expectation, points, mixture, regularisation):
        expectation = e_step(points, mixture, regularisation=regularisation, poll=poll)
    assert expectation is not None
    step = Step(
        mixture, expectation.log_likelihood, expectation.objective, gain, False, expectation, 0
    )
    yield step
    while not step.converged and (max_steps is None or step.n_steps < max_steps):
        step = _next(step, structure, regularisation, locks, tolerance, poll)
        yield step


def _serves(
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
    done = _settled(gain, step.gain, tolerance, abs(now.objective) / points.total_weight)
    return Step(mixture, now.log_likelihood, now.objective, gain, done, now, step.n_steps + 1)


def _settled(gain: float, before: float, tolerance: float, size: float) -> bool:
    """Whether a gain after a gain `before` means that the fit has arrived."""
    rounding = 1e-14 * (1 + size)
    if abs(gain) <= rounding:
        return tolerance >= 0
    if not 0 <= gain < tolerance or math.isnan(before):
        return False
    ratio = gain / before if before > 0 else math.inf
    return ratio < 1 and gain * ratio / (1 - ratio) < 10 * tolerance

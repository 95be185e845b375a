"""The E-step: log-likelihood and moments of the points under a mixture."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import final

import numpy as np

from gmm_widget.core.passes.prepared_mixture import PreparedMixture
from gmm_widget.core.passes.threads import Poll

from .mixture import Mixture
from .moments import Moments
from .passes import schedule
from .points import Points

#: Each time, a spread that had drowned in rounding is known to half the digits or better.
_MOST_REGATHERED = 3


@final
@dataclass(frozen=True, eq=False)
class Expectation:
    """What a pass over `points` finds out about `mixture`.

    `log_likelihood` is the total in nats, `objective` is what EM raises (the same without
    regularisation), `moments` are in the frame of the points.
    """

    mixture: Mixture
    log_likelihood: float
    objective: float
    moments: Moments
    points: Points
    regularisation: float

    @cached_property
    def log_max_responsibility(self) -> float:
        """Sum over points of log max_k r_nk; 0 when each surely comes from one component.

        ICL needs it. The first access takes a pass over the points.
        """
        return log_max_responsibility(self.points, self.mixture)


def e_step(
    points: Points,
    mixture: Mixture,
    *,
    regularisation: float = 0.0,
    poll: Poll | None = None,
) -> Expectation:
    """Log-likelihood and moments of the points under the mixture.

    With `regularisation` eps every point x counts as a small Gaussian of covariance eps V around
    x, where V holds the data's variance per column: in place of log N(x) stands its mean over
    that Gaussian, log N(x) - eps / 2 tr(V covariance^-1). EM then maximises a lower bound of the
    blurred points' log-likelihood (Verbeek, Nunnink & Vlassis 2006, "Accelerated EM-based
    clustering of large data sets"), exactly monotone, in which no covariance gets below eps V.

    One pass; more when a component's new shape is so much narrower than its old one that its
    moments must be gathered in other coordinates. `poll` is called between blocks, in the calling
    thread; what it raises abandons the pass. Raises ValueError when the columns don't match.
    """
    if points.d != mixture.n_features:
        raise ValueError(
            f"the points have {points.d} columns, but the mixture has {mixture.n_features}"
        )
    if not 0 <= regularisation < np.inf:
        raise ValueError(f"regularisation must be 0 or a positive number; got {regularisation}")
    local = PreparedMixture(points.frame, mixture, points.spread, regularisation)
    logs, near, apart = schedule.sums(points, local, poll)
    logs += local.log_reference(near)
    moments = local.moments(near, apart)
    for _ in range(_MOST_REGATHERED):
        if not local.strained(moments):
            break
        _, near, apart = schedule.sums(points, local, poll)
        moments = local.moments(near, apart)
    total = points.total_weight
    objective = float(logs[0]) + total * (local.top - local.least_handicap)
    if local.lifts_suffice:
        log_likelihood = float(logs[1]) + total * local.top
    else:
        plain = _plain(points, mixture)
        sums = schedule.sums(points, plain, poll)
        log_likelihood = float(sums.logs[0]) + plain.log_reference(sums.near) + total * plain.top
    return Expectation(mixture, log_likelihood, objective, moments, points, regularisation)


def log_max_responsibility(points: Points, mixture: Mixture, poll: Poll | None = None) -> float:
    """Sum over points of log max_k r_nk, at most 0, in one pass."""
    return schedule.certainty(points, _plain(points, mixture), poll)


def _plain(points: Points, mixture: Mixture) -> PreparedMixture:
    """The mixture prepared for points that are dots."""
    return PreparedMixture(points.frame, mixture, points.spread, 0.0)

"""The E-step: log-likelihood and moments of the points under a mixture."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import final

from . import sweep
from .local import Local
from .mixture import Mixture
from .moments import Moments
from .points import Points
from .threads import Poll


@final
@dataclass(frozen=True, eq=False)
class Expectation:
    """What a pass over `points` finds out about `mixture`.

    `log_likelihood` is the total in nats, `moments` are in the frame of the points.
    """

    mixture: Mixture
    log_likelihood: float
    moments: Moments
    points: Points

    @cached_property
    def log_max_responsibility(self) -> float:
        """Sum over points of log max_k r_nk; 0 when each surely comes from one component.

        ICL needs it. The first access takes a pass over the points.
        """
        return sweep.certainty(self.points, Local(self.points.frame, self.mixture), None)


def e_step(points: Points, mixture: Mixture, *, poll: Poll | None = None) -> Expectation:
    """Log-likelihood and moments of the points under the mixture.

    One pass; a second when a component's new shape is so much narrower than its old one that its
    moments must be gathered in other coordinates. `poll` is called between blocks, in the calling
    thread; what it raises abandons the pass. Raises ValueError when the columns don't match.
    """
    if points.d != mixture.n_features:
        raise ValueError(
            f"the points have {points.d} columns, but the mixture has {mixture.n_features}"
        )
    local = Local(points.frame, mixture)
    log, near, apart = sweep.sums(points, local, poll)
    moments = local.moments(near, apart)
    if local.strained(moments):
        _, near, apart = sweep.sums(points, local, poll)
        moments = local.moments(near, apart)
    log_likelihood = float(log[0]) + points.total_weight * local.top
    return Expectation(mixture, log_likelihood, moments, points)

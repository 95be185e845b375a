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

#: Each extra pass recovers a variance lost to cancellation to at least half of float64's digits.
_MAX_EXTRA_PASSES = 3


@final
@dataclass(frozen=True, eq=False)
class Expectation:
    """The result of an E-step: a pass over `points` under `mixture`.

    `log_likelihood` is the total in nats; `objective` is what EM increases, the same without
    regularisation; `moments` are in the frame of the points.
    """

    mixture: Mixture
    log_likelihood: float
    objective: float
    moments: Moments
    points: Points
    regularisation: float

    @cached_property
    def log_max_responsibility(self) -> float:
        """Sum over points of log max_k r_nk: 0 if each surely came from one component.

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

    With `regularisation` eps every point x counts as a small Gaussian with covariance eps V around
    x, where V holds the data's variance per column: log N(x) is replaced by its mean over that
    Gaussian, log N(x) - eps / 2 tr(V covariance^-1). EM then maximises a lower bound of the
    blurred points' log-likelihood (Verbeek, Nunnink & Vlassis 2006, "Accelerated EM-based
    clustering of large data sets"), is exactly monotone, and gives no variance below eps V.

    Takes one pass, or more if a component's new covariance is so much narrower than its old one
    that its moments must be accumulated in other coordinates. `poll` is called between blocks, in
    the calling thread; an exception that it raises abandons the pass. Raises ValueError when the
    columns don't match.
    """
    if points.d != mixture.n_features:
        raise ValueError(
            f"the points have {points.d} columns, but the mixture has {mixture.n_features}"
        )
    if not 0 <= regularisation < np.inf:
        raise ValueError(f"regularisation must be 0 or a positive number; got {regularisation}")
    prepared = PreparedMixture(points.frame, mixture, points.variance, regularisation)
    logs, natural, whitened = schedule.sums(points, prepared, poll)
    logs += prepared.log_reference(natural)
    moments = prepared.moments(natural, whitened)
    for _ in range(_MAX_EXTRA_PASSES):
        if not prepared.improve_coordinates(moments):
            break
        _, natural, whitened = schedule.sums(points, prepared, poll)
        moments = prepared.moments(natural, whitened)
    total = points.total_weight
    objective = float(logs[0]) + total * (prepared.max_peak - prepared.min_penalty)
    if prepared.penalties_invertible:
        log_likelihood = float(logs[1]) + total * prepared.max_peak
    else:
        log_likelihood = _log_likelihood(points, mixture, poll)
    return Expectation(mixture, log_likelihood, objective, moments, points, regularisation)


def log_max_responsibility(points: Points, mixture: Mixture, poll: Poll | None = None) -> float:
    """Sum over points of log max_k r_nk, at most 0, in one pass."""
    return schedule.log_max_responsibility(points, _unregularised(points, mixture), poll)


def _log_likelihood(points: Points, mixture: Mixture, poll: Poll | None) -> float:
    """The log-likelihood of the points as they are, in a pass of its own."""
    prepared = _unregularised(points, mixture)
    sums = schedule.sums(points, prepared, poll)
    relative = float(sums.logs[0]) + prepared.log_reference(sums.natural)
    return relative + points.total_weight * prepared.max_peak


def _unregularised(points: Points, mixture: Mixture) -> PreparedMixture:
    return PreparedMixture(points.frame, mixture, points.variance, 0.0)

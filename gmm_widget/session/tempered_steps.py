"""Steps between EM and k-means: tempered responsibilities, and the usual M-step.

The current mixture is the one of the M-step at any softness; only the responsibilities are
tempered. At softness 0 each step is one of Lloyd's algorithm.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from gmm_widget.analysis.kmeans import tempered
from gmm_widget.core.e_step import Expectation, e_step
from gmm_widget.core.em import Step
from gmm_widget.core.m_step import m_step
from gmm_widget.core.mixture import Mixture
from gmm_widget.core.points import Points
from gmm_widget.session.settings import Poll, Settings
from gmm_widget.session.state import State

_CLOSE = 1e-9  # moves below this, in standard deviations of the data, are rounding


def softened(
    points: Points, state: State, settings: Settings, poll: Poll | None = None
) -> Iterator[Step]:
    """Steps as those of `em`, each with the log-likelihood of its own mixture: two passes a step.

    Converged when nothing moves any more. Raises CollapseError as EM does.
    """
    mixture, blur = state.mixture, settings.regularisation
    known = state.expectation or e_step(points, mixture, regularisation=blur, poll=poll)
    step = Step(mixture, known.log_likelihood, known.objective, np.nan, False, known, 0)
    yield step
    while not step.converged:
        shares = tempered_shares(points, step.mixture, settings, poll)
        after = m_step(shares, state.structure, regularisation=blur, locks=state.locks)
        now = e_step(points, after, regularisation=blur, poll=poll)
        gain = (now.log_likelihood - step.log_likelihood) / points.total_weight
        rest = _apart(points, step.mixture, after) <= _CLOSE
        count = step.n_steps + 1
        step = Step(after, now.log_likelihood, now.objective, gain, rest, now, count)
        yield step


def tempered_shares(
    points: Points, mixture: Mixture, settings: Settings, poll: Poll | None = None
) -> Expectation:
    """The E-step under the mixture at the softness that is set."""
    return e_step(points, tempered(mixture, settings.softness), poll=poll)


def _apart(points: Points, before: Mixture, after: Mixture) -> float:
    sd = points.frame.scale * np.sqrt(points.variance)
    sd = np.where(sd > 0, sd, 1.0)
    moves = np.abs(after.means - before.means) / sd
    turns = np.abs(after.covariances - before.covariances) / (sd[:, None] * sd)
    return float(max(moves.max(), turns.max(), np.abs(after.weights - before.weights).max()))

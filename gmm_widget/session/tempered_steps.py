"""Steps between EM and k-means: tempered responsibilities, and the usual M-step.

The state's mixture is the one of the M-step, so edits mean the same at any softness; only the
responsibilities are tempered. At softness 0 a step is one of Lloyd's algorithm.
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

_ROUNDING = 1e-9  # smaller changes, in standard deviations of the data, are rounding errors


def tempered_em(
    points: Points, state: State, settings: Settings, poll: Poll | None = None
) -> Iterator[Step]:
    """Yield steps as `em` does, each with the exact log-likelihood: two passes a step.

    Converged when no parameter changes by more than rounding. Raises CollapseError as EM does.
    """
    mixture, blur = state.mixture, settings.regularisation
    known = state.expectation or e_step(points, mixture, regularisation=blur, poll=poll)
    step = Step(mixture, known.log_likelihood, known.objective, np.nan, False, known, 0)
    yield step
    while not step.converged:
        expectation = tempered_e_step(points, step.mixture, settings, poll)
        after = m_step(expectation, state.structure, regularisation=blur, locks=state.locks)
        now = e_step(points, after, regularisation=blur, poll=poll)
        gain = (now.log_likelihood - step.log_likelihood) / points.total_weight
        converged = _distance(points, step.mixture, after) <= _ROUNDING
        count = step.n_steps + 1
        step = Step(after, now.log_likelihood, now.objective, gain, converged, now, count)
        yield step


def tempered_e_step(
    points: Points, mixture: Mixture, settings: Settings, poll: Poll | None = None
) -> Expectation:
    """The E-step with responsibilities tempered by the softness of the settings."""
    return e_step(points, tempered(mixture, settings.softness), poll=poll)


def _distance(points: Points, before: Mixture, after: Mixture) -> float:
    """Largest change of a parameter, in standard deviations of the data."""
    sd = points.frame.scale * np.sqrt(points.variance)
    sd = np.where(sd > 0, sd, 1.0)
    means = np.abs(after.means - before.means) / sd
    covariances = np.abs(after.covariances - before.covariances) / (sd[:, None] * sd)
    return float(max(means.max(), covariances.max(), np.abs(after.weights - before.weights).max()))

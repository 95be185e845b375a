"""Variational inference in a session: a posterior in place of a single best mixture.

The current mixture is the posterior's expectation. A component whose rows fall away under the prior
is pruned: it stays with almost no weight, and can come back if the prior changes.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

from gmm_widget.bayes.posterior import Prior, expected
from gmm_widget.bayes.variational import begin, variational
from gmm_widget.bayes.weights_prior import PartlyFixedWeights
from gmm_widget.core.points import Points
from gmm_widget.estimator.bayes_fit import prior_of
from gmm_widget.session.settings import Poll, Settings
from gmm_widget.session.state import State

_USUAL = (
    "mean_prior",
    "covariance_prior",
    "degrees_of_freedom_prior",
    "mean_precision_prior",
)


def variational_run(
    points: Points, state: State, settings: Settings, poll: Poll | None
) -> Iterator[State]:
    """The state with a posterior, and then one for each step; their log-likelihoods are not
    computed.

    Continues from the posterior of the state under the current prior; without one, from the
    responsibilities of its mixture. Locked parameters stay exactly: the posterior of a locked
    mean or covariance is not updated, and a locked weight is known. ValueError for a structure
    without a conjugate prior.
    """
    prior, blur = _prior(points, state, settings), settings.regularisation
    kind, held, gain = state.structure, state.posterior, state.gain
    locks = state.locks if state.locks.any() else None
    if held is None:
        gain = None
        held = begin(
            points, prior, state.mixture, kind, regularisation=blur, locks=locks, poll=poll
        )
    for step in variational(
        points,
        prior,
        held,
        kind,
        regularisation=blur,
        locks=locks,
        tolerance=settings.tolerance,
        gain=math.nan if gain is None else gain,
        poll=poll,
    ):
        yield replace(
            state.with_mixture(expected(prior, step.posterior)),
            posterior=step.posterior,
            elbo=step.elbo,
            gain=step.gain if step.n_steps else gain,
            converged=step.converged,
            steps=state.steps + step.n_steps,
        )


def _prior(points: Points, state: State, settings: Settings) -> Prior:
    given = {
        **dict.fromkeys(_USUAL),
        "n_components": state.mixture.n_components,
        "covariance_type": state.structure.name,
        "weight_concentration_prior_type": "dirichlet_distribution",
        "weight_concentration_prior": settings.concentration,
        "reg_covar": settings.regularisation,
    }
    prior = prior_of(given, points, state.structure)
    if not state.locks.weights.any():
        return prior
    return replace(prior, weights=PartlyFixedWeights(state.locks.weights, state.mixture.weights))

"""Steps of variational inference: a posterior over the mixture in place of a point estimate.

The state's mixture is the posterior's expectation. A component that the prior empties stays, with
almost no weight, and can regain rows under another prior.
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

_DEFAULTED = (
    "mean_prior",
    "covariance_prior",
    "degrees_of_freedom_prior",
    "mean_precision_prior",
)


def variational_run(
    points: Points, state: State, settings: Settings, poll: Poll | None
) -> Iterator[State]:
    """Yield the state with a posterior, then one state per step, without log-likelihoods.

    Starts from the posterior of the state, or else from the responsibilities of its mixture. The
    factors of locked means and covariances are not updated, and locked weights are known
    constants. ValueError for a structure with no conjugate prior.
    """
    prior, blur = _prior(points, state, settings), settings.regularisation
    kind, posterior, gain = state.structure, state.posterior, state.gain
    locks = state.locks if state.locks.any() else None
    if posterior is None:
        gain = None
        posterior = begin(
            points, prior, state.mixture, kind, regularisation=blur, locks=locks, poll=poll
        )
    for step in variational(
        points,
        prior,
        posterior,
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
        **dict.fromkeys(_DEFAULTED),
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

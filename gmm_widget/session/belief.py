"""Variational steps of a session: beliefs about the mixture in place of a single best one.

What is on the table is the expected mixture. A component whose share of the rows falls away under
the prior is pruned: it stays, with next to no weight, and comes back if the prior lets it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from gmm_widget.choose.posterior import Prior, expected
from gmm_widget.choose.variational import begin, variational
from gmm_widget.core.expectation import e_step
from gmm_widget.core.points import Points
from gmm_widget.estimator.believing import prior_of
from gmm_widget.session.settings import Poll, Settings
from gmm_widget.session.state import State

_USUAL = (
    "mean_prior",
    "covariance_prior",
    "degrees_of_freedom_prior",
    "mean_precision_prior",
)


def believing(
    points: Points,
    state: State,
    settings: Settings,
    poll: Poll | None,
    enough: Callable[[int], bool],
) -> tuple[State, int, bool]:
    """Steps until `enough(taken)` or converged: the state, how many, whether at the end.

    Goes on from the posterior of the state, under the prior that is set; without one, from the
    shares of its mixture. Locks are not kept. ValueError for a structure with no conjugate prior.
    """
    prior, blur = _prior(points, state, settings), settings.regularisation
    kind, taken = state.structure, 0
    held = state.posterior
    if held is None:
        held = begin(points, prior, state.mixture, kind, regularisation=blur, poll=poll)
    how = {"regularisation": blur, "tolerance": settings.tolerance}
    last = None
    for last in variational(points, prior, held, kind, poll=poll, **how):  # type: ignore[arg-type]
        taken = last.n_steps
        if taken and enough(taken):
            break
    assert last is not None
    mixture = expected(prior, last.posterior)
    reached = replace(
        state.with_mixture(mixture),
        expectation=e_step(points, mixture, regularisation=blur, poll=poll),
        posterior=last.posterior,
        elbo=last.elbo,
        gain=last.gain if taken > 1 else state.gain,
        converged=last.converged,
        steps=state.steps + taken,
    )
    return reached, taken, last.converged


def _prior(points: Points, state: State, settings: Settings) -> Prior:
    given = {
        **dict.fromkeys(_USUAL),
        "n_components": state.mixture.n_components,
        "covariance_type": state.structure.name,
        "weight_concentration_prior_type": "dirichlet_distribution",
        "weight_concentration_prior": settings.concentration,
        "reg_covar": settings.regularisation,
    }
    return prior_of(given, points, state.structure)

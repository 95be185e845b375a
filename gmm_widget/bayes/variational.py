"""Variational inference of a Bayesian mixture as a generator of steps, like `em`.

A step uses the pass of EM; only what is made of the moments differs: a posterior in place of a
mixture. Since the expected log joint under the posterior is that of a Gaussian (see
`posterior.Surrogate`), the same E-step serves. What increases is the evidence lower bound: the
log-likelihood under the surrogate, less the divergence from the prior.

Bishop (2006), "Pattern recognition and machine learning", section 10.2.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

from gmm_widget.core.defaults import REGULARISATION, TOLERANCE
from gmm_widget.core.e_step import Expectation, e_step
from gmm_widget.core.em import has_converged
from gmm_widget.core.linalg import Array
from gmm_widget.core.locks import Locks
from gmm_widget.core.mixture import Mixture
from gmm_widget.core.moments import Moments, merge, weighted_moments
from gmm_widget.core.passes.threads import Poll
from gmm_widget.core.points import Points
from gmm_widget.core.structure import Structure

from .posterior import Held, Posterior, Prior, divergence, expected, surrogate, updated
from .wishart import Precisions

_ROWS = 8192


class VariationalStep(NamedTuple):
    """One state of the inference. `elbo` (total, nats) is that of this posterior under its
    prior.

    No constant is left out: it is a lower bound of the log evidence. `gain` is the increase of
    the mean bound since the last step; for the first step the one that was given, or NaN.
    """

    posterior: Posterior
    elbo: float
    gain: float
    converged: bool
    expectation: Expectation
    n_steps: int

    def mixture(self, prior: Prior) -> Mixture:
        """The expected mixture."""
        return expected(prior, self.posterior)


def begin(
    points: Points,
    prior: Prior,
    mixture: Mixture,
    structure: Structure,
    *,
    regularisation: float = REGULARISATION,
    locks: Locks | None = None,
    poll: Poll | None = None,
) -> Posterior:
    """The posterior given the responsibilities of a mixture, in one pass.

    Locked means and covariances are kept exactly.
    """
    found = e_step(points, mixture, regularisation=regularisation, poll=poll)
    free = updated(prior, found.moments, points, structure, regularisation)
    if locks is None or not locks.any():
        return free
    precisions = Precisions(free.precisions.degrees, mixture.covariances)
    own = replace(free, means=mixture.means, precisions=precisions)
    held = Held.by(locks, structure, own)
    return updated(prior, found.moments, points, structure, regularisation, held)


def begin_from(
    points: Points,
    prior: Prior,
    shares: Array,
    structure: Structure,
    *,
    regularisation: float = REGULARISATION,
) -> Posterior:
    """The posterior given responsibilities (N, K), a row for each row of the points."""
    moments: Moments | None = None
    for start, (z, weight) in zip(range(0, points.n, _ROWS), points.blocks(_ROWS), strict=True):
        found = weighted_moments(z.T, weight, shares[start : start + _ROWS])
        moments = found if moments is None else merge(moments, found)
    assert moments is not None
    return updated(prior, moments, points, structure, regularisation)


def look(
    points: Points,
    prior: Prior,
    posterior: Posterior,
    structure: Structure,
    *,
    regularisation: float = REGULARISATION,
    poll: Poll | None = None,
) -> tuple[Expectation, float]:
    """The E-step under a posterior: its result, and the evidence lower bound."""
    known = surrogate(prior, posterior, structure)
    found = e_step(points, known.mixture, regularisation=regularisation, poll=poll)
    rows = found.objective + points.total_weight * known.log_sum
    return found, rows - divergence(prior, posterior, structure)


def variational(
    points: Points,
    prior: Prior,
    posterior: Posterior,
    structure: Structure,
    *,
    regularisation: float = REGULARISATION,
    locks: Locks | None = None,
    tolerance: float = TOLERANCE,
    max_steps: int | None = None,
    gain: float = math.nan,
    poll: Poll | None = None,
) -> Iterator[VariationalStep]:
    """Yield `posterior`, and then one step after each pass; the bound never falls.

    Ends as `em` does; `gain` is that of the step that led here, if there was one. To change the
    prior on the way, continue from the last posterior with another prior. Raises ValueError for
    a structure that has no conjugate prior.

    Locked means and precisions stay as they are in `posterior`, and the bound increases in the
    others; for locked weights see `weights_prior.PartlyFixedWeights`.
    """
    how = {"regularisation": regularisation, "poll": poll}
    found, elbo = look(points, prior, posterior, structure, **how)  # type: ignore[arg-type]
    step = VariationalStep(posterior, elbo, gain, False, found, 0)
    yield step
    total = points.total_weight
    while not step.converged and (max_steps is None or step.n_steps < max_steps):
        moments = step.expectation.moments
        held = None if locks is None else Held.by(locks, structure, posterior)
        posterior = updated(prior, moments, points, structure, regularisation, held)
        found, elbo = look(points, prior, posterior, structure, **how)  # type: ignore[arg-type]
        gain = (elbo - step.elbo) / total
        done = has_converged(gain, step.gain, tolerance, elbo / total)
        step = VariationalStep(posterior, elbo, gain, done, found, step.n_steps + 1)
        yield step


def climbing_bound(
    points: Points,
    prior: Prior,
    posterior: Posterior,
    structure: Structure,
    *,
    cells: Points | None = None,
    regularisation: float = REGULARISATION,
    tolerance: float = TOLERANCE,
    max_steps: int | None = None,
    poll: Poll | None = None,
) -> Iterator[VariationalStep]:
    """Exact steps as `variational` yields them, after steps on bins where these are used."""
    if cells is not None:
        for step in variational(
            cells,
            prior,
            posterior,
            structure,
            regularisation=regularisation,
            tolerance=tolerance,
            max_steps=max_steps,
            poll=poll,
        ):
            posterior = step.posterior
    yield from variational(
        points,
        prior,
        posterior,
        structure,
        regularisation=regularisation,
        tolerance=tolerance,
        max_steps=max_steps,
        poll=poll,
    )

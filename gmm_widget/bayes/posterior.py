"""Prior and posterior of a Bayesian Gaussian mixture.

A Bayesian mixture of K components has a prior of its weights (`weights_prior`), and for each
component a Gaussian-Wishart prior of mean and precision (`wishart`). The posterior has the same
form. Bishop (2006), "Pattern recognition and machine learning", section 10.2; names and scales
of the parameters are those of scikit-learn's BayesianGaussianMixture.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple, final

import numpy as np
from numpy.typing import NDArray

from gmm_widget.core.frozen import frozen_fields, read_only
from gmm_widget.core.linalg import Array, outer
from gmm_widget.core.locks import Locks
from gmm_widget.core.mixture import Mixture
from gmm_widget.core.moments import Moments
from gmm_widget.core.points import Points
from gmm_widget.core.structure import PrecisionBlocks, Structure

from .weights_prior import WeightPrior
from .wishart import Precisions

#: Components are not allowed less than this share: a mixture's weights are positive.
_LEAST = 1e-290


@final
@dataclass(frozen=True, eq=False)
@frozen_fields
class Prior:
    """The prior, the same for every component.

    `concentration` of the weights; `mean` (D,) and the number of rows it counts for; `degrees`
    of freedom of the precisions and their scale `covariance` (D, D): what the scatter of so
    many rows would be. In data units.
    """

    weights: WeightPrior
    concentration: float
    mean: Array
    mean_precision: float
    degrees: float
    covariance: Array

    def __post_init__(self) -> None:
        d = len(self.mean)
        object.__setattr__(self, "mean", read_only(self.mean))
        object.__setattr__(self, "covariance", read_only(self.covariance))
        for name in ("concentration", "mean_precision"):
            if not 0 < getattr(self, name) < np.inf:
                raise ValueError(f"{name} must be a positive number; got {getattr(self, name)}")
        if not d - 1 < self.degrees < np.inf:
            raise ValueError(f"degrees must be more than {d - 1}, got {self.degrees}")
        if self.covariance.shape != (d, d) or not np.isfinite(self.mean).all():
            raise ValueError(f"a prior in {d} columns needs a covariance ({d}, {d})")
        if not np.linalg.eigvalsh(self.covariance)[0] > 0:
            raise ValueError("the covariance of the prior must be positive definite")


@final
@dataclass(frozen=True, eq=False)
@frozen_fields
class Posterior:
    """The posterior: parameters of the weights (P, K), means (K, D), and precisions.

    `mean_precision` (K,) is the number of rows that each mean counts for, the prior's included.
    """

    weights: Array
    mean_precision: Array
    means: Array
    precisions: Precisions
    counts: Array


class Surrogate(NamedTuple):
    """The mixture whose E-step gives the variational responsibilities, and the log of its
    weights' sum.

    The expected log joint of a component is that of a Gaussian with the posterior mean and the
    expected precision, and a weight that makes up the difference. These weights sum to less
    than one; the mixture has them divided by their sum.
    """

    mixture: Mixture
    log_sum: float


class Held(NamedTuple):
    """What is locked in a posterior: which means (K,) and which precisions (K,)."""

    means: NDArray[np.bool_]
    precisions: NDArray[np.bool_]
    posterior: Posterior

    @classmethod
    def by(cls, locks: Locks, structure: Structure, posterior: Posterior) -> Held:
        """What `locks` hold under a structure."""
        return cls(locks.means, locks.locked_covariances(structure), posterior)


def updated(
    prior: Prior,
    moments: Moments,
    points: Points,
    structure: Structure,
    regularisation: float,
    held: Held | None = None,
) -> Posterior:
    """The posterior given the moments (in the frame) of each component's responsibilities.

    With locks it is the one of the highest bound among those that keep what is locked: a locked
    mean spreads its rows' precision around itself.
    """
    frame, n = points.frame, moments.counts
    centre = frame.means_in(prior.mean)
    step = moments.means - centre
    strength = prior.mean_precision + n
    blur = np.diag(regularisation * points.variance) * n[:, None, None]
    about = (prior.mean_precision * n / strength)[:, None, None] * outer(step)
    if held is not None:
        fixed = frame.means_in(held.posterior.means)
        away = n[:, None, None] * outer(moments.means - fixed)
        away += prior.mean_precision * outer(fixed - centre)
        about = np.where(held.means[:, None, None], away, about)
    about = about + moments.scatters + blur
    scatters = prior.covariance + frame.covariances_out(about)
    once = Moments(np.ones(len(n)), moments.means, scatters)
    degrees = prior.degrees + (np.full(len(n), n.mean()) if structure.shared else n)
    covariances = structure.constrain(once, np.ones(points.d)) / degrees[:, None, None]
    found = Posterior(
        prior.weights.updated(prior.concentration, n),
        strength,
        frame.means_out(centre + (n / strength)[:, None] * step),
        Precisions(degrees, covariances),
        n,
    )
    return found if held is None else _holding(found, held)


def _holding(found: Posterior, held: Held) -> Posterior:
    """Put locked parameters back exactly."""
    old, new = held.posterior.precisions, found.precisions
    precisions = Precisions(
        np.where(held.precisions, old.degrees, new.degrees),
        np.where(held.precisions[:, None, None], old.covariances, new.covariances),
    )
    means = np.where(held.means[:, None], held.posterior.means, found.means)
    return replace(found, means=means, precisions=precisions)


def expected(prior: Prior, posterior: Posterior) -> Mixture:
    """The mixture of expected weights, means, and inverse expected precisions."""
    weights = np.maximum(prior.weights.expected(posterior.weights), _LEAST)
    return Mixture(weights, posterior.means, posterior.precisions.covariances)


def surrogate(prior: Prior, posterior: Posterior, structure: Structure) -> Surrogate:
    """The mixture with which the E-step is run in place of the posterior."""
    d = posterior.means.shape[1]
    precisions = posterior.precisions
    logs = prior.weights.expected_logs(posterior.weights) - d / posterior.mean_precision / 2
    logs += precisions.log_determinants(_blocks(structure, d)) / 2
    logs += np.linalg.slogdet(precisions.covariances)[1] / 2
    top = logs.max()
    shares = np.maximum(np.exp(logs - top), _LEAST)
    total = shares.sum()
    mixture = Mixture(shares / total, posterior.means, precisions.covariances)
    return Surrogate(mixture, float(top + np.log(total)))


def divergence(prior: Prior, posterior: Posterior, structure: Structure) -> float:
    """Kullback-Leibler divergence of the posterior from the prior, in nats."""
    k, d = posterior.means.shape
    ratio = prior.mean_precision / posterior.mean_precision
    whitener = np.linalg.inv(np.linalg.cholesky(posterior.precisions.covariances))
    away = (whitener @ (posterior.means - prior.mean)[:, :, None])[:, :, 0]
    means = d * (ratio - 1 - np.log(ratio)).sum() / 2 + prior.mean_precision * (away**2).sum() / 2
    before = Precisions(
        np.full(k, prior.degrees), np.repeat(prior.covariance[None] / prior.degrees, k, axis=0)
    )
    shapes = posterior.precisions.divergence(before, _blocks(structure, d))
    weights = prior.weights.divergence(posterior.weights, prior.concentration)
    return float(weights + means + shapes)


def _blocks(structure: Structure, d: int) -> PrecisionBlocks:
    found = structure.precision_blocks(d)
    if found is None:
        raise ValueError(
            f"the structure {structure.name!r} has no conjugate prior of its precisions; "
            "choose one whose covariances are averages, such as 'full' or 'diag'"
        )
    return found

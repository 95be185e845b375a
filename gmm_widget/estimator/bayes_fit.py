"""From the arguments of the Bayesian estimator to priors, starts, and the best posterior."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np

from gmm_widget.bayes.posterior import Posterior, Prior
from gmm_widget.bayes.variational import VariationalStep, begin, begin_from, climbing_bound
from gmm_widget.bayes.weights_prior import WEIGHT_PRIORS
from gmm_widget.core.binning import bin_points, uses_bins
from gmm_widget.core.e_step import e_step
from gmm_widget.core.initialise import initial_mixture
from gmm_widget.core.linalg import Array
from gmm_widget.core.mixture import Mixture
from gmm_widget.core.points import Points
from gmm_widget.core.random_state import generator
from gmm_widget.core.structure import Structure, structure

from .packing import checked, matrices
from .starts import METHODS, random_start

#: The least that is added to a default covariance of the prior, in shares of the data's variance:
#: rows on a line, too, need one that has an inverse.
_LEAST = 1e-10


class BayesianFit(NamedTuple):
    """The prior, the last step of the best start, and the bounds (total) on the way there."""

    prior: Prior
    step: VariationalStep
    bounds: tuple[float, ...]


def fit_bayesian(params: Mapping[str, Any], points: Points, warm: Posterior | None) -> BayesianFit:
    """Infer the posterior as the constructor's arguments say; `warm` is one to go on from."""
    kind = structure(params["covariance_type"])
    prior = prior_of(params, points, kind)
    cells = bin_points(points) if uses_bins(points, params["algorithm"]) else None
    best: BayesianFit | None = None
    for number, first in enumerate(_starts(params, points, prior, kind, warm)):
        bounds = []
        for step in climbing_bound(
            points,
            prior,
            first,
            kind,
            cells=cells,
            regularisation=params["reg_covar"],
            tolerance=params["tol"],
            max_steps=params["max_iter"],
        ):
            bounds.append(step.elbo)
        if params["verbose"]:
            sys.stdout.write(f"start {number}: bound {step.elbo:.6f} after {step.n_steps} steps\n")
        if best is None or step.elbo > best.step.elbo:
            best = BayesianFit(prior, step, tuple(bounds))
    assert best is not None
    return best


def prior_of(params: Mapping[str, Any], points: Points, kind: Structure) -> Prior:
    """The prior that the arguments name, with scikit-learn's defaults where they don't."""
    d, k = points.d, params["n_components"]

    def given(name: str, default: float) -> float:
        return float(default if params[name] is None else params[name])

    mean, covariance = params["mean_prior"], params["covariance_prior"]
    degrees = given("degrees_of_freedom_prior", d)
    if not degrees > d - 1:
        raise ValueError(
            f"The parameter 'degrees_of_freedom_prior' should be greater than {d - 1}, "
            f"but got {degrees:.3f}."
        )
    return Prior(
        WEIGHT_PRIORS[params["weight_concentration_prior_type"]],
        given("weight_concentration_prior", 1 / k),
        points.frame.origin if mean is None else checked(mean, "mean_prior", (d,)),
        given("mean_precision_prior", 1.0),
        degrees,
        _spread(points, kind, params["reg_covar"])
        if covariance is None
        else _one(covariance, kind, d),
    )


def packed_one(covariance: Array, kind: Structure) -> Any:
    """A single covariance (D, D) in scikit-learn's shape for a prior under this structure."""
    packed = kind.pack(covariance[None])
    return packed if kind.shared else packed[0]


def _one(value: Any, kind: Structure, d: int) -> Array:
    """A single covariance (D, D) from scikit-learn's shape."""
    shape = kind.packed_shape(1, d)
    array = checked(value, "covariance_prior", shape if kind.shared else shape[1:])
    packed = array if kind.shared else array[None]
    return np.asarray(matrices(packed, "covariance_prior", kind, 1, d)[0])


def _spread(points: Points, kind: Structure, regularisation: float) -> Array:
    """The covariance of all rows (N - 1 in the denominator) under the structure."""
    frame, d = points.frame, points.d
    variance = np.diag(points.variance)
    whole = Mixture(np.ones(1), frame.origin[None], frame.covariances_out(variance[None]))
    moments = e_step(points, whole).moments
    widened = np.diag(np.isin(np.arange(d), points.constant) + max(regularisation, _LEAST))
    total = points.total_weight
    scatters = moments.scatters * (total / (total - 1) if total > 1 else 1) / total
    shape = frame.covariances_out(scatters + widened * variance)
    once = moments.__class__(np.ones(1), moments.means, shape)
    return np.asarray(kind.constrain(once, np.ones(d))[0])


def _starts(
    params: Mapping[str, Any], points: Points, prior: Prior, kind: Structure, warm: Posterior | None
) -> Iterator[Posterior]:
    k, eps = params["n_components"], params["reg_covar"]
    if warm is not None and warm.means.shape == (k, points.d):
        yield warm
        return
    if params["responsibilities_init"] is not None:
        shares = checked(params["responsibilities_init"], "responsibilities_init", (points.n, k))
        yield begin_from(points, prior, shares, kind, regularisation=eps)
        return
    rng, method = generator(params["random_state"]), METHODS.get(params["init_params"])
    for _ in range(params["n_init"]):
        if method is None:
            first = random_start(points, k, kind, rng)
        else:
            first = initial_mixture(points, k, kind, method, rng)
        yield begin(points, prior, first, kind, regularisation=eps)

"""For the tests of Bayesian mixtures: rows, and exact evidences by sums and predictions."""

from __future__ import annotations

from itertools import product

import numpy as np
from hypothesis import strategies as st
from scipy.special import gammaln, logsumexp
from scipy.stats import multivariate_t

from gmm_widget.bayes.posterior import Prior
from gmm_widget.bayes.weights_prior import WEIGHT_PRIORS
from gmm_widget.core.points import Points
from gmm_widget.core.structure import structure


def uneven_rows(draw, fewest: int, decades: float, most: int):
    """A generator, rows (N, D) of uneven columns with half of them moved, and K up to `most`.

    For a composite strategy, whose `draw` it takes; columns are of scales within 10^+-`decades`.
    """
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    n, d, k = draw(st.integers(fewest, 60)), draw(st.integers(1, 3)), draw(st.integers(1, most))
    scales, centres = 10.0 ** rng.uniform(-decades, decades, d), rng.normal(size=d) * 10
    x = rng.normal(size=(n, d)) * scales + centres
    x[rng.random(n) < 0.5] += x.std(axis=0) * 3
    return rng, x, k


def evidence_of_one(x: np.ndarray, prior: Prior) -> float:
    """log p(x) of one Gaussian of any covariance: each row's Student t given those before it.

    Murphy (2007), "Conjugate Bayesian analysis of the Gaussian distribution", section 9.
    """
    d = x.shape[1]
    mean, strength, degrees, scatter = (
        prior.mean.copy(),
        prior.mean_precision,
        prior.degrees,
        prior.covariance.copy(),
    )
    total = 0.0
    for row in x:
        df = degrees - d + 1
        shape = scatter * (strength + 1) / (strength * df)
        total += multivariate_t(mean, shape, df).logpdf(row)
        away = row - mean
        scatter = scatter + strength / (strength + 1) * np.outer(away, away)
        mean = mean + away / (strength + 1)
        strength, degrees = strength + 1, degrees + 1
    return float(total)


def evidence_of_two(x: np.ndarray, prior: Prior) -> float:
    """log p(x) of two components with Dirichlet weights, summed over all ways to share the rows."""
    n, a = len(x), prior.concentration
    terms = []
    for labels in product([0, 1], repeat=n):
        z = np.array(labels, dtype=bool)
        counts = np.array([n - z.sum(), z.sum()])
        shares = gammaln(2 * a) - gammaln(2 * a + n) + (gammaln(a + counts) - gammaln(a)).sum()
        terms.append(shares + sum(evidence_of_one(x[part], prior) for part in (z, ~z)))
    return float(logsumexp(terms))


def prior_like(model, kind: str) -> Prior:
    """The prior that a fitted model of scikit-learn reports."""
    d = len(model.mean_prior_)
    value = np.asarray(model.covariance_prior_, dtype=float)
    packed = value if structure(kind).shared else value[None]
    return Prior(
        WEIGHT_PRIORS[model.weight_concentration_prior_type],
        model.weight_concentration_prior_,
        model.mean_prior_,
        model.mean_precision_prior_,
        model.degrees_of_freedom_prior_,
        structure(kind).unpack(packed, 1, d)[0],
    )


def plain_prior(x: np.ndarray, kind: str, weights: str, concentration: float) -> Prior:
    """A prior about the middle of the rows, as wide as they are."""
    d, points = x.shape[1], Points.of(x)
    spread = np.diag(points.variance * points.frame.scale**2)
    from gmm_widget.core.moments import Moments

    once = Moments(np.ones(1), np.zeros((1, d)), spread[None])
    shape = structure(kind).constrain(once, np.ones(d))[0]
    return Prior(WEIGHT_PRIORS[weights], concentration, x.mean(axis=0), 0.7, d + 0.5, shape)

"""Criteria that weigh the log-likelihood against the number of parameters; lower is better."""

from __future__ import annotations

import math

from .e_step import log_max_responsibility
from .mixture import Mixture
from .points import Points


def bic(log_likelihood: float, parameters: int, n: float) -> float:
    """Bayesian information criterion: -2 l + v log n. n is the total weight of the points.

    Schwarz (1978). mclust prints the negative of it.
    """
    return -2 * log_likelihood + parameters * math.log(n)


def aic(log_likelihood: float, parameters: int) -> float:
    """Akaike's information criterion: -2 l + 2 v. Akaike (1974)."""
    return -2 * log_likelihood + 2 * parameters


def icl(points: Points, mixture: Mixture, log_likelihood: float, parameters: int) -> float:
    """Integrated completed likelihood: BIC - 2 sum_n log max_k r_nk, one pass over the points.

    Biernacki, Celeux & Govaert (2000), in the form of mclust (most probable component), with the
    sign of `bic`.
    """
    completion = log_max_responsibility(points, mixture)
    return bic(log_likelihood, parameters, points.total_weight) - 2 * completion

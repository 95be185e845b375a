"""What a fit reached: the value that is compared, and the time that it took."""

from __future__ import annotations

import time
import warnings
from typing import Any, NamedTuple

import numpy as np

from gmm_widget.core.mixture import Mixture
from gmm_widget.core.points import Points
from gmm_widget.core.structure import structure
from gmm_widget.search.spurious import suspicions


class Reached(NamedTuple):
    """A total log-likelihood, whether it is owed to a handful of rows, and the seconds it took."""

    log_likelihood: float
    spurious: bool
    seconds: float


def reached(
    points: Points, mixture: Mixture, kind: str, seconds: float, published: float = -np.inf
) -> Reached:
    """The log-likelihood of the parameters themselves, or what was published if that is more."""
    value = max(float(mixture.log_density(points.rows).sum()), published)
    return Reached(value, bool(suspicions(points, mixture, structure(kind))), seconds)


def seconds_of_fit(model: Any, x: Any) -> float:
    """Fit an estimator, with its warnings ignored; return the seconds."""
    began = time.perf_counter()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.fit(x)
    return time.perf_counter() - began


def mixture_of_peer(model: Any, kind: str) -> Mixture:
    """The parameters of a fitted estimator of scikit-learn."""
    k, d = model.means_.shape
    return Mixture(model.weights_, model.means_, structure(kind).unpack(model.covariances_, k, d))

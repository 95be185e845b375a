"""The engines compared: each takes a given number of EM steps from the same start.

Only public interfaces are used. scikit-learn and oneDAL do no other work: no k-means, one start,
no convergence before the last step.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from gmm_widget.core.em import em
from gmm_widget.core.mixture import Mixture
from gmm_widget.core.points import Points
from gmm_widget.core.structure import structure

Array = NDArray[np.float64]
Engine = Callable[[Array, Mixture, int], Mixture]


def ours(x: Array, start: Mixture, steps: int) -> Mixture:
    """This package's exact steps, reading the data included."""
    return _last(Points.of(x), start, steps)


def _last(points: Points, start: Mixture, steps: int) -> Mixture:
    *_, end = em(points, start, structure("full"), tolerance=-1.0, max_steps=steps)
    return end.mixture


def scikit_learn(x: Array, start: Mixture, steps: int) -> Mixture:
    """`sklearn.mixture.GaussianMixture`, full covariances."""
    from sklearn.mixture import GaussianMixture

    model = GaussianMixture(
        start.n_components,
        max_iter=steps,
        tol=0.0,
        weights_init=start.weights,
        means_init=start.means,
        precisions_init=np.linalg.inv(start.covariances),
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # not converged, as intended
        model.fit(x)
    return Mixture(model.weights_, model.means_, model.covariances_)


def onedal(x: Array, start: Mixture, steps: int) -> Mixture:
    """oneDAL's `em_gmm` through daal4py (package scikit-learn-intelex)."""
    import daal4py

    model = daal4py.em_gmm(
        nComponents=start.n_components, maxIterations=steps, accuracyThreshold=0.0
    )
    found = model.compute(x, start.weights[None], start.means.copy(), list(start.covariances))
    weights = found.weights[0]
    return Mixture(weights / weights.sum(), found.means, np.array(found.covariances))


ENGINES: dict[str, Engine] = {"gmm_widget": ours, "scikit-learn": scikit_learn, "oneDAL": onedal}

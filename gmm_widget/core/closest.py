"""Which two components are most nearly one, so that merging them loses least."""

from __future__ import annotations

import numpy as np

from .linalg import factors, outer
from .mixture import Mixture


def closest_pair(mixture: Mixture) -> tuple[int, int]:
    """The pair (i, j), i < j, whose merge has the least bound on its Kullback-Leibler loss.

    The bound is (w log det S - w_i log det S_i - w_j log det S_j) / 2, where w and S are the
    weight and covariance of the merged pair: Runnalls (2007), "Kullback-Leibler approach to
    Gaussian mixture reduction". ValueError for a single component.
    """
    k = mixture.n_components
    if k < 2:
        raise ValueError("a single component has no closest pair")
    i, j = np.triu_indices(k, 1)
    w, means, covariances = mixture.weights, mixture.means, mixture.covariances
    weight = w[i] + w[j]
    a, b = w[i] / weight, w[j] / weight
    between = (a * b)[:, None, None] * outer(means[i] - means[j])
    joint = a[:, None, None] * covariances[i] + b[:, None, None] * covariances[j] + between
    own = w * mixture.factors.log_determinants
    loss = weight * factors(joint).log_determinants - own[i] - own[j]
    best = int(np.argmin(loss))
    return int(i[best]), int(j[best])

"""One EM step straight from the textbook: dense, slow, and sharing no line with the package.

Formulas: Bishop (2006), Pattern Recognition and Machine Learning, section 9.2.2; no regularisation.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def em_step(x: Array, mixture: dict[str, Any], structure: str) -> dict[str, Array]:
    """Return weights (K,), means (K, D), covariances (K, D, D) after one step, in data units.

    `structure` is "full" or "tied".
    """
    weights, means, covariances = (
        np.asarray(mixture[name]) for name in ("weights", "means", "covariances")
    )
    n, d = x.shape
    joint = np.empty((n, len(weights)))
    for k, (mean, covariance) in enumerate(zip(means, covariances, strict=True)):
        away = x - mean
        distance = np.sum(away @ np.linalg.inv(covariance) * away, axis=1)
        scale = np.sqrt((2 * np.pi) ** d * np.linalg.det(covariance))
        joint[:, k] = weights[k] * np.exp(-distance / 2) / scale
    responsibilities = joint / joint.sum(axis=1, keepdims=True)
    counts = responsibilities.sum(axis=0)
    new_means = responsibilities.T @ x / counts[:, None]
    scatters = np.array(
        [
            (r[:, None] * (x - m)).T @ (x - m)
            for r, m in zip(responsibilities.T, new_means, strict=True)
        ]
    )
    if structure == "tied":
        new_covariances = np.array([scatters.sum(axis=0) / n] * len(weights))
    else:
        new_covariances = scatters / counts[:, None, None]
    return {"weights": counts / n, "means": new_means, "covariances": new_covariances}

"""Small dense linear algebra on stacks of covariance matrices.

Everything is done on the correlation matrix, with the standard deviations set aside, so that
columns measured in very different units cost no digits, and a matrix that is not positive
definite is reported with the number of its component.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Array: TypeAlias = NDArray[np.float64]

#: A correlation matrix with a smallest eigenvalue below this is singular to working precision.
SINGULAR = 16 * float(np.finfo(np.float64).eps)


def cholesky(covariances: Array) -> Array:
    """Lower factors (K, D, D) of positive definite matrices (K, D, D).

    Raises ValueError naming the first component whose matrix is not positive definite.
    """
    variances = np.einsum("kii->ki", covariances)
    if not np.all(variances > 0):
        k, i = np.argwhere(~(variances > 0))[0]
        raise ValueError(
            f"component {k} has variance {variances[k, i]:g} in column {i}; "
            "a variance must be a positive number"
        )
    sd = np.sqrt(variances)
    correlation = covariances / sd[:, :, None] / sd[:, None, :]
    try:
        lower = np.linalg.cholesky(correlation)
    except np.linalg.LinAlgError:
        raise ValueError(_indefinite(correlation)) from None
    if np.any(np.einsum("kii->ki", lower) ** 2 <= SINGULAR):
        raise ValueError(_indefinite(correlation))
    return np.asarray(lower * sd[:, :, None])


def _indefinite(correlation: Array) -> str:
    smallest = np.linalg.eigvalsh(correlation)[:, 0]
    k = int(np.argmin(smallest))
    return (
        f"the covariance of component {k} is not positive definite: the smallest eigenvalue of "
        f"its correlation matrix is {smallest[k]:.3g}; a covariance needs every one above 0"
    )


def whiteners(lower: Array) -> Array:
    """Inverses (K, D, D) of lower factors: `whitener @ (x - mean)` has unit covariance."""
    sd = np.einsum("kii->ki", lower)
    inverse = np.linalg.inv(lower / sd[:, :, None])
    return np.asarray(np.tril(inverse) / sd[:, None, :])


def log_determinants(lower: Array) -> Array:
    """log det(covariance) (K,) from its lower factor."""
    return np.asarray(2 * np.log(np.einsum("kii->ki", lower)).sum(axis=1))


def outer(vectors: Array) -> Array:
    """(K, D) -> (K, D, D): each row times itself."""
    return np.asarray(vectors[:, :, None] * vectors[:, None, :])


def frozen(value: Any) -> Array:
    """A read-only float64 copy."""
    copy = np.array(value, dtype=np.float64, order="C")
    copy.setflags(write=False)
    return copy

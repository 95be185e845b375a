"""Small dense linear algebra on stacks of covariance matrices.

Cholesky's algorithm and the inversion of its factor do not depend on the units of the columns,
so columns of very different size cost no digits. A matrix that is not positive definite is
reported with the number of its component.
"""

from __future__ import annotations

from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

Array: TypeAlias = NDArray[np.float64]

#: A pivot below this share of its variance is rounding: the matrix is singular.
SINGULAR = 16 * float(np.finfo(np.float64).eps)


class Factors(NamedTuple):
    """Of covariances (K, D, D): lower factors, their inverses, and log determinants (K,).

    `whiteners[k] @ (x - mean)` has unit covariance, `lower[k] @ y + mean` undoes it.
    """

    lower: Array
    whiteners: Array
    log_determinants: Array


def factors(covariances: Array) -> Factors:
    """Raises ValueError naming the first component whose matrix is not positive definite."""
    lower = cholesky(covariances)
    return Factors(lower, inverse(lower), 2 * np.log(diagonals(lower)).sum(axis=1))


def diagonals(matrices: Array) -> Array:
    """The diagonals (K, D) of matrices (K, D, D): a view where these are contiguous."""
    k, d, _ = matrices.shape
    return matrices.reshape(k, d * d)[:, :: d + 1]


def cholesky(covariances: Array) -> Array:
    """Lower factors (K, D, D) of positive definite matrices; ValueError names the first other."""
    try:
        lower = np.asarray(np.linalg.cholesky(covariances), dtype=np.float64)
    except np.linalg.LinAlgError:
        raise ValueError(_indefinite(covariances)) from None
    if not (diagonals(lower) ** 2 > SINGULAR * diagonals(covariances)).all():
        raise ValueError(_indefinite(covariances))
    return lower


def _indefinite(covariances: Array) -> str:
    """Says which matrix is worst, and why it is no covariance."""
    variances = diagonals(covariances)
    if not np.all(variances > 0):
        k, i = np.argwhere(~(variances > 0))[0]
        return (
            f"component {k} has variance {variances[k, i]:g} in column {i}; "
            "a variance must be a positive number"
        )
    sd = np.sqrt(variances)
    smallest = np.linalg.eigvalsh(covariances / sd[:, :, None] / sd[:, None, :])[:, 0]
    k = np.argmin(smallest)
    return (
        f"the covariance of component {k} is not positive definite: its correlation matrix has "
        f"the eigenvalue {smallest[k]:.3g}; make every one clearly larger than 0"
    )


def inverse(lower: Array) -> Array:
    """Inverses of lower triangular matrices (K, D, D), by forward substitution."""
    result = np.zeros(lower.shape)
    diagonal = 1 / diagonals(lower)
    diagonals(result)[:] = diagonal
    for i in range(1, lower.shape[1]):
        row = lower[:, i : i + 1, :i] @ result[:, :i, :i]
        np.multiply(row[:, 0], -diagonal[:, i : i + 1], out=result[:, i, :i])
    return result


def nearest_factor(covariances: Array, least: Array) -> Array:
    """Lower factors (K, D, D) of matrices that may be singular, lifted a little where they are.

    Variances are lifted to `least` (K, D), eigenvalues to a small share of the largest.
    """
    lifted = covariances.copy()
    diagonals(lifted)[:] = np.maximum(diagonals(covariances), least)
    sd = np.sqrt(diagonals(lifted))
    values, vectors = np.linalg.eigh(lifted / sd[:, :, None] / sd[:, None, :])
    values = np.maximum(values, 64 * SINGULAR * values[:, -1:])
    near = (vectors * values[:, None, :]) @ vectors.transpose(0, 2, 1)
    return np.asarray(np.linalg.cholesky(near) * sd[:, :, None])


def outer(vectors: Array) -> Array:
    """(K, D) -> (K, D, D): each row times itself."""
    return np.asarray(vectors[:, :, None] * vectors[:, None, :])


def frozen(value: Any) -> Array:
    """A read-only float64 copy."""
    copy = np.array(value, dtype=np.float64, order="C")
    copy.setflags(write=False)
    return copy

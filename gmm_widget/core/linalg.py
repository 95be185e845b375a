"""Dense linear algebra on stacks of covariance matrices (K, D, D).

Cholesky factorisation and the inversion of its factor do not depend on the units of the columns,
so columns of very different scale cost no digits. Errors name the component whose matrix is not
positive definite.
"""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from .frozen import locked

Array: TypeAlias = NDArray[np.float64]

#: A squared pivot below this fraction of its variance is rounding error: the matrix is singular.
SINGULAR = 16 * float(np.finfo(np.float64).eps)


class CholeskyFactors(NamedTuple):
    """Lower Cholesky factors (K, D, D), their inverses, and log determinants (K,).

    `whiteners[k] @ (x - mean)` has unit covariance, `lower[k] @ y + mean` inverts it.
    """

    lower: Array
    whiteners: Array
    log_determinants: Array


def factorise(covariances: Array) -> CholeskyFactors:
    """Factors of covariances (K, D, D). ValueError names a component not positive definite."""
    lower = cholesky(covariances)
    logs = 2 * np.log(diagonals(lower)).sum(axis=1)
    return CholeskyFactors(locked(lower), locked(triangular_inverse(lower)), locked(logs))


def diagonals(matrices: Array) -> Array:
    """The diagonals (K, D) of matrices (K, D, D): a view where these are contiguous."""
    k, d, _ = matrices.shape
    return matrices.reshape(k, d * d)[:, :: d + 1]


def cholesky(covariances: Array) -> Array:
    """Lower factors (K, D, D); ValueError names a component that is not positive definite."""
    try:
        lower = np.asarray(np.linalg.cholesky(covariances), dtype=np.float64)
    except np.linalg.LinAlgError:
        raise ValueError(_indefinite(covariances)) from None
    if not (diagonals(lower) ** 2 > SINGULAR * diagonals(covariances)).all():
        raise ValueError(_indefinite(covariances))
    return lower


def _indefinite(covariances: Array) -> str:
    """Message that names the worst matrix and says why it is no covariance."""
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


def triangular_inverse(lower: Array) -> Array:
    """Inverses of lower triangular matrices (K, D, D), by forward substitution."""
    result = np.zeros(lower.shape)
    diagonal = 1 / diagonals(lower)
    diagonals(result)[:] = diagonal
    for i in range(1, lower.shape[1]):
        row = lower[:, i : i + 1, :i] @ result[:, :i, :i]
        np.multiply(row[:, 0], -diagonal[:, i : i + 1], out=result[:, i, :i])
    return result


def clipped_cholesky(covariances: Array, min_variances: Array) -> Array:
    """Lower factors (K, D, D) of matrices that may be singular, made positive definite first.

    Variances are raised to at least `min_variances` (K, D), eigenvalues of the correlation matrix
    to a small fraction of the largest.
    """
    raised = covariances.copy()
    diagonals(raised)[:] = np.maximum(diagonals(covariances), min_variances)
    sd = np.sqrt(diagonals(raised))
    values, vectors = np.linalg.eigh(raised / sd[:, :, None] / sd[:, None, :])
    values = np.maximum(values, 64 * SINGULAR * values[:, -1:])
    clipped = (vectors * values[:, None, :]) @ vectors.transpose(0, 2, 1)
    return np.asarray(np.linalg.cholesky(clipped) * sd[:, :, None])


def outer(vectors: Array) -> Array:
    """Outer product of each row with itself: (K, D) -> (K, D, D)."""
    return np.asarray(vectors[:, :, None] * vectors[:, None, :])

"""Log densities of Gaussian components at given points, by Cholesky whitening.

Every component is evaluated in its own coordinates: accurate at any scale, and the reference that
the faster natural-parameter form of a pass (`passes.natural_parameters`) is tested against.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .linalg import Array, CholeskyFactors

LOG_2PI = float(np.log(2 * np.pi))


def as_rows(x: ArrayLike, d: int) -> Array:
    """Points as (N, D) float64; a single column may be given as (N,). ValueError otherwise."""
    return np.asarray(row_array(x, d), dtype=np.float64)


def row_array(x: ArrayLike, d: int) -> NDArray[Any]:
    """Points as (N, D) numbers of their own type, as `as_rows`, but without a copy."""
    rows = np.asarray(x)
    if rows.dtype.kind not in "biuf":
        rows = rows.astype(np.float64)
    if rows.ndim == 1 and d == 1:
        rows = rows[:, None]
    if rows.ndim != 2 or rows.shape[1] != d:
        raise ValueError(f"points must have shape (N, {d}) to match the mixture; got {rows.shape}")
    return rows


def log_peaks(weights: Array, factors: CholeskyFactors) -> Array:
    """log weight_k - 1/2 log det(2 pi covariance_k), shape (K,): the log joint at each mean."""
    d = factors.lower.shape[1]
    return np.asarray(np.log(weights) - (d * LOG_2PI + factors.log_determinants) / 2)


def log_joint(weights: Array, means: Array, factors: CholeskyFactors, x: Array) -> Array:
    """log(weight_k N(x_n | mean_k, covariance_k)), shape (N, K), in nats."""
    joint = np.empty((x.shape[0], len(weights)))
    for k, peak in enumerate(log_peaks(weights, factors)):
        y = (x - means[k]) @ factors.whiteners[k].T
        joint[:, k] = peak - np.einsum("nd,nd->n", y, y) / 2
    return joint

"""The mixture as an exponential family, in the frame: log joint = theta . T(z).

T(z) = (1, z, products z_i z_j with i <= j), F = 1 + D + D (D + 1) / 2 entries. With it the
E-step is one matrix product and the moments of the M-step are another.
"""

from __future__ import annotations

import numpy as np

from .density import LOG_2PI
from .linalg import Array, log_determinants
from .moments import Moments


def n_statistics(d: int) -> int:
    """F, the length of T(z) for z of d columns."""
    return 1 + d + d * (d + 1) // 2


def fill_products(t: Array, d: int) -> None:
    """Complete T (F, B) in place, whose rows 1..d hold the points already."""
    t[0] = 1.0
    row = 1 + d
    for i in range(d):
        np.multiply(t[1 + i], t[1 + i : 1 + d], out=t[row : row + d - i])
        row += d - i


def log_constants(weights: Array, lower: Array) -> Array:
    """log weight_k - 1/2 log det(2 pi covariance_k), shape (K,): the log joint at each mean."""
    d = lower.shape[1]
    return np.asarray(np.log(weights) - (d * LOG_2PI + log_determinants(lower)) / 2)


def parameters(constants: Array, means: Array, whitener: Array) -> Array:
    """theta (K, F) from log constants (K,), means (K, D) and whiteners (K, D, D)."""
    d = means.shape[1]
    precision = whitener.transpose(0, 2, 1) @ whitener
    linear = np.einsum("kij,kj->ki", precision, means)
    i, j = np.triu_indices(d)
    theta = np.empty((len(means), n_statistics(d)))
    theta[:, 0] = constants - np.einsum("ki,ki->k", linear, means) / 2
    theta[:, 1 : 1 + d] = linear
    theta[:, 1 + d :] = precision[:, i, j] * np.where(i == j, -0.5, -1.0)
    return theta


def moments(sums: Array, d: int, fallback: Array) -> Moments:
    """Moments from sums (K, F) of weighted T. A component of no weight gets mean `fallback`."""
    counts = sums[:, 0].copy()
    some = (counts > 0)[:, None]
    safe = np.where(some, counts[:, None], 1.0)
    means = np.where(some, sums[:, 1 : 1 + d] / safe, fallback)
    i, j = np.triu_indices(d)
    central = sums[:, 1 + d :] - safe * means[:, i] * means[:, j]
    scatters = np.zeros((len(sums), d, d))
    scatters[:, i, j] = np.where(some, central, 0.0)
    scatters[:, j, i] = scatters[:, i, j]
    return Moments(counts, means, scatters)

"""What makes three arrays a mixture, and the words for each way in which they fail to be one."""

from __future__ import annotations

from typing import Any

import numpy as np

from .linalg import Array

_SYMMETRY = 1e-9
_SUM = 1e-6
_PARTS = ("weights (K,)", "means (K, D)", "covariances (K, D, D)")


def checked(weights: Any, means: Any, covariances: Any) -> tuple[Array, Array, Array]:
    """The parts as float64 arrays; ValueError names the component and the rule it breaks."""
    w, m, c = _shaped(weights, means, covariances)
    for name, values in (("weight", w), ("mean", m), ("covariance", c)):
        if not np.isfinite(values).all():
            k = int(np.argwhere(~np.isfinite(values))[0][0])
            raise ValueError(f"the {name} of component {k} has a NaN or infinite entry")
    return _weights(w), m, symmetric(c)


def component(index: int, n_components: int) -> int:
    """`index` as a component of a mixture; ValueError tells which there are."""
    if not 0 <= index < n_components:
        raise ValueError(f"there is no component {index}; there are 0 to {n_components - 1}")
    return int(index)


def columns(dims: Any, n_features: int) -> list[int]:
    """`dims` as distinct columns; ValueError tells which there are."""
    chosen = [int(i) for i in np.atleast_1d(np.asarray(dims, dtype=np.int64))]
    if not chosen or len(set(chosen)) != len(chosen) or not set(chosen) <= set(range(n_features)):
        raise ValueError(f"columns must be distinct and in 0 to {n_features - 1}; got {chosen}")
    return chosen


def _shaped(*parts: Any) -> tuple[Array, Array, Array]:
    arrays: list[Array] = []
    for name, part in zip(_PARTS, parts, strict=True):
        try:
            arrays.append(np.asarray(part, dtype=np.float64))
        except (TypeError, ValueError):
            raise ValueError(f"{name} must be a rectangular array of numbers") from None
    weights, means, covariances = arrays
    k = weights.shape[0] if weights.ndim == 1 else 0
    d = means.shape[1] if means.ndim == 2 else 0
    if k < 1 or d < 1 or means.shape != (k, d) or covariances.shape != (k, d, d):
        shapes = ", ".join(str(a.shape) for a in arrays)
        raise ValueError(f"a mixture needs {', '.join(_PARTS)} with K, D >= 1; got {shapes}")
    return weights, means, covariances


def _weights(weights: Array) -> Array:
    if not (weights > 0).all():
        k = int(np.argmin(weights))
        raise ValueError(
            f"component {k} has weight {weights[k]:g}; weights must be positive: "
            "remove the component if it should have none"
        )
    total = float(weights.sum())
    if abs(total - 1) > _SUM:
        raise ValueError(f"weights must sum to 1, but sum to {total:.9g}; divide them by their sum")
    return weights if abs(total - 1) < 1e-15 * (1 + len(weights)) else weights / total


def symmetric(covariances: Array) -> Array:
    """The covariances, evened out where they are off by rounding; ValueError where by more."""
    transposed = covariances.transpose(0, 2, 1)
    if not (covariances == transposed).all():
        variances = np.abs(np.einsum("kii->ki", covariances))
        bound = _SYMMETRY * np.sqrt(variances[:, :, None]) * np.sqrt(variances[:, None, :])
        wrong = np.argwhere(np.abs(covariances - transposed) > bound)
        if len(wrong):
            k, i, j = wrong[0]
            raise ValueError(
                f"the covariance of component {k} is not symmetric: entry ({i}, {j}) is "
                f"{covariances[k, i, j]:g}, entry ({j}, {i}) is {covariances[k, j, i]:g}"
            )
        covariances = (covariances + transposed) / 2
    return covariances

"""scikit-learn's shapes of covariances and precisions, to and from the one shape used here.

This table is the only place where those shapes are known.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from gmm_widget.core.linalg import Array


class Shape(NamedTuple):
    """The axes (k, d) of one covariance type, and its way from matrices (K, D, D) and back.

    The way back is given unit matrices (K, D, D) as well.
    """

    axes: str
    pack: Callable[[Array], Array]
    unpack: Callable[[Array, Array], Array]

    def size(self, k: int, d: int) -> tuple[int, ...]:
        """The shape for k components in d columns."""
        return tuple({"k": k, "d": d}[axis] for axis in self.axes)


SHAPES = {
    "spherical": Shape("k", lambda m: m[:, 0, 0], lambda v, units: v[:, None, None] * units),
    "diag": Shape("kd", lambda m: np.einsum("kii->ki", m), lambda v, units: v[:, None] * units),
    "tied": Shape("dd", lambda m: m[0], lambda m, units: np.broadcast_to(m, units.shape)),
    "full": Shape("kdd", lambda m: m, lambda m, units: np.broadcast_to(m, units.shape)),
}


def matrices(value: Any, name: str, covariance_type: str, k: int, d: int) -> Array:
    """A parameter of this covariance type as symmetric positive definite matrices (K, D, D).

    ValueError names the parameter and the component.
    """
    shape = SHAPES[covariance_type]
    packed = checked(value, name, shape.size(k, d))
    found = shape.unpack(packed, np.repeat(np.eye(d)[None], k, axis=0))
    for i, matrix in enumerate(found):
        if not np.allclose(matrix, matrix.T) or not np.linalg.eigvalsh(matrix)[0] > 0:
            raise ValueError(
                f"The parameter '{name}' should be symmetric and positive-definite "
                f"({covariance_type}); it is not for component {i}"
            )
    return (found + found.transpose(0, 2, 1)) / 2


def checked(value: Any, name: str, size: tuple[int, ...]) -> Array:
    """A parameter as finite float64 numbers of this shape; ValueError names it otherwise."""
    try:
        array = np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError):
        raise ValueError(f"The parameter '{name}' should be an array of numbers") from None
    if array.shape != size:
        raise ValueError(
            f"The parameter '{name}' should have the shape of {size}, but got {array.shape}"
        )
    if not np.isfinite(array).all():
        raise ValueError(f"The parameter '{name}' should be finite, but has NaN or infinity in it")
    return array

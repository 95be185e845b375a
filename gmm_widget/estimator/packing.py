"""Parameters in scikit-learn's shapes, checked and brought to matrices (K, D, D).

The shapes themselves are those of the covariance structure (`Structure.pack`, `.unpack`).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from gmm_widget.core.linalg import Array
from gmm_widget.core.structure import Structure


def matrices(value: Any, name: str, structure: Structure, k: int, d: int) -> Array:
    """A parameter of this structure as symmetric positive definite matrices (K, D, D).

    ValueError names the parameter and the component.
    """
    found = structure.unpack(checked(value, name, structure.packed_shape(k, d)), k, d)
    for i, matrix in enumerate(found):
        if not np.allclose(matrix, matrix.T) or not np.linalg.eigvalsh(matrix)[0] > 0:
            raise ValueError(
                f"The parameter '{name}' should be symmetric and positive-definite "
                f"({structure.name}); it is not for component {i}"
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

"""Which parameters of which components EM leaves unchanged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

import numpy as np
from numpy.typing import NDArray

from .frozen import frozen_fields
from .structure import Structure


@final
@dataclass(frozen=True, eq=False)
@frozen_fields
class Locks:
    """Booleans (K,) for means, covariances and weights; true locks that parameter.

    Under a shared structure there is one covariance: locking it for one component locks it for
    all.
    """

    means: NDArray[np.bool_]
    covariances: NDArray[np.bool_]
    weights: NDArray[np.bool_]

    def __post_init__(self) -> None:
        shape = np.shape(self.means)
        for name in ("means", "covariances", "weights"):
            locked = np.array(getattr(self, name), dtype=np.bool_)
            if locked.ndim != 1 or locked.shape != shape:
                raise ValueError(
                    f"locks need one boolean per component; {name} has shape {locked.shape}, "
                    f"means has {shape}"
                )
            object.__setattr__(self, name, locked)

    @classmethod
    def none(cls, k: int) -> Locks:
        """Nothing locked, for k components."""
        free = np.zeros(k, dtype=np.bool_)
        return cls(free, free, free)

    def locked_covariances(self, structure: Structure) -> NDArray[np.bool_]:
        """Which covariances (K,) stay unchanged under this structure."""
        if structure.shared and self.covariances.any():
            return np.ones_like(self.covariances)
        return self.covariances

    def any(self) -> bool:
        """Whether anything is locked."""
        return bool(self.means.any() or self.covariances.any() or self.weights.any())

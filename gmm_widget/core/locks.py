"""Which parameters of which components EM must leave as they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

import numpy as np
from numpy.typing import NDArray

from .structure import Structure


@final
@dataclass(frozen=True, eq=False)
class Locks:
    """Booleans (K,) for means, covariances and weights; true holds that parameter.

    Under a shared structure there is one covariance: holding it for one component holds it for
    all.
    """

    means: NDArray[np.bool_]
    covariances: NDArray[np.bool_]
    weights: NDArray[np.bool_]

    def __post_init__(self) -> None:
        shape = np.shape(self.means)
        for name in ("means", "covariances", "weights"):
            held = np.array(getattr(self, name), dtype=np.bool_)
            if held.ndim != 1 or held.shape != shape:
                raise ValueError(f"locks need one boolean a component; {name} has {held.shape}")
            held.setflags(write=False)
            object.__setattr__(self, name, held)

    @classmethod
    def none(cls, k: int) -> Locks:
        """Nothing held, for k components."""
        free = np.zeros(k, dtype=np.bool_)
        return cls(free, free, free)

    def held_covariances(self, structure: Structure) -> NDArray[np.bool_]:
        """Which covariances (K,) stay as they are under this structure."""
        if structure.shared and self.covariances.any():
            return np.ones_like(self.covariances)
        return self.covariances

    def any(self) -> bool:
        """Whether anything is held."""
        return bool(self.means.any() or self.covariances.any() or self.weights.any())

"""The working frame: the data's centre and, per column, a power of two near its standard deviation.

Fitting happens in `z = (x - origin) / scale`, where numbers are near one whatever the units.
Dividing by a power of two is exact, so only the subtraction of the origin rounds.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import final

import numpy as np

from .frozen import frozen_fields, locked
from .linalg import Array
from .mixture import Mixture
from .passes import natural_parameters


@final
@dataclass(frozen=True, eq=False)
@frozen_fields
class Frame:
    """Origin (D,) and scale (D,), both in the data's units."""

    origin: Array
    scale: Array

    @cached_property
    def statistic_scale(self) -> Array:
        """T(scale) (F,): divides T of centred points to give T of points in the frame."""
        return locked(natural_parameters.statistic_scale(self.scale))

    @cached_property
    def squared_scale(self) -> Array:
        """The squared scale (D,)."""
        return locked(self.scale**2)

    @cached_property
    def magnitude(self) -> Array:
        """1 + |origin| / scale (D,): times eps, the rounding of a point's coordinates in the frame.

        Data far from zero relative to their width have a large one.
        """
        return locked(1 + np.abs(self.origin / self.scale))

    @cached_property
    def max_magnitude(self) -> float:
        """The largest `magnitude`."""
        return float(self.magnitude.max())

    def means_in(self, means: Array) -> Array:
        """Means (K, D) in the data's units, converted to the frame."""
        return np.asarray((means - self.origin) / self.scale)

    def covariances_in(self, covariances: Array) -> Array:
        """Covariances (K, D, D) in the data's units, converted to the frame."""
        return np.asarray(covariances / self.scale[:, None] / self.scale)

    def means_out(self, means: Array) -> Array:
        """Means (K, D) in the frame, converted to the data's units."""
        return np.asarray(means * self.scale + self.origin)

    def covariances_out(self, covariances: Array) -> Array:
        """Covariances (K, D, D) in the frame, converted to the data's units."""
        return np.asarray(covariances * self.scale[:, None] * self.scale)

    def mixture_out(self, weights: Array, means: Array, covariances: Array) -> Mixture:
        """The mixture in the data's units that has these parameters in the frame."""
        return Mixture(weights, self.means_out(means), self.covariances_out(covariances))

"""Covariance structures: constraints on the covariances of a mixture.

A structure turns moments into the covariances that maximise the likelihood under its constraint.
No other module knows a structure by name: `STRUCTURES` at the end lists them all.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import final

import numpy as np

from .linalg import Array
from .moments import Moments


class Structure(ABC):
    """A constraint on covariances; if `shared`, all components have the same covariance."""

    name: str
    shared: bool

    @abstractmethod
    def constrain(self, moments: Moments, scale: Array) -> Array:
        """The constrained covariances (K, D, D) that maximise the likelihood of these moments.

        `scale` (D,) converts: one unit of column i of the moments is `scale[i]` in the data's
        units. It matters to constraints between columns, which are meant in the data's units.
        """

    @abstractmethod
    def project(self, covariance: Array, dims: Sequence[int]) -> Array:
        """`covariance` (D, D), in the data's units, made to obey the constraint.

        Of a covariance that a user edited in columns `dims`, those columns decide, so that the
        edit is not averaged with columns out of view.
        """

    @abstractmethod
    def n_covariance_parameters(self, k: int, d: int) -> int:
        """Free parameters in the covariances of k components in d columns."""

    def n_parameters(self, k: int, d: int) -> int:
        """Free parameters of the mixture: k - 1 weights, k d means, and the covariances."""
        return k - 1 + k * d + self.n_covariance_parameters(k, d)


@final
class Full(Structure):
    """Each component has its own unconstrained covariance."""

    name = "full"
    shared = False

    def constrain(self, moments: Moments, scale: Array) -> Array:
        return moments.covariances()

    def project(self, covariance: Array, dims: Sequence[int]) -> Array:
        return covariance

    def n_covariance_parameters(self, k: int, d: int) -> int:
        return k * d * (d + 1) // 2


@final
class Tied(Structure):
    """All components share one unconstrained covariance."""

    name = "tied"
    shared = True

    def constrain(self, moments: Moments, scale: Array) -> Array:
        pooled = moments.scatters.sum(axis=0) / moments.counts.sum()
        return np.repeat(pooled[None], len(moments.counts), axis=0)

    def project(self, covariance: Array, dims: Sequence[int]) -> Array:
        return covariance

    def n_covariance_parameters(self, k: int, d: int) -> int:
        return d * (d + 1) // 2


@final
class Diag(Structure):
    """Each component has its own variance per column, and no correlations."""

    name = "diag"
    shared = False

    def constrain(self, moments: Moments, scale: Array) -> Array:
        return moments.covariances() * np.eye(moments.means.shape[1])

    def project(self, covariance: Array, dims: Sequence[int]) -> Array:
        return covariance * np.eye(len(covariance))

    def n_covariance_parameters(self, k: int, d: int) -> int:
        return k * d


@final
class Spherical(Structure):
    """Each component has one variance for all columns, in the data's units."""

    name = "spherical"
    shared = False

    def constrain(self, moments: Moments, scale: Array) -> Array:
        variances = np.einsum("kii->ki", moments.covariances()) * scale**2
        return np.asarray(variances.mean(axis=1)[:, None, None] * np.diag(1 / scale**2))

    def project(self, covariance: Array, dims: Sequence[int]) -> Array:
        return np.asarray(np.diag(covariance)[list(dims)].mean() * np.eye(len(covariance)))

    def n_covariance_parameters(self, k: int, d: int) -> int:
        return k


STRUCTURES: dict[str, Structure] = {s.name: s for s in (Spherical(), Diag(), Tied(), Full())}


def structure(name: str) -> Structure:
    """The structure of this name; ValueError lists the known names."""
    if name not in STRUCTURES:
        known = ", ".join(repr(known) for known in STRUCTURES)
        raise ValueError(f"unknown covariance structure {name!r}; choose one of {known}")
    return STRUCTURES[name]

"""Covariance structures: what the covariances of a mixture may look like.

A structure turns free moments into the covariances that maximise the likelihood under its
constraint. The registry at the end is the only place where a name meets a class.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import final

import numpy as np

from .linalg import Array
from .moments import Moments


class Structure(ABC):
    """A constraint on covariances. `shared` says that all components have the same one."""

    name: str
    shared: bool

    @abstractmethod
    def constrain(self, moments: Moments, scale: Array) -> Array:
        """The covariances (K, D, D) of greatest likelihood for these moments.

        `scale` (D,) turns the unit of the moments into the data's: one step along column i of
        the moments is `scale[i]` of the data. A sphere is round in the data's units.
        """

    @abstractmethod
    def extend(self, covariance: Array, dims: Sequence[int]) -> Array:
        """The covariance (D, D) of this structure that in columns `dims` looks like this one.

        For a hand that shaped one component in the plane of these columns. In the data's units.
        """

    @abstractmethod
    def n_covariance_parameters(self, k: int, d: int) -> int:
        """Free parameters in the covariances of k components in d columns."""

    def n_parameters(self, k: int, d: int) -> int:
        """Free parameters of the mixture: k - 1 weights, k d means, and the covariances."""
        return k - 1 + k * d + self.n_covariance_parameters(k, d)


@final
class Full(Structure):
    """Each component has any covariance."""

    name = "full"
    shared = False

    def constrain(self, moments: Moments, scale: Array) -> Array:
        return moments.covariances()

    def extend(self, covariance: Array, dims: Sequence[int]) -> Array:
        return covariance

    def n_covariance_parameters(self, k: int, d: int) -> int:
        return k * d * (d + 1) // 2


@final
class Tied(Structure):
    """All components have the same covariance."""

    name = "tied"
    shared = True

    def constrain(self, moments: Moments, scale: Array) -> Array:
        pooled = moments.scatters.sum(axis=0) / moments.counts.sum()
        return np.repeat(pooled[None], len(moments.counts), axis=0)

    def extend(self, covariance: Array, dims: Sequence[int]) -> Array:
        return covariance

    def n_covariance_parameters(self, k: int, d: int) -> int:
        return d * (d + 1) // 2


@final
class Diag(Structure):
    """Each component has its own variances, and its columns are uncorrelated."""

    name = "diag"
    shared = False

    def constrain(self, moments: Moments, scale: Array) -> Array:
        return moments.covariances() * np.eye(moments.means.shape[1])

    def extend(self, covariance: Array, dims: Sequence[int]) -> Array:
        return covariance * np.eye(len(covariance))

    def n_covariance_parameters(self, k: int, d: int) -> int:
        return k * d


@final
class Spherical(Structure):
    """Each component has one variance, the same in every direction, in the data's units."""

    name = "spherical"
    shared = False

    def constrain(self, moments: Moments, scale: Array) -> Array:
        variances = np.einsum("kii->ki", moments.covariances()) * scale**2
        return np.asarray(variances.mean(axis=1)[:, None, None] * np.diag(1 / scale**2))

    def extend(self, covariance: Array, dims: Sequence[int]) -> Array:
        return np.asarray(np.diag(covariance)[list(dims)].mean() * np.eye(len(covariance)))

    def n_covariance_parameters(self, k: int, d: int) -> int:
        return k


STRUCTURES: dict[str, Structure] = {s.name: s for s in (Spherical(), Diag(), Tied(), Full())}


def structure(name: str) -> Structure:
    """The structure of this name; ValueError lists the names there are."""
    if name not in STRUCTURES:
        known = ", ".join(repr(known) for known in STRUCTURES)
        raise ValueError(f"unknown covariance structure {name!r}; choose one of {known}")
    return STRUCTURES[name]

"""Covariance structures: constraints on the covariances of a mixture.

A structure states its traits, and turns moments into the covariances that maximise the likelihood
under its constraint. Everything else that the package knows of it follows: how scikit-learn packs
its arrays, what an edited covariance becomes, how many rows a component needs, which conjugate
prior there is, what a view must know. No other module knows a structure by name: to add one,
write its class and its row in `STRUCTURES`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, NamedTuple, final

import numpy as np

from .linalg import Array
from .moments import Moments
from .rounding import at_least, shortfall


class PrecisionBlocks(NamedTuple):
    """The independent parts of a precision matrix: the columns of each, and how often it is used.

    Within a component each part is repeated `times`; if `shared`, all components have the same.
    """

    columns: tuple[tuple[int, ...], ...]
    times: int
    shared: bool


class Structure(ABC):
    """A constraint on covariances. Its traits:

    `name` is the value of `covariance_type`, `label` what a menu shows.
    `shared`: all components have the same covariance.
    `diagonal`: covariances have no correlations, and only variances matter to them.
    `isotropic`: one variance serves all columns, in the data's units; `diagonal` too, then.
    `averages`: covariances are the average scatters, over all components if `shared` and over all
    columns if `isotropic`. Precisions then have a conjugate prior.
    """

    name: str
    label: str
    shared: bool
    diagonal: bool
    isotropic: bool
    averages: bool

    @abstractmethod
    def constrain(self, moments: Moments, scale: Array) -> Array:
        """The constrained covariances (K, D, D) that maximise the likelihood of these moments.

        `scale` (D,) converts: one unit of column i of the moments is `scale[i]` in the data's
        units. It matters to constraints between columns, which are meant in the data's units.
        """

    @final
    def at_least(self, covariances: Array, floor: Array) -> Array:
        """Constrained covariances (..., K, D, D) with no variance below `floor` (D,).

        Both are in the same units, for which those of the data or of the frame will do. Where
        covariances are average scatters this is the M-step under both constraints; any other
        constraint is kept by widening all of a mixture's covariances by the same factor.
        """
        if not floor.any():
            return covariances
        if self.averages and not self.isotropic:
            return at_least(covariances, floor)
        factors = shortfall(covariances, floor)
        if not self.averages:
            factors = factors.max(axis=-1, keepdims=True)
        return np.asarray(covariances * factors[..., None, None])

    @abstractmethod
    def n_covariance_parameters(self, k: int, d: int) -> int:
        """Free parameters in the covariances of k components in d columns."""

    @final
    def n_parameters(self, k: int, d: int) -> int:
        """Free parameters of the mixture: k - 1 weights, k d means, and the covariances."""
        return k - 1 + k * d + self.n_covariance_parameters(k, d)

    @final
    def min_rows(self, d: int) -> int:
        """With fewer distinct rows a component's covariance is singular; 1 if it is shared."""
        if self.shared:
            return 1
        return 2 if self.diagonal else d + 1

    @final
    def precision_blocks(self, d: int) -> PrecisionBlocks | None:
        """The parts of a precision with a Wishart prior each; None without a conjugate prior."""
        if not self.averages:
            return None
        if self.isotropic:
            return PrecisionBlocks(((0,),), d, self.shared)
        columns = tuple((i,) for i in range(d)) if self.diagonal else (tuple(range(d)),)
        return PrecisionBlocks(columns, 1, self.shared)

    @final
    def project(self, covariance: Array, dims: Sequence[int]) -> Array:
        """`covariance` (D, D), in the data's units, made isotropic or diagonal as stated.

        Of a covariance that a user edited in columns `dims`, those columns decide, so that the
        edit is not averaged with columns out of view. `describe` tells views to do the same.
        """
        if self.isotropic:
            return np.asarray(np.diag(covariance)[list(dims)].mean() * np.eye(len(covariance)))
        return covariance * np.eye(len(covariance)) if self.diagonal else covariance

    @final
    def packed_shape(self, k: int, d: int) -> tuple[int, ...]:
        """The shape of scikit-learn's `covariances_`: one axis for each index that varies."""
        columns = () if self.isotropic else (d,) if self.diagonal else (d, d)
        return columns if self.shared else (k, *columns)

    @final
    def pack(self, matrices: Array) -> Array:
        """Covariances, precisions or their factors (K, D, D) in scikit-learn's shape."""
        packed = matrices[0] if self.shared else matrices
        if self.diagonal:
            packed = np.diagonal(packed, axis1=-2, axis2=-1)
        return np.array(packed[..., 0] if self.isotropic else packed)

    @final
    def unpack(self, packed: Array, k: int, d: int) -> Array:
        """Matrices (K, D, D) from scikit-learn's shape."""
        matrices = np.asarray(packed, dtype=np.float64)
        if self.diagonal:
            matrices = matrices[..., None] * np.ones(d) if self.isotropic else matrices
            matrices = matrices[..., None] * np.eye(d)
        return np.array(np.broadcast_to(matrices, (k, d, d)))

    @final
    def describe(self) -> dict[str, Any]:
        """What a view must know, as values for JSON: how to name it, and how `project` acts."""
        return {
            "name": self.name,
            "label": self.label,
            "shared": self.shared,
            "diagonal": self.diagonal,
            "isotropic": self.isotropic,
            "averages": self.averages,
        }


@final
class Full(Structure):
    """Each component has its own unconstrained covariance."""

    name, label = "full", "Full"
    shared, diagonal, isotropic, averages = False, False, False, True

    def constrain(self, moments: Moments, scale: Array) -> Array:
        return moments.covariances()

    def n_covariance_parameters(self, k: int, d: int) -> int:
        return k * d * (d + 1) // 2


@final
class Tied(Structure):
    """All components share one unconstrained covariance."""

    name, label = "tied", "Tied"
    shared, diagonal, isotropic, averages = True, False, False, True

    def constrain(self, moments: Moments, scale: Array) -> Array:
        pooled = moments.scatters.sum(axis=0) / moments.counts.sum()
        return np.repeat(pooled[None], len(moments.counts), axis=0)

    def n_covariance_parameters(self, k: int, d: int) -> int:
        return d * (d + 1) // 2


@final
class Diag(Structure):
    """Each component has its own variance per column, and no correlations."""

    name, label = "diag", "Diagonal"
    shared, diagonal, isotropic, averages = False, True, False, True

    def constrain(self, moments: Moments, scale: Array) -> Array:
        return moments.covariances() * np.eye(moments.means.shape[1])

    def n_covariance_parameters(self, k: int, d: int) -> int:
        return k * d


@final
class Spherical(Structure):
    """Each component has one variance for all columns, in the data's units."""

    name, label = "spherical", "Spherical"
    shared, diagonal, isotropic, averages = False, True, True, True

    def constrain(self, moments: Moments, scale: Array) -> Array:
        variances = np.einsum("kii->ki", moments.covariances()) * scale**2
        return np.asarray(variances.mean(axis=1)[:, None, None] * np.diag(1 / scale**2))

    def n_covariance_parameters(self, k: int, d: int) -> int:
        return k


STRUCTURES: dict[str, Structure] = {s.name: s for s in (Spherical(), Diag(), Tied(), Full())}


def structure(name: str) -> Structure:
    """The structure of this name; ValueError lists the known names."""
    if name not in STRUCTURES:
        known = ", ".join(repr(known) for known in STRUCTURES)
        raise ValueError(f"unknown covariance structure {name!r}; choose one of {known}")
    return STRUCTURES[name]

"""Using a fit: its density on a grid, and the rows that it holds to be outliers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gmm_widget.core.frozen import locked
from gmm_widget.core.linalg import Array
from gmm_widget.core.mixture import Mixture

_DRAWS = 100_000


class Grid(NamedTuple):
    """One array of coordinates per column, and the density on their grid.

    For two columns x and y the density has shape (len(y), len(x)), as plots of images have it.
    """

    axes: tuple[Array, ...]
    density: Array


def density_grid(
    mixture: Mixture,
    dims: Sequence[int] = (0, 1),
    *,
    extent: ArrayLike | None = None,
    shape: int | Sequence[int] = 200,
) -> Grid:
    """The marginal density of one or two columns on a grid of `shape` coordinates per column.

    `extent` (len(dims), 2) gives each column's first and last coordinate; by default the grid
    reaches four standard deviations beyond every mean.
    """
    if len(dims) not in (1, 2):
        raise ValueError(f"a grid has one or two columns; got {list(dims)}")
    part = mixture.marginal(dims)
    limits = _reach(part) if extent is None else np.asarray(extent, dtype=np.float64)
    sizes = [int(shape)] * len(dims) if isinstance(shape, int) else [int(n) for n in shape]
    if limits.shape != (len(dims), 2) or not (limits[:, 0] < limits[:, 1]).all():
        raise ValueError(f"extent must give (first, last) for {len(dims)} columns; got {extent!r}")
    if len(sizes) != len(dims) or min(sizes) < 2:
        raise ValueError(f"shape must be 2 or more for {len(dims)} columns; got {shape!r}")
    axes = tuple(locked(np.linspace(a, b, n)) for (a, b), n in zip(limits, sizes, strict=True))
    mesh = np.meshgrid(*axes)
    x = np.stack([values.ravel() for values in mesh], axis=1)
    return Grid(axes, locked(np.exp(part.log_density(x)).reshape(mesh[0].shape)))


def density_level(mixture: Mixture, rate: float, rng: np.random.Generator | None = None) -> float:
    """The log density below which the mixture itself puts a share `rate` of its rows.

    Its highest density region of probability 1 - rate has this for its edge (Hyndman 1996,
    "Computing and graphing highest density regions"). By 100,000 draws, seeded if `rng` isn't
    given.
    """
    if not 0 < rate < 1:
        raise ValueError(f"rate must lie between 0 and 1; got {rate}")
    x, _ = mixture.sample(_DRAWS, np.random.default_rng(0) if rng is None else rng)
    return float(np.quantile(mixture.log_density(x), rate))


def outliers(
    mixture: Mixture,
    x: ArrayLike,
    rate: float = 0.01,
    *,
    reference: str = "mixture",
    rng: np.random.Generator | None = None,
) -> NDArray[np.bool_]:
    """Which rows of x (N, D) lie where the density is low, as booleans (N,).

    "mixture": below the `density_level` of the mixture itself, so that a fitting sample has a
    share of about `rate` of them, and one that doesn't fit has more. "points": the lowest share
    `rate` of these rows, whatever they are.
    """
    logs = mixture.log_density(x)
    if reference == "mixture":
        return np.asarray(logs < density_level(mixture, rate, rng))
    if reference != "points":
        raise ValueError(f"reference must be 'mixture' or 'points'; got {reference!r}")
    if not 0 < rate < 1:
        raise ValueError(f"rate must lie between 0 and 1; got {rate}")
    return np.asarray(logs < np.quantile(logs, rate))


def _reach(mixture: Mixture) -> Array:
    sd = 4 * np.sqrt(np.einsum("kii->ki", mixture.covariances))
    low, high = (mixture.means - sd).min(axis=0), (mixture.means + sd).max(axis=0)
    return np.stack([low, high], axis=1)

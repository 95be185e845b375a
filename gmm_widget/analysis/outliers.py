"""The density of a fitted mixture on a grid, and the rows where it is low: outliers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gmm_widget.core.frozen import locked
from gmm_widget.core.linalg import Array
from gmm_widget.core.mixture import Mixture
from gmm_widget.core.random_state import RandomState
from gmm_widget.core.renamed import renamed

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
    """The marginal density of one or two columns on a grid.

    Parameters
    ----------
    mixture : Mixture
    dims : sequence of one or two positions
        The columns.
    extent : array (len(dims), 2), optional
        The first and last coordinate in each column; by default four standard deviations beyond
        every mean.
    shape : int or sequence of int, default 200
        Number of coordinates in each column.

    Returns
    -------
    Grid
        `axes`, the coordinates in each column, and `density`, per unit of the columns; for two
        columns x and y its shape is (len(y), len(x)), as in images.

    Raises
    ------
    ValueError
        For other numbers of columns, or an extent or a shape that is no grid.

    Examples
    --------
    >>> from gmm_widget import Mixture, density_grid
    >>> mixture = Mixture([1.0], [[0.0]], [[[1.0]]])
    >>> (x,), density = density_grid(mixture, [0], extent=[[-1, 1]], shape=3)
    >>> density.round(3)
    array([0.242, 0.399, 0.242])
    """
    if len(dims) not in (1, 2):
        raise ValueError(f"a grid has one or two columns; got {list(dims)}")
    part = mixture.marginal(dims)
    limits = _default_extent(part) if extent is None else np.asarray(extent, dtype=np.float64)
    sizes = [int(shape)] * len(dims) if isinstance(shape, int) else [int(n) for n in shape]
    if limits.shape != (len(dims), 2) or not (limits[:, 0] < limits[:, 1]).all():
        raise ValueError(f"extent must give (first, last) for {len(dims)} columns; got {extent!r}")
    if len(sizes) != len(dims) or min(sizes) < 2:
        raise ValueError(f"shape must be 2 or more for {len(dims)} columns; got {shape!r}")
    axes = tuple(locked(np.linspace(a, b, n)) for (a, b), n in zip(limits, sizes, strict=True))
    mesh = np.meshgrid(*axes)
    x = np.stack([values.ravel() for values in mesh], axis=1)
    return Grid(axes, locked(np.exp(part.log_density(x)).reshape(mesh[0].shape)))


@renamed(rng="random_state")
def density_level(mixture: Mixture, rate: float, random_state: RandomState = 0) -> float:
    """The quantile `rate` of the log density of rows drawn from the mixture, in nats.

    The set of higher density is the mixture's highest density region of probability 1 - rate
    (Hyndman 1996, "Computing and graphing highest density regions"). It is estimated from 100,000
    draws, with a seed or generator `random_state`. Raises ValueError unless 0 < rate < 1.

    Examples
    --------
    >>> from gmm_widget import Mixture, density_level
    >>> mixture = Mixture([1.0], [[0.0]], [[[1.0]]])
    >>> level = density_level(mixture, 0.05)
    >>> abs(level - mixture.log_density([[1.96]])[0]) < 0.02
    np.True_
    """
    if not 0 < rate < 1:
        raise ValueError(f"rate must lie between 0 and 1; got {rate}")
    x, _ = mixture.sample(_DRAWS, random_state)
    return float(np.quantile(mixture.log_density(x), rate))


@renamed(rng="random_state")
def outliers(
    mixture: Mixture,
    x: ArrayLike,
    rate: float = 0.01,
    *,
    reference: str = "mixture",
    random_state: RandomState = 0,
) -> NDArray[np.bool_]:
    """Which rows of x (N, D) have a low density, as booleans (N,).

    Parameters
    ----------
    mixture : Mixture
    x : array (N, D)
    rate : float, default 0.01
        A probability between 0 and 1.
    reference : {"mixture", "points"}
        "mixture": the threshold is `density_level`, so that of rows from the mixture itself a
        share of about `rate` are outliers, and of rows that it does not fit more. "points": the
        threshold is the quantile `rate` of these rows.
    random_state : int or numpy.random.Generator, default 0
        For `density_level`.

    Raises
    ------
    ValueError
        For another rate or reference.

    Examples
    --------
    >>> from gmm_widget import Mixture, outliers
    >>> mixture = Mixture([1.0], [[0.0]], [[[1.0]]])
    >>> outliers(mixture, [[0.0], [1.5], [3.5]])
    array([False, False,  True])
    """
    logs = mixture.log_density(x)
    if reference == "mixture":
        return np.asarray(logs < density_level(mixture, rate, random_state))
    if reference != "points":
        raise ValueError(f"reference must be 'mixture' or 'points'; got {reference!r}")
    if not 0 < rate < 1:
        raise ValueError(f"rate must lie between 0 and 1; got {rate}")
    return np.asarray(logs < np.quantile(logs, rate))


def _default_extent(mixture: Mixture) -> Array:
    sd = 4 * np.sqrt(np.einsum("kii->ki", mixture.covariances))
    low, high = (mixture.means - sd).min(axis=0), (mixture.means + sd).max(axis=0)
    return np.stack([low, high], axis=1)

"""The M-step: the mixture that fits given moments best, or why a component can have none."""

from __future__ import annotations

from typing import NamedTuple, NoReturn

import numpy as np
from numpy.typing import NDArray

from .e_step import Expectation
from .errors import CollapseError
from .linalg import Array, cholesky, diagonals
from .locks import Locks
from .mixture import Mixture
from .moments import Moments
from .points import Points
from .structure import Structure

#: The default of EM: points are as wide as a thousandth of the data's spread, per column.
REGULARISATION = 1e-6
#: A component with less than this share of the total weight has lost it all.
_NO_WEIGHT = 1e-12
#: Widths below this, relative to where a component is, are the rounding of the points.
_NO_WIDTH = 8 * float(np.finfo(np.float64).eps)
#: Next to a column without width, one of this many times its rounding has none either.
_NEARLY = 1e6


class CovarianceParts(NamedTuple):
    """What will be a mixture: weights (K,), means (K, D), covariances (K, D, D)."""

    weights: Array
    means: Array
    covariances: Array


def m_step(
    expectation: Expectation,
    structure: Structure,
    *,
    regularisation: float = REGULARISATION,
    locks: Locks | None = None,
) -> Mixture:
    """The mixture that maximises the expected log-likelihood of the (blurred) points.

    `regularisation`, best the same as in `e_step`, adds that share of the data's variance per
    column to each covariance. A mean that is held counts when its covariance is found; held
    weights leave the rest to the others. Raises CollapseError where a component has no weight or
    no width left.
    """
    points, found, frame = expectation.points, expectation.moments, expectation.points.frame
    locks = _checked(locks, expectation.mixture)
    _refuse_empty(found.counts, points.total_weight, locks)
    if locks is not None:
        means = np.where(
            locks.means[:, None], frame.means_in(expectation.mixture.means), found.means
        )
        found = found.about(means)
    scatters = found.scatters.copy()
    diagonals(scatters)[:] += found.counts[:, None] * (regularisation * points.spread)
    widened = Moments(found.counts, found.means, scatters)
    covariances = structure.constrain(widened, frame.scale)
    _refuse_narrow(points, found, covariances, locks)
    fit = CovarianceParts(
        found.counts / found.counts.sum(),
        frame.means_out(found.means),
        frame.covariances_out(covariances),
    )
    try:
        if locks is None:
            return Mixture.fitted(*fit)
        return Mixture(*_held(fit, expectation.mixture, locks, locks.held_covariances(structure)))
    except ValueError:
        _refuse_flat(fit.covariances, found.counts)
        raise


def _checked(locks: Locks | None, mixture: Mixture) -> Locks | None:
    """The locks if they fit and hold anything."""
    if locks is None:
        return None
    if len(locks.means) != mixture.n_components:
        raise ValueError(
            f"there are locks for {len(locks.means)} components, "
            f"but the mixture has {mixture.n_components}"
        )
    return locks if locks.any() else None


def _held(
    fit: CovarianceParts, old: Mixture, locks: Locks, covariances: NDArray[np.bool_]
) -> CovarianceParts:
    """The fit with what is held put back; weights that are free share what is left."""
    weights, free = old.weights.copy(), ~locks.weights
    if free.any():
        weights[free] = old.weights[free].sum() * fit.weights[free] / fit.weights[free].sum()
    return CovarianceParts(
        weights,
        np.where(locks.means[:, None], old.means, fit.means),
        np.where(covariances[:, None, None], old.covariances, fit.covariances),
    )


def _refuse_empty(counts: Array, total: float, locks: Locks | None) -> None:
    """A component needs points, unless all of it is held."""
    least = _NO_WEIGHT * total
    if counts.min() > least:
        return
    empty = ~(counts > least)
    if locks is not None:
        empty &= ~(locks.means & locks.covariances & locks.weights)
    if empty.any():
        raise CollapseError(
            int(np.argmax(empty)),
            "no point belongs to it any more",
            "move it to where points are, widen it, or remove it",
        )


def _refuse_narrow(
    points: Points, moments: Moments, covariances: Array, locks: Locks | None
) -> None:
    """A width that is only the rounding of the points is none."""
    variances = diagonals(covariances)
    if variances.min() > (_NO_WIDTH * (points.frame.farthest + np.abs(moments.means).max())) ** 2:
        return
    rounding = _NO_WIDTH * (points.frame.reach + np.abs(moments.means))
    narrow = ~(variances > rounding**2)
    if locks is not None:
        narrow &= ~locks.covariances[:, None]
    if narrow.any():
        k = int(np.argmax(narrow.any(axis=1)))
        equal = variances[k] <= (_NEARLY * rounding[k]) ** 2
        where = "" if equal.all() else f" in column {int(np.argmax(equal))}, on a line or plane"
        _collapse(k, moments.counts, f"are all equal{where}")


def _refuse_flat(covariances: Array, counts: Array) -> None:
    for k in range(len(covariances)):
        try:
            cholesky(covariances[k : k + 1])
        except ValueError:
            _collapse(k, counts, "lie on a line, or on a plane of fewer dimensions than theirs")


def _collapse(component: int, counts: Array, what: str) -> NoReturn:
    raise CollapseError(
        component,
        f"the points that belong to it, {counts[component]:.4g} by weight, {what}, "
        "so that it has no width there",
        "use regularisation, a simpler covariance structure, or fewer components",
    )

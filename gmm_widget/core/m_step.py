"""The M-step: the mixture that maximises the likelihood of given moments, or why there is none."""

from __future__ import annotations

from typing import NamedTuple, NoReturn

import numpy as np

from .defaults import REGULARISATION
from .e_step import Expectation
from .errors import CollapseError
from .linalg import Array, cholesky, diagonals
from .locks import Locks
from .mixture import Mixture
from .moments import Moments
from .points import Points
from .structure import Structure
from .validation import column

#: A component with less than this fraction of the total weight is empty.
_EMPTY = 1e-12
#: Standard deviations below this, relative to the coordinates, are rounding error of the points.
_ROUNDING = 8 * float(np.finfo(np.float64).eps)
#: Once one column has no variance, others below this many times their rounding have none either.
_NEARLY = 1e6


class Parameters(NamedTuple):
    """Weights (K,), means (K, D) and covariances (K, D, D), not checked yet."""

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

    `regularisation`, which should be that of the E-step, adds that fraction of the data's variance
    per column to each covariance, and no component becomes narrower than a rounding cell of the
    points (see `rounding`). A covariance is estimated about a locked mean where there is
    one; locked weights leave the rest to the others. Raises CollapseError where a component has
    no weight or no variance left.
    """
    points, moments, frame = expectation.points, expectation.moments, expectation.points.frame
    locks = _checked(locks, expectation.mixture)
    _refuse_empty(moments.counts, points.total_weight, locks)
    if locks is not None:
        means = np.where(
            locks.means[:, None], frame.means_in(expectation.mixture.means), moments.means
        )
        moments = moments.about(means)
    scatters = moments.scatters.copy()
    diagonals(scatters)[:] += moments.counts[:, None] * (regularisation * points.variance)
    blurred = Moments(moments.counts, moments.means, scatters)
    covariances = structure.constrain(blurred, frame.scale)
    covariances = structure.at_least(covariances, points.min_variance)
    _refuse_zero_variance(points, moments, covariances, locks)
    fit = Parameters(
        moments.counts / moments.counts.sum(),
        frame.means_out(moments.means),
        frame.covariances_out(covariances),
    )
    try:
        if locks is None:
            return Mixture.adopting(*fit)
        return Mixture(*_locked(fit, expectation.mixture, locks, structure))
    except ValueError:
        _refuse_singular(fit.covariances, moments.counts)
        raise


def mixture_of_moments(points: Points, moments: Moments, structure: Structure) -> Mixture:
    """The M-step on moments, in the frame of the points, that come from no E-step."""
    k, d = moments.means.shape
    placeholder = Mixture(
        np.full(k, 1 / k), np.zeros((k, d)), np.repeat(np.eye(d)[None], k, axis=0)
    )
    return m_step(Expectation(placeholder, 0.0, 0.0, moments, points, 0.0), structure)


def _checked(locks: Locks | None, mixture: Mixture) -> Locks | None:
    """The locks if they match the mixture and lock anything."""
    if locks is None:
        return None
    if len(locks.means) != mixture.n_components:
        raise ValueError(
            f"there are locks for {len(locks.means)} components, "
            f"but the mixture has {mixture.n_components}"
        )
    return locks if locks.any() else None


def _locked(fit: Parameters, old: Mixture, locks: Locks, structure: Structure) -> Parameters:
    """The fit with locked parameters restored; free weights share what the locked ones leave."""
    weights, free = old.weights.copy(), ~locks.weights
    if free.any():
        weights[free] = old.weights[free].sum() * fit.weights[free] / fit.weights[free].sum()
    fixed = locks.locked_covariances(structure)
    return Parameters(
        weights,
        np.where(locks.means[:, None], old.means, fit.means),
        np.where(fixed[:, None, None], old.covariances, fit.covariances),
    )


def _refuse_empty(counts: Array, total: float, locks: Locks | None) -> None:
    """CollapseError for a component without weight, unless all of it is locked."""
    least = _EMPTY * total
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


def _refuse_zero_variance(
    points: Points, moments: Moments, covariances: Array, locks: Locks | None
) -> None:
    """CollapseError for a variance that is only rounding error of the points."""
    variances = diagonals(covariances)
    frame = points.frame
    if variances.min() > (_ROUNDING * (frame.max_magnitude + np.abs(moments.means).max())) ** 2:
        return
    rounding = _ROUNDING * (frame.magnitude + np.abs(moments.means))
    narrow = ~(variances > rounding**2)
    if locks is not None:
        narrow &= ~locks.covariances[:, None]
    if narrow.any():
        k = int(np.argmax(narrow.any(axis=1)))
        equal = variances[k] <= (_NEARLY * rounding[k]) ** 2
        where = column(int(np.argmax(equal)), points.columns)
        part = "" if equal.all() else f" in {where}, on a line or plane"
        _collapse(k, moments.counts, f"are all equal{part}")


def _refuse_singular(covariances: Array, counts: Array) -> None:
    """CollapseError for the first covariance that is not positive definite."""
    for k in range(len(covariances)):
        try:
            cholesky(covariances[k : k + 1])
        except ValueError:
            _collapse(k, counts, "lie on a line, or on a plane of fewer dimensions than theirs")


def _collapse(component: int, counts: Array, what: str) -> NoReturn:
    raise CollapseError(
        component,
        f"the points that belong to it, {counts[component]:.4g} by weight, {what}, "
        "so that its variance there is zero",
        "use regularisation, a simpler covariance structure, or fewer components",
    )

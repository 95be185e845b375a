"""The M-step: the mixture that fits given moments best, or why a component can have none."""

from __future__ import annotations

from typing import NoReturn

import numpy as np

from .errors import CollapseError
from .expectation import Expectation
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
    points, old, found = expectation.points, expectation.mixture, expectation.moments
    locks = Locks.none(old.n_components) if locks is None else locks
    if len(locks.means) != old.n_components:
        raise ValueError(
            f"there are locks for {len(locks.means)} components, "
            f"but the mixture has {old.n_components}"
        )
    _refuse_empty(found.counts, points.total_weight, locks)
    frame, fixed = points.frame, locks.means[:, None]
    about = found.about(np.where(fixed, frame.means_in(old.means), found.means))
    blur = regularisation * np.diag(points.spread) * about.counts[:, None, None]
    widened = Moments(about.counts, about.means, about.scatters + blur)
    covariances = structure.constrain(widened, frame.scale)
    held = locks.held_covariances(structure)
    _refuse_narrow(points, about, np.where(held[:, None], np.inf, diagonals(covariances)))
    weights = _weights(found.counts, old.weights, locks)
    means = np.where(fixed, old.means, frame.means_out(found.means))
    covariances = np.where(held[:, None, None], old.covariances, frame.covariances_out(covariances))
    try:
        return Mixture(weights, means, covariances)
    except ValueError:
        _refuse_flat(covariances, found.counts)
        raise


def _weights(counts: Array, old: Array, locks: Locks) -> Array:
    """Shares of the counts; held weights stay and the others share what is left."""
    free = ~locks.weights
    if free.all():
        return np.asarray(counts / counts.sum())
    weights = old.copy()
    weights[free] = old[free].sum() * counts[free] / counts[free].sum()
    return weights


def _refuse_empty(counts: Array, total: float, locks: Locks) -> None:
    """A component needs points, unless all of it is held."""
    held = locks.means & locks.covariances & locks.weights
    empty = ~(counts > _NO_WEIGHT * total) & ~held
    if empty.any():
        raise CollapseError(
            int(np.argmax(empty)),
            "no point belongs to it any more",
            "move it to where points are, widen it, or remove it",
        )


def _refuse_narrow(points: Points, moments: Moments, variances: Array) -> None:
    """A width that is only the rounding of the points is none."""
    rounding = _NO_WIDTH * (1 + np.abs(moments.means + points.frame.origin / points.frame.scale))
    narrow = ~(variances > rounding**2)
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

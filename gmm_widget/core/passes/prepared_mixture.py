"""A mixture prepared for passes over points.

Most components are evaluated by natural parameters. That form cancels: its rounding error grows
as eps R^2, where R is the distance of a component's points from the origin in that component's
own standard deviations. Components of large R are evaluated apart: centred on their mean and
whitened by their Cholesky factor, which costs more but errs by little more than eps.

The same holds for moments. They are gathered in the coordinates in which the component was
evaluated, and gathered once more, in better ones, when those turn out not to suit its new shape.
"""

from __future__ import annotations

from functools import cache, cached_property
from typing import NamedTuple, final

import numpy as np
from numpy.typing import NDArray

from gmm_widget.core.density import log_peaks
from gmm_widget.core.frame import Frame
from gmm_widget.core.linalg import Array, diagonals, inverse, nearest_factor, outer
from gmm_widget.core.mixture import Mixture
from gmm_widget.core.moments import Moments

from . import natural_parameters

#: Components with R^2 above this are evaluated apart; below it the error stays under about 1e-10.
THRESHOLD = 2.0**18
#: With more columns than this T is so long that whitening every component is quicker.
MOST_COLUMNS = 40


#: A component that on average falls no further than this below its peak, in nats, has a density
#: to compare others with wherever the points are.
_COMPARABLE = 30.0
#: Handicaps that differ by more than this leave no digits for the plain log-likelihood.
MOST_LIFT = 20.0
_LARGEST = 1e300
#: Nothing can be said of the moments of less than this share of the weight.
_NEGLIGIBLE = 1e-30
_ROUNDING = float(np.finfo(np.float64).eps)
_NONE = np.arange(0)


class Coordinates(NamedTuple):
    """Where moments are gathered, per component: y = colour^-1 (z - centre)."""

    centre: Array
    colour: Array


@final
class PreparedMixture:
    """What a pass needs to know of the mixture, components in the order near ones, then apart.

    The frame is used for the parameters; the points of a pass are centred but not scaled, so the
    public arrays are for those. `theta` (near, F) serves the near components. Those apart have
    `peaks`, `means`, `whiteners` for their density (`quadratic` too, for cells), and `centre`,
    `basis` for their moments (`same` when these two are the same).

    Where one component reaches all the points, it comes last, `reference` is 1 and log joints are
    relative to its own: it needs no exponentials, and `log_reference` puts back what was left out.

    Every point counts as a small Gaussian of covariance `regularisation` times the diagonal matrix
    of `spread` (D,). That lowers the log joint of a component by a handicap, half the trace of it
    times the component's precision; log joints here include it above the least one, and `lifts`
    undo that for the plain likelihood.
    """

    def __init__(
        self, frame: Frame, mixture: Mixture, spread: Array, regularisation: float
    ) -> None:
        self._frame = frame
        self._means = frame.means_in(mixture.means)
        self._factors = mixture.factors
        whiteners = mixture.factors.whiteners * frame.scale
        self._precisions = whiteners.transpose(0, 2, 1) @ whiteners
        falls = diagonals(self._precisions) @ (spread / 2)
        handicaps = np.minimum(regularisation * falls, _LARGEST)
        self.least_handicap = float(handicaps.min())
        self._handicaps = handicaps - self.least_handicap
        peaks = log_peaks(mixture.weights, mixture.factors) - self._handicaps
        #: Log joints are given below the highest peak: add this to undo it.
        self.top = float(peaks.max())
        self._peaks = peaks - self.top
        self.same = True
        variances = diagonals(mixture.covariances) / frame.squares
        if len(frame.scale) > MOST_COLUMNS:
            self._arrange(peaks < np.inf, Coordinates(self._means, self._lower))
        elif _surely_near(self._means, variances, self._precisions):
            self._all_near(falls)
        else:
            far = reach(self._means, variances, self._precisions) > THRESHOLD
            self._arrange(far, Coordinates(self._means, self._lower))

    @cached_property
    def _lower(self) -> Array:
        return np.asarray(self._factors.lower / self._frame.scale[:, None])

    def _all_near(self, falls: Array) -> None:
        """What `_arrange` comes to when no component is apart, and one may be the reference."""
        theta = natural_parameters.parameters(self._peaks, self._means, self._precisions)
        falls = falls + (self._peaks - theta[:, 0])
        widest = int(falls.argmin())
        self.reference = int(falls[widest] < _COMPARABLE)
        last = len(falls) - 1
        self.near, self.apart = _ending(widest if self.reference else last, last), _NONE
        lifts = np.exp(np.minimum(self._handicaps, MOST_LIFT))
        theta /= self._frame.units
        if self.reference:
            theta, lifts = theta.take(self.near, axis=0), lifts.take(self.near)
            self._reference, theta = theta[-1], theta[:-1] - theta[-1]
        self.theta, self.lifts = theta, lifts

    def log_reference(self, near_sums: Array) -> float:
        """The log joint of the component that others are compared with, summed over the points."""
        return float(near_sums.sum(axis=0) @ self._reference) if self.reference else 0.0

    def _arrange(self, far: NDArray[np.bool_], gather: Coordinates) -> None:
        self.reference = 0
        units, scale = self._frame.units, self._frame.scale
        a, b = np.flatnonzero(~far), np.flatnonzero(far)
        self.near, self.apart = a, b
        order = np.concatenate([a, b])
        self.lifts = np.exp(np.minimum(self._handicaps[order], MOST_LIFT))
        self.theta = (
            natural_parameters.parameters(self._peaks[a], self._means[a], self._precisions[a])
            / units
        )
        if len(b):
            self.peaks, self.means = self._peaks[b], self._means[b] * scale
            self.whiteners = self._factors.whiteners[b]
            quadratic = natural_parameters.quadratic(self._precisions[b])
            self.quadratic = quadratic / units[1 + len(scale) :]
            self._gather = Coordinates(gather.centre[b], gather.colour[b])
            self.centre = self._gather.centre * scale
            self.basis = inverse(self._gather.colour) / scale

    @property
    def lifts_suffice(self) -> bool:
        """Whether the plain likelihood can be had from the same pass."""
        return bool(self._handicaps.max() <= MOST_LIFT)

    def moments(self, near_sums: Array, apart_sums: Array) -> Moments:
        """Moments in the frame, in the mixture's own order of components."""
        d = len(self._frame.scale)
        if not len(self.apart):
            return natural_parameters.moments(
                near_sums.take(self.near, axis=0) / self._frame.units, d
            )
        near = natural_parameters.moments(near_sums / self._frame.units, d)
        own = natural_parameters.moments(apart_sums, d)
        centre, colour = self._gather
        means = centre + (colour @ own.means[:, :, None])[:, :, 0]
        scatters = colour @ own.scatters @ colour.transpose(0, 2, 1)
        back = np.argsort(np.concatenate([self.near, self.apart]))
        return Moments(
            np.concatenate([near.counts, own.counts])[back],
            np.concatenate([near.means, means])[back],
            np.concatenate([near.scatters, (scatters + scatters.transpose(0, 2, 1)) / 2])[back],
        )

    def strained(self, moments: Moments) -> bool:
        """Whether moments were gathered in coordinates of too large an R, which is then put right.

        After True, a pass with this object gathers them in coordinates fitted to `moments`.
        """
        if not len(self.apart) and _surely_fine(moments):
            return False
        some = moments.counts > _NEGLIGIBLE * moments.counts.sum()
        covariances = moments.scatters[some] / moments.counts[some, None, None]
        centre, colour = self._gathering()
        from_z = inverse(colour)
        y = (from_z @ (moments.means - centre)[:, :, None])[:, :, 0]
        # As differences of squares, variances are known to a rounding of the squares gathered.
        spread = diagonals(from_z[some] @ covariances @ from_z[some].transpose(0, 2, 1))
        squares = np.maximum(spread, 0) + y[some] ** 2
        unknown = _ROUNDING * (colour[some] ** 2 @ squares[:, :, None])[:, :, 0]
        least = unknown + (_ROUNDING * (1 + np.abs(moments.means[some]))) ** 2
        lower = self._lower.copy()
        lower[some] = nearest_factor(covariances, least)
        variances = np.asarray(((from_z @ lower) ** 2).sum(axis=2))
        own = inverse(lower) @ colour
        strain = some & (reach(y, variances, own.transpose(0, 2, 1) @ own) > THRESHOLD)
        if not strain.any():
            return False
        centre[strain], colour[strain] = moments.means[strain], lower[strain]
        strain[self.apart] = True
        self._arrange(strain, Coordinates(centre, colour))
        self.same = False
        return True

    def _gathering(self) -> Coordinates:
        """The coordinates of the last pass, for every component."""
        k, d = self._means.shape
        centre, colour = np.zeros((k, d)), np.repeat(np.eye(d)[None], k, axis=0)
        if len(self.apart):
            centre[self.apart], colour[self.apart] = self._gather
        return Coordinates(centre, colour)


def reach(means: Array, variances: Array, precisions: Array) -> Array:
    """R^2 (K,): how large the terms of theta . T get for the points of each component."""
    far: Array = np.abs(means) + np.sqrt(variances)
    with np.errstate(over="ignore"):  # infinitely far is far
        return np.asarray(((np.abs(precisions) @ far[:, :, None])[:, :, 0] * far).sum(axis=1))


def _surely_near(means: Array, variances: Array, precisions: Array) -> bool:
    """A quick upper bound of R^2 stays below the threshold: |p_ij| <= sqrt(p_ii p_jj)."""
    with np.errstate(over="ignore"):
        bound = np.vdot(diagonals(precisions), means * means + variances)
    return bool(2 * means.shape[1] * bound < THRESHOLD)


@cache
def _ending(k: int, last: int) -> NDArray[np.intp]:
    """The components 0 to `last` with k and the last exchanged: its own inverse."""
    order = np.arange(last + 1)
    order[k], order[last] = last, k
    return order


def _surely_fine(moments: Moments) -> bool:
    """A quick upper bound of R^2 stays below the threshold for every component.

    R^2 <= 2 D (1 + max_i m_i^2 / s_i^2) / lambda_min, and the smallest eigenvalue of a
    correlation matrix is at least its determinant / e.
    """
    counts, scatters = moments.counts[:, None], moments.scatters
    variances = diagonals(scatters)
    if not variances.min() > 0:
        return False
    sd = np.sqrt(variances)
    determinants = np.linalg.det(scatters / outer(sd))
    ratio = (moments.means**2 * (counts / variances)).max(axis=1)
    return bool((1 + ratio < THRESHOLD / (2 * np.e * sd.shape[1]) * determinants).all())

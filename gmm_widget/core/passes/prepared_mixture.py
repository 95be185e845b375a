"""A mixture prepared for passes over points.

Most components are evaluated by natural parameters. That form cancels: its rounding error grows
as eps R^2, where R is the distance of a component's points from the origin in that component's
own standard deviations. Components of large R are evaluated by whitening instead: centred on
their mean and multiplied by the inverse of their Cholesky factor, which costs more but errs by
little more than eps.

The same holds for moments. They are accumulated in the coordinates in which the component was
evaluated, and once more, in better ones, if those turn out not to suit its new covariance.
"""

from __future__ import annotations

from functools import cache, cached_property
from typing import NamedTuple, final

import numpy as np
from numpy.typing import NDArray

from gmm_widget.core.density import log_peaks
from gmm_widget.core.frame import Frame
from gmm_widget.core.frozen import locked
from gmm_widget.core.linalg import Array, clipped_cholesky, diagonals, outer, triangular_inverse
from gmm_widget.core.mixture import Mixture
from gmm_widget.core.moments import Moments

from . import natural_parameters

#: Components with R^2 above this are whitened; below it the error stays under about 1e-10.
MAX_CONDITIONING = 2.0**18
#: With more columns than this T is so long that whitening every component is faster.
MAX_NATURAL_COLUMNS = 40
#: A component whose log joint is on average no further than this below its peak, in nats, has a
#: density that others can be divided by wherever the points are.
_REFERENCE_DROP = 30.0
#: exp(penalty) is computed up to this; beyond it no digits are left for the plain log-likelihood.
MAX_LOG_FACTOR = 20.0
_MAX_PENALTY = 1e300
#: The moments of a component with less than this fraction of the weight are not examined.
_NEGLIGIBLE = 1e-30
_ROUNDING = float(np.finfo(np.float64).eps)
_NONE = np.arange(0)


class Coordinates(NamedTuple):
    """Per component, the coordinates y = factor^-1 (z - centre) in which moments accumulate."""

    centre: Array
    factor: Array


@final
class PreparedMixture:
    """A mixture prepared for passes over centred points, which are not divided by the scale.

    Components are reordered: first those evaluated by natural parameters (indices `natural`),
    then those evaluated by whitening (`whitened`). `theta` serves the former. The latter have
    `peaks`, `means` and `whiteners` for their density (`quadratic` too, for binned points), and
    `centre`, `basis` for the coordinates of their moments; `same_coordinates` says that these are
    those of the density.

    If one component reaches all the points, it comes last of the natural ones, `reference` is 1,
    and log joints are relative to its own, which saves its exponentials; `log_reference` is what
    to add.

    Every point counts as a Gaussian with covariance regularisation x diag(variance). That
    subtracts penalty_k = tr(regularisation diag(variance) S_k^-1) / 2 from each log joint. Log
    joints here are reduced by penalty_k - `min_penalty`, and `penalty_factors` = exp of that
    recover the unpenalised likelihood from the same pass.
    """

    def __init__(
        self, frame: Frame, mixture: Mixture, variance: Array, regularisation: float
    ) -> None:
        self._frame = frame
        self._means = frame.means_in(mixture.means)
        self._factors = mixture.factors
        whiteners = mixture.factors.whiteners * frame.scale
        self._precisions = whiteners.transpose(0, 2, 1) @ whiteners
        half_traces = diagonals(self._precisions) @ (variance / 2)
        penalties = np.minimum(regularisation * half_traces, _MAX_PENALTY)
        self.min_penalty = float(penalties.min())
        self._penalties = penalties - self.min_penalty
        peaks = log_peaks(mixture.weights, mixture.factors) - self._penalties
        #: The highest peak: it is subtracted from every log joint, to be added to the result.
        self.max_peak = float(peaks.max())
        self._peaks = peaks - self.max_peak
        self.same_coordinates = True
        variances = diagonals(mixture.covariances) / frame.squared_scale
        if len(frame.scale) > MAX_NATURAL_COLUMNS:
            self._assign(peaks < np.inf, Coordinates(self._means, self._lower))
        elif _surely_well_conditioned(self._means, variances, self._precisions):
            self._assign_all_natural(half_traces)
        else:
            poor = (
                natural_parameters.conditioning(self._means, variances, self._precisions)
                > MAX_CONDITIONING
            )
            self._assign(poor, Coordinates(self._means, self._lower))

    @cached_property
    def _lower(self) -> Array:
        return np.asarray(self._factors.lower / self._frame.scale[:, None])

    def _assign_all_natural(self, half_traces: Array) -> None:
        """As `_assign` when no component is whitened; here one may become the reference.

        The mean of a component's log joint over the data is about `half_traces` and a term of its
        mean below its peak.
        """
        theta = natural_parameters.parameters(self._peaks, self._means, self._precisions)
        drop = half_traces + (self._peaks - theta[:, 0])
        widest = int(drop.argmin())
        self.reference = int(drop[widest] < _REFERENCE_DROP)
        last = len(drop) - 1
        self.natural = _swapped_with_last(widest if self.reference else last, last)
        self.whitened = _NONE
        factors = np.exp(np.minimum(self._penalties, MAX_LOG_FACTOR))
        theta /= self._frame.statistic_scale
        if self.reference:
            theta, factors = theta.take(self.natural, axis=0), factors.take(self.natural)
            self._reference_theta, theta = theta[-1], theta[:-1] - theta[-1]
        self.theta, self.penalty_factors = theta, factors

    def log_reference(self, natural_sums: Array) -> float:
        """The reference component's log joint, summed over the points; 0 without a reference."""
        return float(natural_sums.sum(axis=0) @ self._reference_theta) if self.reference else 0.0

    def _assign(self, whitened: NDArray[np.bool_], coordinates: Coordinates) -> None:
        """Evaluate the components where `whitened` by whitening, the others by theta."""
        self.reference = 0
        statistic_scale, scale = self._frame.statistic_scale, self._frame.scale
        a, b = np.flatnonzero(~whitened), np.flatnonzero(whitened)
        self.natural, self.whitened = a, b
        order = np.concatenate([a, b])
        self.penalty_factors = np.exp(np.minimum(self._penalties[order], MAX_LOG_FACTOR))
        self.theta = (
            natural_parameters.parameters(self._peaks[a], self._means[a], self._precisions[a])
            / statistic_scale
        )
        if len(b):
            self.peaks, self.means = self._peaks[b], self._means[b] * scale
            self.whiteners = self._factors.whiteners[b]
            quadratic = natural_parameters.quadratic(self._precisions[b])
            self.quadratic = quadratic / statistic_scale[1 + len(scale) :]
            self._coordinates = Coordinates(coordinates.centre[b], coordinates.factor[b])
            self.centre = self._coordinates.centre * scale
            self.basis = triangular_inverse(self._coordinates.factor) / scale

    @property
    def penalties_invertible(self) -> bool:
        """Whether `penalty_factors` are accurate, so that one pass gives both likelihoods."""
        return bool(self._penalties.max() <= MAX_LOG_FACTOR)

    def moments(self, natural_sums: Array, whitened_sums: Array) -> Moments:
        """Moments in the frame, in the mixture's own order of components."""
        d = len(self._frame.scale)
        scale = self._frame.statistic_scale
        if not len(self.whitened):
            return natural_parameters.moments(natural_sums.take(self.natural, axis=0) / scale, d)
        natural = natural_parameters.moments(natural_sums / scale, d)
        whitened = natural_parameters.moments(whitened_sums, d)
        centre, factor = self._coordinates
        means = centre + (factor @ whitened.means[:, :, None])[:, :, 0]
        scatters = factor @ whitened.scatters @ factor.transpose(0, 2, 1)
        symmetric = (scatters + scatters.transpose(0, 2, 1)) / 2
        order = np.argsort(np.concatenate([self.natural, self.whitened]))
        return Moments(
            np.concatenate([natural.counts, whitened.counts])[order],
            np.concatenate([natural.means, means])[order],
            np.concatenate([natural.scatters, symmetric])[order],
        )

    def improve_coordinates(self, moments: Moments) -> bool:
        """Whether these moments lost digits to the coordinates they were accumulated in.

        If so, the next pass with this object accumulates them in coordinates fitted to `moments`.
        """
        if not len(self.whitened) and _surely_accurate(moments):
            return False
        used = moments.counts > _NEGLIGIBLE * moments.counts.sum()
        covariances = moments.scatters[used] / moments.counts[used, None, None]
        centre, factor = self._all_coordinates()
        from_z = triangular_inverse(factor)
        y = (from_z @ (moments.means - centre)[:, :, None])[:, :, 0]
        # Variances are differences of squares, accurate to a rounding error of these squares.
        y_variances = diagonals(from_z[used] @ covariances @ from_z[used].transpose(0, 2, 1))
        squares = np.maximum(y_variances, 0) + y[used] ** 2
        error = _ROUNDING * (factor[used] ** 2 @ squares[:, :, None])[:, :, 0]
        least = error + (_ROUNDING * (1 + np.abs(moments.means[used]))) ** 2
        lower = self._lower.copy()
        lower[used] = clipped_cholesky(covariances, least)
        variances = np.asarray(((from_z @ lower) ** 2).sum(axis=2))
        whitener = triangular_inverse(lower) @ factor
        precisions = whitener.transpose(0, 2, 1) @ whitener
        poor = used & (natural_parameters.conditioning(y, variances, precisions) > MAX_CONDITIONING)
        if not poor.any():
            return False
        centre[poor], factor[poor] = moments.means[poor], lower[poor]
        poor[self.whitened] = True
        self._assign(poor, Coordinates(centre, factor))
        self.same_coordinates = False
        return True

    def _all_coordinates(self) -> Coordinates:
        """The coordinates of the last pass, for every component."""
        k, d = self._means.shape
        centre, factor = np.zeros((k, d)), np.repeat(np.eye(d)[None], k, axis=0)
        if len(self.whitened):
            centre[self.whitened], factor[self.whitened] = self._coordinates
        return Coordinates(centre, factor)


def _surely_well_conditioned(means: Array, variances: Array, precisions: Array) -> bool:
    """Whether a quick upper bound of R^2 is below the limit: |p_ij| <= sqrt(p_ii p_jj)."""
    with np.errstate(over="ignore"):
        bound = np.vdot(diagonals(precisions), means * means + variances)
    return bool(2 * means.shape[1] * bound < MAX_CONDITIONING)


@cache
def _swapped_with_last(k: int, last: int) -> NDArray[np.intp]:
    """The indices 0 to `last` with k and the last exchanged: a permutation, its own inverse."""
    order = np.arange(last + 1)
    order[k], order[last] = last, k
    return locked(order)


def _surely_accurate(moments: Moments) -> bool:
    """Whether a quick upper bound of R^2 is below the limit for every component.

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
    limit = MAX_CONDITIONING / (2 * np.e * sd.shape[1]) * determinants
    return bool((1 + ratio < limit).all())

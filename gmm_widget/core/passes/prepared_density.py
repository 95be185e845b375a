"""A mixture prepared to be evaluated at rows, one by one.

Components are evaluated by natural parameters, one matrix product for all, where that costs no
digits, and by whitening elsewhere. Nothing is centred on the rows, so that the answer for a row
depends on it and the mixture alone.
"""

from __future__ import annotations

from typing import Protocol, final

import numpy as np
from numpy.typing import NDArray

from gmm_widget.core.density import log_peaks
from gmm_widget.core.linalg import Array, CholeskyFactors

from . import natural_parameters

#: Log joints by natural parameters err by about eps times the conditioning (see
#: `natural_parameters.conditioning`): below 1e-12 up to here. A pass of EM, whose sums average
#: over the errors of the rows, allows more.
MAX_CONDITIONING = 2.0**11
#: With more columns than this, whitening is faster than so many products of columns.
MAX_NATURAL_COLUMNS = 40
#: Squares of coordinates beyond this, or of their inverses, leave float64's range.
_LARGEST = 1e140
#: Distances that leave float64's range are compared at this scale.
_TINY = 2.0**-600


class Parameters(Protocol):
    """What is read of a mixture, which itself builds on this module."""

    @property
    def weights(self) -> Array:
        """Weights (K,)."""

    @property
    def means(self) -> Array:
        """Means (K, D)."""

    @property
    def factors(self) -> CholeskyFactors:
        """Factors of the covariances."""


@final
class PreparedDensity:
    """Components `natural` have `theta` (K, F) about `origin`; `whitened` ones their whiteners.

    `order` are the components in the order natural, whitened, in which kernels hold them.
    """

    def __init__(self, mixture: Parameters) -> None:
        means, factors = mixture.means, mixture.factors
        self.peaks, self.means = log_peaks(mixture.weights, factors), means
        self.whiteners = factors.whiteners
        self.origin = means.mean(axis=0)
        centred = means - self.origin
        with np.errstate(all="ignore"):  # what leaves the range is whitened
            sd = np.sqrt((factors.lower**2).sum(axis=2))
            precisions = self.whiteners.transpose(0, 2, 1) @ self.whiteners
            conditioning = natural_parameters.conditioning(centred, sd * sd, precisions)
            in_range = (np.abs(centred) + sd < _LARGEST) & (sd > 1 / _LARGEST)
        fits = (conditioning <= MAX_CONDITIONING) & in_range.all(axis=1)
        fits &= means.shape[1] <= MAX_NATURAL_COLUMNS
        self.natural, self.whitened = np.flatnonzero(fits), np.flatnonzero(~fits)
        self.order = np.concatenate([self.natural, self.whitened])
        a = self.natural
        self.theta = natural_parameters.parameters(self.peaks[a], centred[a], precisions[a])

    def far_log_joint(self, x: Array) -> tuple[Array, NDArray[np.bool_]]:
        """Log joints (N, K) of rows whose squared distances may exceed float64's range.

        Also the rows (N,) whose density is 0 in float64: their log joint is replaced by 0 for
        the nearest component and -inf for the others, since they belong to it all the same.
        """
        joint, squares = np.empty((2, len(x), len(self.means)))
        with np.errstate(over="ignore"):
            for k, (mean, whitener) in enumerate(zip(self.means, self.whiteners, strict=True)):
                y = (x * _TINY - mean * _TINY) @ whitener.T
                squares[:, k] = np.einsum("nd,nd->n", y, y)
                joint[:, k] = self.peaks[k] - np.square(y / _TINY).sum(axis=1) / 2
        zero = np.isneginf(joint.max(axis=1))
        nearest = squares[zero] == squares[zero].min(axis=1, keepdims=True)
        joint[zero] = np.where(nearest, 0.0, -np.inf)
        return joint, zero

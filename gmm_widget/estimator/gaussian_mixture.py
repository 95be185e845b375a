"""`GaussianMixture`: the core's fit behind the interface of scikit-learn's class of that name."""

from __future__ import annotations

import warnings
from typing import Any, Self, final

import numpy as np
from numpy.typing import ArrayLike

from gmm_widget.core.errors import SpuriousFitWarning
from gmm_widget.core.information_criteria import aic, bic, icl
from gmm_widget.core.mixture import Mixture
from gmm_widget.core.points import Points
from gmm_widget.core.structure import structure
from gmm_widget.data.table import read_resolution, read_weights
from gmm_widget.search.outcomes import Restarts

from . import intake, parameters
from .base import Estimator
from .fit import fitted


@final
class GaussianMixture(Estimator):
    """A Gaussian mixture fitted by EM, with scikit-learn's arguments, attributes and methods.

    What scikit-learn's class has, this has under the same name and with the same meaning, but:

    =================  ==========================================================================
    reg_covar          is relative: each row counts as a small Gaussian with that share of the
                       data's variance per column, so that units don't matter. EM is monotone
                       with it. Default 1e-8: widths go down to 1e-4 of the data's.
    tol                on the rise of the mean objective in one step, and by extrapolation no
                       more than ten times as much may be left to gain. Default 1e-8.
    max_iter           by default 10 000, which leaves such a `tol` the time that it needs.
    lower_bound_       is the mean log-likelihood of the parameters that are returned;
                       scikit-learn's is of those one step before. So is each of `lower_bounds_`.
    init_params        by default "search": k-means++ starts, of which those that fall behind
                       are left, then moves away from the best (see `restarts`). With another
                       value, each of `n_init` starts is climbed to its end.
    n_init             a start that collapses is dropped and named in `restarts_`; fit fails
                       only if all do. A maximum that is owed to a few rows is passed over if
                       there is another (`allow_spurious`).
    resolution         the step to which columns are rounded: "auto" finds it, or None,
                       a number, one of these per column, or a mapping from names. No component
                       becomes narrower than rounding explains (resolution^2 / 12).
                       `resolution_` (D,) is what was used, 0 for none. A fit whose likelihood
                       is owed to ties or to a few rows warns (SpuriousFitWarning).
    steps              are accelerated (SQUAREM) where EM is slow, so that one may be worth many.
    means_init alone   weights and covariances start from the rows nearest to each mean.
    fit on float32     works in float64, and returns that.
    =================  ==========================================================================

    More than scikit-learn has: `sample_weight` in fit, score, bic, aic and icl; starts from
    `covariances_init`, `labels_init` (N,) or `responsibilities_init` (N, K); `algorithm`, where
    "exact" passes over all rows, "cells" over cells of them until exact steps finish (up to 3
    columns), and "auto" chooses; `icl`; `log_likelihood_trace_` (total, from the start to the
    end), `restarts_` and `mixture_`.
    """

    mixture_: Mixture
    restarts_: Restarts

    def __init__(
        self,
        n_components: int = 1,
        *,
        covariance_type: str = "full",
        tol: float = 1e-8,
        reg_covar: float = 1e-8,
        max_iter: int = 10_000,
        n_init: int = 1,
        init_params: str = "search",
        weights_init: ArrayLike | None = None,
        means_init: ArrayLike | None = None,
        precisions_init: ArrayLike | None = None,
        random_state: Any = None,
        warm_start: bool = False,
        verbose: int = 0,
        verbose_interval: int = 10,
        algorithm: str = "auto",
        covariances_init: ArrayLike | None = None,
        labels_init: ArrayLike | None = None,
        responsibilities_init: ArrayLike | None = None,
        allow_spurious: bool = False,
        resolution: Any = "auto",
    ) -> None:
        self.n_components = n_components
        self.covariance_type = covariance_type
        self.tol = tol
        self.reg_covar = reg_covar
        self.max_iter = max_iter
        self.n_init = n_init
        self.init_params = init_params
        self.weights_init = weights_init
        self.means_init = means_init
        self.precisions_init = precisions_init
        self.random_state = random_state
        self.warm_start = warm_start
        self.verbose = verbose
        self.verbose_interval = verbose_interval
        self.algorithm = algorithm
        self.covariances_init = covariances_init
        self.labels_init = labels_init
        self.responsibilities_init = responsibilities_init
        self.allow_spurious = allow_spurious
        self.resolution = resolution

    def fit(self, X: Any, y: Any = None, sample_weight: ArrayLike | None = None) -> Self:
        """Fit the mixture to X (N, D), N >= 2, with weights (N,) if any; y is ignored.

        Raises ValueError naming what is wrong with X or an argument, and CollapseError, which is
        one, if every start loses a component.
        """
        rows = self._checked(X, parameters.RULES)
        weights = read_weights(sample_weight, len(rows.values))
        resolution = read_resolution(self.resolution, rows.columns)
        points = Points.of(rows.values, weights, resolution)
        intake.warn_of_columns(rows, weights, depth=1)
        warm = self.mixture_ if self.warm_start and self.__sklearn_is_fitted__() else None
        found = fitted(self.get_params(), points, warm)
        self._note_columns(rows)
        best = found.best
        self.restarts_, self.mixture_ = found, best.mixture
        self.converged_, self.n_iter_ = best.converged, best.steps
        self.log_likelihood_trace_ = best.trace
        self.lower_bound_ = best.log_likelihood / points.total_weight
        self.lower_bounds_ = (best.trace[1:] / points.total_weight).tolist()
        self.resolution_ = np.zeros(points.d) if points.resolution is None else points.resolution
        self._warn_if_short()
        self._warn_if_spurious()
        return self

    def bic(self, X: Any, sample_weight: ArrayLike | None = None) -> float:
        """Bayesian information criterion on X (N, D); lower is better."""
        total, n = self._total(X, sample_weight)
        return bic(total, self._n_parameters(), n)

    def aic(self, X: Any, sample_weight: ArrayLike | None = None) -> float:
        """Akaike's information criterion on X (N, D); lower is better."""
        return aic(self._total(X, sample_weight)[0], self._n_parameters())

    def icl(self, X: Any, sample_weight: ArrayLike | None = None) -> float:
        """Integrated completed likelihood on X (N, D), in mclust's form; lower is better."""
        total, _ = self._total(X, sample_weight)
        rows = self._rows(X)
        points = Points.of(rows, read_weights(sample_weight, len(rows)))
        return icl(points, self._fitted(), total, self._n_parameters())

    def _warn_if_spurious(self) -> None:
        """Warn if the likelihood is owed to a few rows or to ties, unless that was allowed."""
        reason = self.restarts_.best.spurious
        if reason is None or self.allow_spurious:
            return
        warnings.warn(
            f"The best optimum found is spurious: {reason}. Use fewer components, a simpler "
            "covariance_type or more starts; allow_spurious=True accepts it.",
            SpuriousFitWarning,
            stacklevel=3,
        )

    def _n_parameters(self) -> int:
        mixture = self._fitted()
        kind = structure(self.covariance_type)
        return kind.n_parameters(mixture.n_components, mixture.n_features)

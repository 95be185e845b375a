"""`GaussianMixture`: the core's fit behind the interface of scikit-learn's class of that name."""

from __future__ import annotations

import warnings
from typing import Any, Self, final

import numpy as np
from numpy.typing import ArrayLike

from gmm_widget.core.defaults import REGULARISATION, TOLERANCE
from gmm_widget.core.errors import FewRowsWarning, SpuriousFitWarning
from gmm_widget.core.information_criteria import aic, bic, icl
from gmm_widget.core.mixture import Mixture
from gmm_widget.core.points import Points
from gmm_widget.core.structure import STRUCTURES, structure
from gmm_widget.data.table import read_resolution, read_weights
from gmm_widget.search.outcomes import Restarts

from . import intake, parameters
from .base import Estimator
from .fit import fitted


@final
class GaussianMixture(Estimator):
    """A Gaussian mixture fitted by EM, with scikit-learn's arguments, attributes and methods.

    Names that scikit-learn's class has mean the same here, with the differences under Notes.

    Parameters
    ----------
    n_components : int, default 1
    covariance_type : {"full", "tied", "diag", "spherical"}
    tol : float, default 1e-8
        EM has converged when a step raises the mean objective by less (nats per row) and, by
        extrapolation, no more than ten times as much is left to gain.
    reg_covar : float, default 1e-8
        Regularisation relative to the data: each row counts as a small Gaussian with this share
        of the data's variance in each column, so that units don't matter and EM is monotone.
    max_iter : int, default 10 000
    n_init : int, default 1
        Number of starts. One that collapses is dropped and named in `restarts_`; `fit` fails only
        if all do.
    init_params : {"search", "kmeans", "k-means++", "random", "random_from_data"}
        "search": k-means++ starts, of which the best continue, then split-merge moves. With the
        others EM runs from each of the `n_init` starts until it converges.
    weights_init, means_init, precisions_init, covariances_init : arrays, optional
        A start. With `means_init` alone, weights and covariances are those of the rows nearest to
        each mean.
    labels_init, responsibilities_init : arrays (N,) and (N, K), optional
        A start by the memberships of the rows.
    random_state : int, numpy.random.Generator, numpy.random.RandomState or None
    warm_start : bool, default False
        Start from the last fit.
    verbose, verbose_interval : int
        Print a line for each start, and with verbose > 1 the time.
    algorithm : {"auto", "exact", "cells"}
        "exact" passes over all rows; "cells" over sums of rows in small cells until exact steps
        finish (up to 3 columns).
    allow_spurious : bool, default False
        Whether a maximum whose likelihood is owed to a few rows may be chosen if there are others.
    resolution : "auto", None, float, sequence (D,) or mapping of names
        The step to which columns are rounded; "auto" finds it. No component becomes narrower than
        rounding explains: resolution^2 / 12.

    Attributes
    ----------
    mixture_ : Mixture
    weights_, means_, covariances_, precisions_, precisions_cholesky_ : arrays
        In scikit-learn's shapes.
    lower_bound_, lower_bounds_ : float, list
        The mean log-likelihood per row of the parameters returned, and after each step.
    log_likelihood_trace_ : array
        The total log-likelihood from the start to the end.
    converged_, n_iter_ : bool, int
    restarts_ : Restarts
        What became of each start, what it reached, and in `spent` what the search took.
    resolution_ : array (D,)
        The resolution used; 0 for none.
    n_features_in_, feature_names_in_ : int, array

    Notes
    -----
    Differences from scikit-learn: `reg_covar` is relative; `lower_bound_` belongs to the parameters
    returned, not to those one step before; steps are accelerated (SQUAREM) where EM is slow, so
    that one may be worth many; float32 is fitted in float64; `fit`, `score`, `bic`, `aic` and `icl`
    take `sample_weight`. A fit whose likelihood is owed to ties or to a few rows gives a
    SpuriousFitWarning, one with more free parameters than rows a FewRowsWarning.

    Examples
    --------
    >>> from gmm_widget import GaussianMixture
    >>> from gmm_widget.datasets import old_faithful
    >>> x = old_faithful(as_frame=True)
    >>> model = GaussianMixture(2, random_state=0).fit(x)
    >>> sorted(model.means_[:, 1].round(1).tolist())
    [54.5, 80.0]
    """

    mixture_: Mixture
    restarts_: Restarts

    def __init__(
        self,
        n_components: int = 1,
        *,
        covariance_type: str = "full",
        tol: float = TOLERANCE,
        reg_covar: float = REGULARISATION,
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
        one, if every start loses a component. Warns with ConvergenceWarning if `max_iter` was too
        small, and with SpuriousFitWarning or FewRowsWarning.

        Examples
        --------
        >>> from gmm_widget import GaussianMixture
        >>> x = [[0.0], [0.2], [0.5], [4.0], [4.1], [4.6]]
        >>> model = GaussianMixture(2, random_state=0).fit(x)
        >>> model.converged_
        True
        """
        rows = self._checked(X, parameters.RULES)
        weights = read_weights(sample_weight, len(rows.values))
        resolution = read_resolution(self.resolution, rows.columns)
        points = Points.of(rows.values, weights, resolution, rows.columns)
        intake.warn_of_columns(rows, weights, depth=1)
        warm = self.mixture_ if self.warm_start and self.__sklearn_is_fitted__() else None
        found = fitted(self.get_params(), points, warm)
        self._set_columns(rows)
        best = found.best
        self.restarts_, self.mixture_ = found, best.mixture
        self.converged_, self.n_iter_ = best.converged, best.steps
        self.log_likelihood_trace_ = best.trace
        self.lower_bound_ = best.log_likelihood / points.total_weight
        self.lower_bounds_ = (best.trace[1:] / points.total_weight).tolist()
        self.resolution_ = np.zeros(points.d) if points.resolution is None else points.resolution
        self._warn_unless_converged()
        self._warn_if_spurious()
        self._warn_if_few_rows(points)
        return self

    def bic(self, X: Any, sample_weight: ArrayLike | None = None) -> float:
        """Bayesian information criterion on X (N, D); lower is better.

        Examples
        --------
        >>> from gmm_widget import GaussianMixture
        >>> x = [[0.0], [0.2], [0.5], [4.0], [4.1], [4.6]]
        >>> model = GaussianMixture(2, random_state=0).fit(x)
        >>> bool(model.bic(x) < GaussianMixture(1).fit(x).bic(x))
        True
        """
        total, n = self._total(X, sample_weight)
        return bic(total, self._n_parameters(), n)

    def aic(self, X: Any, sample_weight: ArrayLike | None = None) -> float:
        """Akaike's information criterion on X (N, D); lower is better.

        Examples
        --------
        >>> from gmm_widget import GaussianMixture
        >>> x = [[0.0], [0.2], [0.5], [4.0], [4.1], [4.6]]
        >>> model = GaussianMixture(2, random_state=0).fit(x)
        >>> bool(model.aic(x) < GaussianMixture(1).fit(x).aic(x))
        True
        """
        return aic(self._total(X, sample_weight)[0], self._n_parameters())

    def icl(self, X: Any, sample_weight: ArrayLike | None = None) -> float:
        """Integrated completed likelihood on X (N, D), in mclust's form; lower is better.

        BIC - 2 sum_n log max_k r_nk, so that uncertain memberships count against a mixture
        (Biernacki, Celeux & Govaert 2000).

        Examples
        --------
        >>> from gmm_widget import GaussianMixture
        >>> x = [[0.0], [0.2], [0.5], [4.0], [4.1], [4.6]]
        >>> model = GaussianMixture(2, random_state=0).fit(x)
        >>> bool(model.icl(x) >= model.bic(x))
        True
        """
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

    def _warn_if_few_rows(self, points: Points) -> None:
        """Warn if groups of the rows can't be told from noise for want of rows."""
        weight, k, p = points.sample_weight, self.n_components, self._n_parameters()
        n = points.n if weight is None else int(np.count_nonzero(weight))
        if n >= p or k == 1:
            return
        counts = {name: kind.n_parameters(k, points.d) for name, kind in STRUCTURES.items()}
        fewer = [f"{name!r} ({count})" for name, count in counts.items() if count <= n]
        simpler = f"covariance_type {' or '.join(fewer)}, or " if fewer else ""
        warnings.warn(
            f"{p} free parameters were estimated from {n} rows, which leaves none to tell groups "
            f"from noise. Use {simpler}fewer components or columns.",
            FewRowsWarning,
            stacklevel=3,
        )

    def _n_parameters(self) -> int:
        mixture = self._fitted()
        kind = structure(self.covariance_type)
        return kind.n_parameters(mixture.n_components, mixture.n_features)

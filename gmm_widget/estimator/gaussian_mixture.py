"""`GaussianMixture`: the core's fit behind the interface of scikit-learn's class of that name."""

from __future__ import annotations

import warnings
from typing import Any, Self, final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..choose.outcomes import Restarts
from ..core.linalg import Array
from ..core.mixture import Mixture
from ..core.points import Points
from ..core.score import aic, bic, icl
from ..core.structure import structure
from . import intake, protocol, rules
from .fitting import fitted
from .shapes import SHAPES

_NAME = "GaussianMixture"


@final
class GaussianMixture:
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

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """The constructor's arguments; `deep` changes nothing, as none is an estimator."""
        return protocol.params_of(self)

    def set_params(self, **params: Any) -> Self:
        """Change arguments of the constructor; ValueError for a name that it doesn't have."""
        protocol.change_params(self, params)
        return self

    def __repr__(self) -> str:
        return protocol.representation(self)

    def __sklearn_tags__(self) -> Any:
        return protocol.tags()

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "mixture_")

    def fit(self, X: Any, y: Any = None, sample_weight: ArrayLike | None = None) -> Self:
        """Fit the mixture to X (N, D), N >= 2, with weights (N,) if any; y is ignored.

        Raises ValueError naming what is wrong with X or an argument, and CollapseError, which is
        one, if every start loses a component.
        """
        rules.check(self.get_params(), _NAME)
        names = intake.feature_names(X)
        rows = intake.rows(X, _NAME, least=2)
        if len(rows) < self.n_components:
            raise ValueError(
                f"Expected n_samples >= n_components but got n_components = {self.n_components}, "
                f"n_samples = {len(rows)}"
            )
        points = Points.of(rows, sample_weight)
        warm = self.mixture_ if self.warm_start and self.__sklearn_is_fitted__() else None
        found = fitted(self.get_params(), points, warm)
        self.n_features_in_ = points.d
        if names is not None:
            self.feature_names_in_ = names
        elif hasattr(self, "feature_names_in_"):
            del self.feature_names_in_
        best = found.best
        self.restarts_, self.mixture_ = found, best.mixture
        self.converged_, self.n_iter_ = best.converged, best.steps
        self.log_likelihood_trace_ = best.trace
        self.lower_bound_ = best.log_likelihood / points.total_weight
        self.lower_bounds_ = (best.trace[1:] / points.total_weight).tolist()
        if not best.converged and self.max_iter > 0:
            warnings.warn(
                "Best performing initialization did not converge. Try to increase max_iter or "
                "tol, different init params, or check for degenerate data.",
                protocol.not_converged(),
                stacklevel=2,
            )
        return self

    def fit_predict(
        self, X: Any, y: Any = None, sample_weight: ArrayLike | None = None
    ) -> NDArray[np.int64]:
        """Fit to X (N, D) and return the most probable component (N,) of each row."""
        return self.fit(X, y, sample_weight).predict(X)

    @property
    def weights_(self) -> Array:
        """Weights (K,)."""
        return self._fitted().weights

    @property
    def means_(self) -> Array:
        """Means (K, D)."""
        return self._fitted().means

    @property
    def covariances_(self) -> Array:
        """Covariances: (K,) spherical, (K, D) diag, (D, D) tied, (K, D, D) full."""
        return self._packed(self._fitted().covariances)

    @property
    def precisions_(self) -> Array:
        """Inverses of the covariances, in the same shapes."""
        whiteners = self._fitted().factors.whiteners
        return self._packed(whiteners.transpose(0, 2, 1) @ whiteners)

    @property
    def precisions_cholesky_(self) -> Array:
        """Factors P of the precisions P P^T, upper triangular, in the same shapes."""
        return self._packed(self._fitted().factors.whiteners.transpose(0, 2, 1))

    def score_samples(self, X: Any) -> Array:
        """Log density (N,) in nats at the rows of X (N, D)."""
        return self._fitted().log_density(self._rows(X))

    def score(self, X: Any, y: Any = None, sample_weight: ArrayLike | None = None) -> float:
        """Mean log-likelihood per row of X (N, D), in nats."""
        return float(np.average(self.score_samples(X), weights=_weights(sample_weight)))

    def predict(self, X: Any) -> NDArray[np.int64]:
        """The most probable component (N,) of each row of X (N, D)."""
        return np.asarray(self._fitted().log_joint(self._rows(X)).argmax(axis=1))

    def predict_proba(self, X: Any) -> Array:
        """The probability (N, K) of each component for each row of X (N, D)."""
        return self._fitted().responsibilities(self._rows(X))

    def sample(self, n_samples: int = 1) -> tuple[Array, NDArray[np.int64]]:
        """Draw rows (n, D) and the components (n,) that they came from, sorted by these."""
        mixture = self._fitted()
        if n_samples < 1:
            raise ValueError(
                f"Invalid value for 'n_samples': {n_samples} . "
                "The sampling requires at least one sample."
            )
        x, labels = mixture.sample(int(n_samples), rules.generator(self.random_state))
        order = np.argsort(labels, kind="stable")
        return x[order], labels[order]

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
        points = Points.of(self._rows(X), sample_weight)
        return icl(points, self._fitted(), total, self._n_parameters())

    def _total(self, X: Any, sample_weight: ArrayLike | None) -> tuple[float, float]:
        """Log-likelihood of X, and the number of rows that X stands for."""
        logs, weights = self.score_samples(X), _weights(sample_weight)
        if weights is None:
            return float(logs.sum()), float(len(logs))
        return float(logs @ weights), float(weights.sum())

    def _n_parameters(self) -> int:
        mixture = self._fitted()
        kind = structure(self.covariance_type)
        return kind.n_parameters(mixture.n_components, mixture.n_features)

    def _packed(self, matrices: Array) -> Array:
        return SHAPES[self.covariance_type].pack(np.asarray(matrices)).copy()

    def _fitted(self) -> Mixture:
        if not self.__sklearn_is_fitted__():
            raise protocol.not_fitted(_NAME)
        return self.mixture_

    def _rows(self, X: Any) -> NDArray[Any]:
        """X checked against what was fitted."""
        mixture = self._fitted()
        intake.check_names(getattr(self, "feature_names_in_", None), X, _NAME)
        rows = intake.rows(X, _NAME)
        if rows.shape[1] != mixture.n_features:
            raise ValueError(
                f"X has {rows.shape[1]} features, but {_NAME} is expecting "
                f"{mixture.n_features} features as input"
            )
        return rows


def _weights(sample_weight: ArrayLike | None) -> Array | None:
    return None if sample_weight is None else np.asarray(sample_weight, dtype=np.float64)

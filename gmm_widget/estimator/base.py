"""What the estimators share: scikit-learn's methods and attributes of a fitted mixture.

An estimator fits a mixture and keeps it as `mixture_`. This abstract class can't be instantiated;
each of its subclasses is final.
"""

from __future__ import annotations

import warnings
from abc import ABC, abstractmethod
from numbers import Integral
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gmm_widget.core.linalg import Array
from gmm_widget.core.mixture import Mixture
from gmm_widget.core.passes.evaluation import total_log_density
from gmm_widget.core.passes.prepared_density import PreparedDensity
from gmm_widget.core.random_state import generator
from gmm_widget.core.structure import structure
from gmm_widget.data.table import read_weights

from . import intake, parameters, protocol


class Estimator(ABC):
    """A mixture fitted to rows. Arguments of the constructor are attributes of the same name."""

    mixture_: Mixture
    converged_: bool
    n_components: int
    covariance_type: str
    max_iter: int
    random_state: Any

    @abstractmethod
    def fit(self, X: Any, y: Any = None, sample_weight: ArrayLike | None = None) -> Self:
        """Fit to X (N, D) with weights (N,) if any; y is ignored."""

    def _predictive(self) -> Mixture:
        """The mixture under which rows are assigned and scored."""
        return self._fitted()

    def _log_sum(self) -> float:
        """What is added to that mixture's log densities."""
        return 0.0

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """The constructor's arguments; `deep` changes nothing, as none is an estimator.

        Examples
        --------
        >>> from gmm_widget import GaussianMixture
        >>> x = [[0.0], [0.2], [0.5], [4.0], [4.1], [4.6]]
        >>> model = GaussianMixture(2, random_state=0).fit(x)
        >>> model.get_params()["n_components"]
        2
        """
        return protocol.params_of(self)

    def set_params(self, **params: Any) -> Self:
        """Change arguments of the constructor; ValueError for a name that it doesn't have.

        Examples
        --------
        >>> from gmm_widget import GaussianMixture
        >>> x = [[0.0], [0.2], [0.5], [4.0], [4.1], [4.6]]
        >>> model = GaussianMixture(2, random_state=0).fit(x)
        >>> model.set_params(n_components=1).fit(x).weights_
        array([1.])
        """
        protocol.change_params(self, params)
        return self

    def __repr__(self) -> str:
        return protocol.representation(self)

    def __sklearn_tags__(self) -> Any:
        return protocol.tags()

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "mixture_")

    def fit_predict(
        self, X: Any, y: Any = None, sample_weight: ArrayLike | None = None
    ) -> NDArray[np.int64]:
        """Fit to X (N, D) and return the most probable component (N,) of each row.

        Examples
        --------
        >>> from gmm_widget import GaussianMixture
        >>> x = [[0.0], [0.2], [0.5], [4.0], [4.1], [4.6]]
        >>> model = GaussianMixture(2, random_state=0).fit(x)
        >>> labels = model.fit_predict(x)
        >>> len(set(labels[:3])), len(set(labels[3:]))
        (1, 1)
        """
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
        """Log density (N,) in nats at the rows of X (N, D).

        Examples
        --------
        >>> from gmm_widget import GaussianMixture
        >>> x = [[0.0], [0.2], [0.5], [4.0], [4.1], [4.6]]
        >>> model = GaussianMixture(2, random_state=0).fit(x)
        >>> logs = model.score_samples([[0.2], [2.0]])
        >>> bool(logs[0] > logs[1])
        True
        """
        logs = self._predictive().log_density(self._rows(X))
        logs += self._log_sum()
        return logs

    def score(self, X: Any, y: Any = None, sample_weight: ArrayLike | None = None) -> float:
        """Mean log-likelihood per row of X (N, D), in nats; with weights (N,), their mean.

        Examples
        --------
        >>> from gmm_widget import GaussianMixture
        >>> x = [[0.0], [0.2], [0.5], [4.0], [4.1], [4.6]]
        >>> model = GaussianMixture(2, random_state=0).fit(x)
        >>> bool(np.isclose(model.score(x), model.score_samples(x).mean()))
        True
        """
        total, n = self._total(X, sample_weight)
        return total / n

    def predict(self, X: Any) -> NDArray[np.int64]:
        """The most probable component (N,) of each row of X (N, D).

        Examples
        --------
        >>> from gmm_widget import GaussianMixture
        >>> x = [[0.0], [0.2], [0.5], [4.0], [4.1], [4.6]]
        >>> model = GaussianMixture(2, random_state=0).fit(x)
        >>> a, b = model.predict([[0.3], [4.2]])
        >>> bool(a != b)
        True
        """
        return self._predictive().labels(self._rows(X))

    def predict_proba(self, X: Any) -> Array:
        """The probability (N, K) of each component for each row of X (N, D).

        Examples
        --------
        >>> from gmm_widget import GaussianMixture
        >>> x = [[0.0], [0.2], [0.5], [4.0], [4.1], [4.6]]
        >>> model = GaussianMixture(2, random_state=0).fit(x)
        >>> model.predict_proba([[0.3]]).max().round(3)
        np.float64(1.0)
        """
        return self._predictive().responsibilities(self._rows(X))

    def sample(self, n_samples: int = 1) -> tuple[Array, NDArray[np.int64]]:
        """Draw rows (n, D), and the component (n,) of each, in the order of the components.

        Raises ValueError unless n is a whole number of 1 or more.

        Examples
        --------
        >>> from gmm_widget import GaussianMixture
        >>> x = [[0.0], [0.2], [0.5], [4.0], [4.1], [4.6]]
        >>> model = GaussianMixture(2, random_state=0).fit(x)
        >>> rows, components = model.sample(5)
        >>> rows.shape, components.shape
        ((5, 1), (5,))
        """
        mixture = self._fitted()
        if isinstance(n_samples, bool) or not isinstance(n_samples, Integral) or n_samples < 1:
            raise ValueError(
                f"Invalid value for 'n_samples': {n_samples!r} . "
                "The sampling requires at least one sample, and a whole number of them."
            )
        x, labels = mixture.sample(int(n_samples), generator(self.random_state))
        order = np.argsort(labels, kind="stable")
        return x[order], labels[order]

    def _total(self, X: Any, sample_weight: ArrayLike | None) -> tuple[float, float]:
        """Log-likelihood of X, and the number of rows that X stands for."""
        rows, density = self._rows(X), PreparedDensity(self._predictive())
        weights = read_weights(sample_weight, len(rows))
        n = float(len(rows)) if weights is None else float(weights.sum())
        return total_log_density(density, rows, weights) + n * self._log_sum(), n

    def _name(self) -> str:
        return type(self).__name__

    def _packed(self, matrices: Array) -> Array:
        return structure(self.covariance_type).pack(matrices)

    def _fitted(self) -> Mixture:
        if not self.__sklearn_is_fitted__():
            raise protocol.not_fitted(self._name())
        return self.mixture_

    def _checked(self, X: Any, wanted: dict[str, parameters.Rule]) -> intake.Rows:
        """The rows to fit, after the constructor's arguments have passed their rules."""
        parameters.check(self.get_params(), wanted, self._name())
        rows = intake.read(X, self._name(), least=2)
        intake.warn_of(rows, depth=2)
        n = len(rows.values)
        if n < self.n_components:
            raise ValueError(
                f"Expected n_samples >= n_components but got n_components = {self.n_components}, "
                f"n_samples = {n}"
            )
        return rows

    def _set_columns(self, rows: intake.Rows) -> None:
        """Keep number and names of the columns of X, once a fit has succeeded."""
        self.n_features_in_ = rows.values.shape[1]
        if rows.names is not None:
            self.feature_names_in_ = rows.names
        elif hasattr(self, "feature_names_in_"):
            del self.feature_names_in_

    def _warn_unless_converged(self) -> None:
        """Warn that a fit ran out of steps."""
        if not self.converged_ and self.max_iter > 0:
            warnings.warn(
                "Best performing initialization did not converge. Try to increase max_iter or "
                "tol, different init params, or check for degenerate data.",
                protocol.convergence_warning(),
                stacklevel=3,
            )

    def _rows(self, X: Any) -> NDArray[Any]:
        """X checked against what was fitted."""
        mixture = self._fitted()
        rows = intake.read(X, self._name())
        intake.check_names(getattr(self, "feature_names_in_", None), rows.names, self._name())
        if rows.values.shape[1] != mixture.n_features:
            raise ValueError(
                f"X has {rows.values.shape[1]} features, but {self._name()} is expecting "
                f"{mixture.n_features} features as input"
            )
        return rows.values

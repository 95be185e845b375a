"""`BayesianGaussianMixture`: variational inference behind scikit-learn's interface of that name."""

from __future__ import annotations

from typing import Any, Self, final

from numpy.typing import ArrayLike

from gmm_widget.bayes.posterior import Posterior, Prior, Surrogate, surrogate
from gmm_widget.core.defaults import REGULARISATION, TOLERANCE
from gmm_widget.core.linalg import Array
from gmm_widget.core.mixture import Mixture
from gmm_widget.core.points import Points
from gmm_widget.core.structure import structure
from gmm_widget.data.table import read_weights

from . import intake, parameters
from .base import Estimator
from .bayes_fit import fit_bayesian, packed_one


@final
class BayesianGaussianMixture(Estimator):
    """A Bayesian Gaussian mixture, inferred by variational inference.

    With more components than are needed, those that the data don't support lose their weight.
    Arguments, attributes, methods and the parametrisation of the priors are scikit-learn's, with
    the differences under Notes.

    Parameters
    ----------
    n_components : int, default 1
        The largest number of components.
    covariance_type : {"full", "tied", "diag", "spherical"}
    tol, reg_covar, max_iter, n_init, random_state, warm_start, verbose, algorithm
        As in `GaussianMixture`; `tol` is on the evidence lower bound per row.
    init_params : {"kmeans", "k-means++", "random", "random_from_data"}
        The first responsibilities; those of k-means and k-means++ are of Gaussian clusters.
    responsibilities_init : array (N, K), optional
    weight_concentration_prior_type : {"dirichlet_process", "dirichlet_distribution"}
    weight_concentration_prior, mean_precision_prior, degrees_of_freedom_prior : float, optional
    mean_prior, covariance_prior : arrays, optional
        (D,), and (D, D) for full and tied, (D,) for diag, a number for spherical.

    Attributes
    ----------
    mixture_ : Mixture
        The mixture of the posterior's expected parameters.
    posterior_, prior_
        Of weights, means and precisions.
    counts_ : array (K,)
        The weight of the rows that are assigned to each component.
    n_effective_ : int
        The number of components to which one row or more is assigned.
    lower_bound_, lower_bounds_ : float, list
        The evidence lower bound (total, nats) of the posterior, and after each step.
    converged_, n_iter_ : bool, int

    Notes
    -----
    Differences from scikit-learn:

    - The lower bound has no constant left out, so that bounds of different priors can be compared,
      and it never falls.
    - For "diag" and "spherical" precisions have Gamma distributions, those of uncorrelated columns;
      scikit-learn takes the expected log of a full Wishart matrix, the one of another model. With
      one column, and for "full" and "tied", both have the same posterior.
    - For "tied" the prior of the one precision counts K times, as in scikit-learn;
      `degrees_of_freedom_` and `covariances_` are those of one of the K shares. The expected log
      determinant is that of all K, which raises `score_samples` by the same small amount in every
      row.
    - `reg_covar` is relative to the data's variances; `fit` takes `sample_weight`.
    - Rounded data need no `resolution`: the default prior of the covariances keeps components on
      tied rows from becoming narrow.

    Sources: Bishop (2006), "Pattern recognition and machine learning", chapter 10; Blei & Jordan
    (2006), "Variational inference for Dirichlet process mixtures".

    Examples
    --------
    >>> from gmm_widget import BayesianGaussianMixture
    >>> from gmm_widget.datasets import old_faithful
    >>> x = old_faithful(as_frame=True)
    >>> model = BayesianGaussianMixture(n_components=6, weight_concentration_prior=1e-3,
    ...                                 max_iter=2000, random_state=0).fit(x)
    >>> model.n_effective_ < 6
    True
    """

    posterior_: Posterior
    prior_: Prior
    _surrogate: Surrogate
    _fitted_mixture: Mixture

    def __init__(
        self,
        *,
        n_components: int = 1,
        covariance_type: str = "full",
        tol: float = TOLERANCE,
        reg_covar: float = REGULARISATION,
        max_iter: int = 10_000,
        n_init: int = 1,
        init_params: str = "kmeans",
        weight_concentration_prior_type: str = "dirichlet_process",
        weight_concentration_prior: float | None = None,
        mean_precision_prior: float | None = None,
        mean_prior: ArrayLike | None = None,
        degrees_of_freedom_prior: float | None = None,
        covariance_prior: ArrayLike | None = None,
        random_state: Any = None,
        warm_start: bool = False,
        verbose: int = 0,
        verbose_interval: int = 10,
        responsibilities_init: ArrayLike | None = None,
        algorithm: str = "auto",
    ) -> None:
        self.n_components = n_components
        self.covariance_type = covariance_type
        self.tol = tol
        self.reg_covar = reg_covar
        self.max_iter = max_iter
        self.n_init = n_init
        self.init_params = init_params
        self.weight_concentration_prior_type = weight_concentration_prior_type
        self.weight_concentration_prior = weight_concentration_prior
        self.mean_precision_prior = mean_precision_prior
        self.mean_prior = mean_prior
        self.degrees_of_freedom_prior = degrees_of_freedom_prior
        self.covariance_prior = covariance_prior
        self.random_state = random_state
        self.warm_start = warm_start
        self.verbose = verbose
        self.verbose_interval = verbose_interval
        self.responsibilities_init = responsibilities_init
        self.algorithm = algorithm

    def fit(self, X: Any, y: Any = None, sample_weight: ArrayLike | None = None) -> Self:
        """Infer the posterior from X (N, D), N >= 2, with weights (N,) if any; y is ignored.

        Raises ValueError naming what is wrong with X or an argument. Warns with
        ConvergenceWarning if `max_iter` was too small.

        Examples
        --------
        >>> from gmm_widget import BayesianGaussianMixture
        >>> x = [[0.0], [0.2], [0.5], [4.0], [4.1], [4.6]]
        >>> model = BayesianGaussianMixture(n_components=2, random_state=0).fit(x)
        >>> model.converged_
        True
        """
        rows = self._checked(X, parameters.BAYESIAN_RULES)
        weights = read_weights(sample_weight, len(rows.values))
        points = Points.of(rows.values, weights, columns=rows.columns)
        intake.warn_of_columns(rows, weights, depth=1)
        warm = self.posterior_ if self.warm_start and self.__sklearn_is_fitted__() else None
        found = fit_bayesian(self.get_params(), points, warm)
        self._set_columns(rows)
        step, kind = found.step, structure(self.covariance_type)
        self.prior_, self.posterior_ = found.prior, step.posterior
        self.mixture_ = step.mixture(found.prior)
        self._surrogate = surrogate(found.prior, step.posterior, kind)
        self._fitted_mixture = self.mixture_
        self.converged_, self.n_iter_ = step.converged, len(found.bounds) - 1
        self.lower_bound_, self.lower_bounds_ = step.elbo, list(found.bounds[1:])
        self._warn_unless_converged()
        return self

    @property
    def counts_(self) -> Array:
        """The weight of the rows (K,) that are assigned to each component."""
        self._fitted()
        return self.posterior_.counts

    @property
    def n_effective_(self) -> int:
        """The number of components to which one row or more is assigned."""
        return int((self.counts_ >= 1).sum())

    @property
    def weight_concentration_(self) -> Any:
        """Two arrays (K,) for a Dirichlet process, one for a Dirichlet distribution."""
        self._fitted()
        values = self.posterior_.weights
        return tuple(values) if len(values) > 1 else values[0]

    @property
    def weight_concentration_prior_(self) -> float:
        """The concentration of the weights before any row was seen."""
        self._fitted()
        return self.prior_.concentration

    @property
    def mean_precision_(self) -> Array:
        """How many rows each mean (K,) counts for, the prior's included."""
        self._fitted()
        return self.posterior_.mean_precision

    @property
    def mean_precision_prior_(self) -> float:
        """How many rows the prior of a mean counts for."""
        self._fitted()
        return self.prior_.mean_precision

    @property
    def mean_prior_(self) -> Array:
        """The mean (D,) of the prior of means."""
        self._fitted()
        return self.prior_.mean

    @property
    def degrees_of_freedom_(self) -> Any:
        """Of the precisions: (K,), or one number if they are tied."""
        self._fitted()
        degrees = self.posterior_.precisions.degrees
        return float(degrees[0]) if structure(self.covariance_type).shared else degrees

    @property
    def degrees_of_freedom_prior_(self) -> float:
        """Of the prior of the precisions."""
        self._fitted()
        return self.prior_.degrees

    @property
    def covariance_prior_(self) -> Any:
        """(D, D) full and tied, (D,) diag, a number spherical."""
        self._fitted()
        return packed_one(self.prior_.covariance, structure(self.covariance_type))

    def _predictive(self) -> Mixture:
        return self._surrogate_now().mixture

    def _log_sum(self) -> float:
        return self._surrogate_now().log_sum

    def _surrogate_now(self) -> Surrogate:
        """That of the fit, in the order of `mixture_`; an assigned mixture stands for itself."""
        now, fitted = self._fitted(), self._fitted_mixture
        if now is fitted:
            return self._surrogate
        order = _order_of(now, fitted)
        if order is None:
            return Surrogate(now, 0.0)
        of = self._surrogate.mixture
        reordered = Mixture(of.weights[order], of.means[order], of.covariances[order])
        return Surrogate(reordered, self._surrogate.log_sum)


def _order_of(mixture: Mixture, other: Mixture) -> list[int] | None:
    """For each component its index in the other mixture, if that has the same ones; else None."""
    known = {part: i for i, part in enumerate(_parts(other))}
    order = [known.get(part, -1) for part in _parts(mixture)]
    return order if sorted(order) == list(range(other.n_components)) else None


def _parts(mixture: Mixture) -> list[bytes]:
    """Each component's weight, mean and covariance, bit by bit."""
    parts = zip(mixture.weights, mixture.means, mixture.covariances, strict=True)
    return [b"".join(each.tobytes() for each in part) for part in parts]

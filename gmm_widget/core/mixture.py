"""The Gaussian mixture as a value: what is fitted, edited, stored and displayed.

One array shape serves every covariance structure. The arrays are copied, checked and read-only,
so a mixture can be kept in a history, shared between threads and compared bit for bit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from numbers import Integral
from typing import Any, final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .density import as_rows, log_joint, row_array
from .frozen import locked, read_only
from .linalg import Array, CholeskyFactors, cholesky, diagonals, factorise, triangular_inverse
from .mixture_text import mixture_text
from .passes import evaluation
from .passes.prepared_density import PreparedDensity
from .random_state import RandomState, generator
from .renamed import renamed
from .validation import checked_columns, checked_parameters, checked_vector, symmetrised


@final
@dataclass(frozen=True, eq=False, repr=False)
class Mixture:
    """A Gaussian mixture: K components in D columns, in the data's own units.

    Mixtures are immutable: the arrays are checked, copied and read-only. Two are equal if every
    bit of them is.

    Parameters
    ----------
    weights : array (K,)
        Positive numbers that sum to one; a sum within 1e-6 of one is divided out.
    means : array (K, D)
    covariances : array (K, D, D)
        Symmetric positive definite matrices, whatever the structure.

    Attributes
    ----------
    factors
        The Cholesky factors of the covariances.
    n_components, n_features : int
        K and D.

    Raises
    ------
    ValueError
        Naming the component and the rule that a parameter breaks.

    Examples
    --------
    >>> Mixture([0.25, 0.75], [[0.0], [4.0]], [[[1.0]], [[1.0]]])
    Mixture of 2 components in 1 column
      0: weight 0.25, mean [0], sd [1]
      1: weight 0.75, mean [4], sd [1]
    """

    weights: Array
    means: Array
    covariances: Array
    factors: CholeskyFactors = field(init=False)

    def __post_init__(self) -> None:
        parameters = checked_parameters(self.weights, self.means, self.covariances)
        self._set(*(read_only(value) for value in parameters))

    @classmethod
    def adopting(cls, weights: Array, means: Array, covariances: Array) -> Mixture:
        """A mixture that takes over arrays which the caller has just made, and locks them.

        They must be finite, with weights that sum to one: neither is checked, nor are they
        copied, which in a step on few points would take as long as the arithmetic. Raises
        ValueError where a covariance is not positive definite.

        Examples
        --------
        >>> Mixture.adopting(np.ones(1), np.zeros((1, 2)), np.eye(2)[None]).n_features
        2
        """
        mixture = cls.__new__(cls)
        mixture._set(locked(weights), locked(means), locked(symmetrised(covariances)))
        return mixture

    def _set(self, weights: Array, means: Array, covariances: Array) -> None:
        object.__setattr__(self, "weights", weights)
        object.__setattr__(self, "means", means)
        object.__setattr__(self, "covariances", covariances)
        object.__setattr__(self, "factors", factorise(covariances))

    @property
    def n_components(self) -> int:
        """K."""
        return int(self.means.shape[0])

    @property
    def n_features(self) -> int:
        """D."""
        return int(self.means.shape[1])

    def log_joint(self, x: ArrayLike) -> Array:
        """log(weight_k N(x_n | mean_k, covariance_k)), shape (N, K), at the rows of x (N, D).

        Examples
        --------
        >>> mixture = Mixture([0.5, 0.5], [[0.0], [4.0]], [[[1.0]], [[1.0]]])
        >>> mixture.log_joint([[0.0], [2.0]]).round(3)
        array([[-1.612, -9.612],
               [-3.612, -3.612]])
        """
        rows = as_rows(x, self.n_features)
        return log_joint(self.weights, self.means, self.factors, rows)

    def log_density(self, x: ArrayLike) -> Array:
        """Log density (N,) in nats at the rows of x (N, D); -inf where it underflows.

        Examples
        --------
        >>> mixture = Mixture([0.5, 0.5], [[0.0], [4.0]], [[[1.0]], [[1.0]]])
        >>> mixture.log_density([[0.0], [2.0]]).round(3)
        array([-1.612, -2.919])
        """
        return evaluation.log_densities(PreparedDensity(self), row_array(x, self.n_features))

    def responsibilities(self, x: ArrayLike) -> Array:
        """Probability (N, K) that each row of x (N, D) came from each component.

        Examples
        --------
        >>> mixture = Mixture([0.5, 0.5], [[0.0], [4.0]], [[[1.0]], [[1.0]]])
        >>> mixture.responsibilities([[1.0], [2.0]]).round(3)
        array([[0.982, 0.018],
               [0.5  , 0.5  ]])
        """
        return evaluation.responsibilities(PreparedDensity(self), row_array(x, self.n_features))

    def labels(self, x: ArrayLike) -> NDArray[np.int64]:
        """The most probable component (N,) of each row of x (N, D).

        Examples
        --------
        >>> mixture = Mixture([0.5, 0.5], [[0.0], [4.0]], [[[1.0]], [[1.0]]])
        >>> mixture.labels([[1.0], [3.0]])
        array([0, 1])
        """
        return evaluation.labels(PreparedDensity(self), row_array(x, self.n_features))

    @renamed(n="n_samples", rng="random_state")
    def sample(
        self, n_samples: int, random_state: RandomState = None
    ) -> tuple[Array, NDArray[np.int64]]:
        """Draw rows (n_samples, D), and the component (n_samples,) that each came from.

        `random_state` is a seed or a generator; None draws anew each time. Raises ValueError
        unless `n_samples` is a whole number of 0 or more.

        Examples
        --------
        >>> mixture = Mixture([0.5, 0.5], [[0.0], [4.0]], [[[1.0]], [[1.0]]])
        >>> x, component = mixture.sample(1000, random_state=0)
        >>> x.shape, bool(x[component == 1].mean() > 3.9)
        ((1000, 1), True)
        """
        n = n_samples
        if isinstance(n, bool) or not isinstance(n, Integral) or n < 0:
            raise ValueError(f"the size of a sample is a whole number of 0 or more, got {n!r}")
        rng = generator(random_state)
        labels = rng.choice(self.n_components, size=n, p=self.weights / self.weights.sum())
        x = rng.standard_normal((n, self.n_features))
        for k, mean in enumerate(self.means):
            rows = labels == k
            x[rows] = x[rows] @ self.factors.lower[k].T + mean
        return x, labels

    def marginal(self, dims: Sequence[int]) -> Mixture:
        """The marginal distribution of the columns `dims` (positions), in that order.

        Examples
        --------
        >>> mixture = Mixture([1.0], [[0.0, 5.0]], [[[1.0, 0.5], [0.5, 4.0]]])
        >>> mixture.marginal([1])
        Mixture of 1 component in 1 column
          0: weight 1, mean [5], sd [2]
        """
        a = checked_columns(dims, self.n_features)
        return Mixture(self.weights, self.means[:, a], self.covariances[:, a][:, :, a])

    def conditional(self, dims: Sequence[int], values: ArrayLike) -> Mixture:
        """The distribution of the other columns, in order, given the values of columns `dims`.

        Raises ValueError unless there is one finite value for each, and other columns are left.

        Examples
        --------
        >>> mixture = Mixture([1.0], [[0.0, 5.0]], [[[1.0, 0.5], [0.5, 4.25]]])
        >>> mixture.conditional([0], [2.0])
        Mixture of 1 component in 1 column
          0: weight 1, mean [6], sd [2]
        """
        a = checked_columns(dims, self.n_features)
        b = [i for i in range(self.n_features) if i not in a]
        at = checked_vector(values, "values")
        if not b or at.shape != (len(a),) or not np.isfinite(at).all():
            raise ValueError(
                f"condition fewer than all {self.n_features} columns on one finite value each; "
                f"got {len(a)} columns and {at.size} values"
            )
        weights = self.marginal(a).responsibilities(at[None, :])[0]
        lower = cholesky(self.covariances[:, a + b][:, :, a + b])
        given, rest = slice(0, len(a)), slice(len(a), None)
        with np.errstate(over="ignore"):
            y = triangular_inverse(lower[:, given, given]) @ (at - self.means[:, a])[:, :, None]
        with np.errstate(over="ignore", invalid="ignore"):
            means = self.means[:, b] + (lower[:, rest, given] @ y)[:, :, 0]
        if not np.isfinite(means[weights > 0]).all():
            raise ValueError(
                f"at the values {at.tolist()} means of the other columns are beyond float64; "
                "condition on values nearer to the mixture"
            )
        covariances = lower[:, rest, rest] @ lower[:, rest, rest].transpose(0, 2, 1)
        kept = weights > 0  # the weight of a component far from the values may underflow to 0
        return Mixture(weights[kept], means[kept], covariances[kept])

    def affine(self, matrix: ArrayLike, offset: ArrayLike) -> Mixture:
        """The distribution of `matrix @ x + offset`; matrix is (E, D) of rank E, offset (E,).

        Examples
        --------
        >>> mixture = Mixture([1.0], [[0.0, 5.0]], [[[1.0, 0.0], [0.0, 4.0]]])
        >>> mixture.affine([[60.0, 0.0], [0.0, 60.0]], [0.0, 0.0])  # minutes in seconds
        Mixture of 1 component in 2 columns
          0: weight 1, mean [0, 300], sd [60, 120]
        """
        a, b = np.asarray(matrix, dtype=np.float64), np.asarray(offset, dtype=np.float64)
        if a.ndim != 2 or a.shape[1] != self.n_features or b.shape != a.shape[:1]:
            raise ValueError(
                f"an affine map needs a matrix (E, {self.n_features}) and an offset (E,); "
                f"got {a.shape} and {b.shape}"
            )
        return Mixture(self.weights, self.means @ a.T + b, a @ self.covariances @ a.T)

    def to_json(self) -> dict[str, Any]:
        """Plain lists under `weights`, `means`, `covariances`; `from_json` restores it exactly.

        Examples
        --------
        >>> Mixture([1.0], [[0.5]], [[[2.0]]]).to_json()
        {'weights': [1.0], 'means': [[0.5]], 'covariances': [[[2.0]]]}
        """
        parts = {"weights": self.weights, "means": self.means, "covariances": self.covariances}
        return {name: part.tolist() for name, part in parts.items()}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Mixture:
        """The mixture of a mapping as `to_json` makes it; ValueError says what is wrong.

        Examples
        --------
        >>> mixture = Mixture([1.0], [[0.5]], [[[2.0]]])
        >>> Mixture.from_json(mixture.to_json()) == mixture
        True
        """
        names = ("weights", "means", "covariances")
        if not isinstance(value, Mapping) or any(name not in value for name in names):
            raise ValueError(f"a mixture is a mapping with the keys {', '.join(names)}")
        return cls(value["weights"], value["means"], value["covariances"])

    def __repr__(self) -> str:
        return mixture_text(self.weights, self.means, np.sqrt(diagonals(self.covariances)))

    def __reduce__(self) -> tuple[Any, ...]:
        return Mixture.adopting, (self.weights, self.means, self.covariances)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Mixture):
            return NotImplemented
        return self._bits() == other._bits()

    def __hash__(self) -> int:
        return hash(self._bits())

    def _bits(self) -> tuple[tuple[int, ...], bytes]:
        parts = (self.weights, self.means, self.covariances)
        return self.means.shape, b"".join(part.tobytes() for part in parts)

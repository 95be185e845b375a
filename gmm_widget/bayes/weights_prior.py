"""Priors of the weights of a Bayesian mixture.

Two priors: a Dirichlet distribution, and a Dirichlet process truncated at K sticks, whose
weights are shares of what is left of a stick (Blei & Jordan 2006, "Variational inference for
Dirichlet process mixtures"); and the first of them where some weights are known. The registry
at the end is the only place where a name meets a class.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import final

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaln, digamma, gammaln

from gmm_widget.core.frozen import locked, read_only
from gmm_widget.core.linalg import Array


class WeightPrior(ABC):
    """A prior of weights. Its posterior given counts (K,) has parameters (P, K)."""

    name: str

    @abstractmethod
    def updated(self, concentration: float, counts: Array) -> Array:
        """Parameters (P, K) of the posterior, given the expected rows of each component."""

    @abstractmethod
    def expected_logs(self, parameters: Array) -> Array:
        """E log weight, (K,)."""

    @abstractmethod
    def expected(self, parameters: Array) -> Array:
        """Expected weights (K,), which sum to one."""

    @abstractmethod
    def divergence(self, parameters: Array, concentration: float) -> float:
        """Kullback-Leibler divergence from the prior, in nats."""


@final
class Dirichlet(WeightPrior):
    """A symmetric Dirichlet distribution; its parameters are (1, K)."""

    name = "dirichlet_distribution"

    def updated(self, concentration: float, counts: Array) -> Array:
        return np.asarray(concentration + counts)[None]

    def expected_logs(self, parameters: Array) -> Array:
        return np.asarray(digamma(parameters[0]) - digamma(parameters[0].sum()))

    def expected(self, parameters: Array) -> Array:
        return np.asarray(parameters[0] / parameters[0].sum())

    def divergence(self, parameters: Array, concentration: float) -> float:
        a, k = parameters[0], parameters.shape[1]
        own = gammaln(a.sum()) - gammaln(a).sum()
        other = gammaln(k * concentration) - k * gammaln(concentration)
        return float(own - other + (a - concentration) @ self.expected_logs(parameters))


@final
class DirichletProcess(WeightPrior):
    """A truncated stick-breaking process; its parameters (2, K) are those of Beta distributions."""

    name = "dirichlet_process"

    def updated(self, concentration: float, counts: Array) -> Array:
        later = np.append(counts[::-1].cumsum()[::-1][1:], 0.0)
        return np.stack([1 + counts, concentration + later])

    def expected_logs(self, parameters: Array) -> Array:
        a, b = parameters
        whole = digamma(a + b)
        left = np.append(0.0, (digamma(b) - whole).cumsum()[:-1])
        return np.asarray(digamma(a) - whole + left)

    def expected(self, parameters: Array) -> Array:
        a, b = parameters
        left = np.append(1.0, np.cumprod(b / (a + b))[:-1])
        weights = a / (a + b) * left
        return np.asarray(weights / weights.sum())

    def divergence(self, parameters: Array, concentration: float) -> float:
        a, b = parameters
        norms = betaln(1.0, concentration) - betaln(a, b)
        means = (a - 1) * digamma(a) + (b - concentration) * digamma(b)
        rest = (1 + concentration - a - b) * digamma(a + b)
        return float((norms + means + rest).sum())


@final
class PartlyFixedWeights(WeightPrior):
    """A Dirichlet prior conditioned on some weights being known.

    The free weights have a Dirichlet distribution on the remaining mass, independent of the
    known ones (`held` (K,)).
    """

    name = "partly_held"

    def __init__(self, held: NDArray[np.bool_], weights: Array) -> None:
        self._free = locked(~held)
        self._weights = read_only(weights)
        self._left = weights[self._free].sum()
        self._rest = Dirichlet()

    def updated(self, concentration: float, counts: Array) -> Array:
        return self._rest.updated(concentration, counts)

    def expected_logs(self, parameters: Array) -> Array:
        logs = np.log(self._weights)
        if self._free.any():
            logs[self._free] = self._rest.expected_logs(parameters[:, self._free])
            logs[self._free] += np.log(self._left)
        return np.asarray(logs)

    def expected(self, parameters: Array) -> Array:
        weights = self._weights.copy()
        weights[self._free] = self._left * self._rest.expected(parameters[:, self._free])
        return weights

    def divergence(self, parameters: Array, concentration: float) -> float:
        if not self._free.any():
            return 0.0
        return self._rest.divergence(parameters[:, self._free], concentration)


WEIGHT_PRIORS: dict[str, WeightPrior] = {p.name: p for p in (DirichletProcess(), Dirichlet())}

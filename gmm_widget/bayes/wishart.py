"""Wishart distributions of precision matrices.

A precision consists of independent parts (`PrecisionBlocks`): one matrix, a number for each
column, or one number; and a part may serve several columns or all components. A part of p
columns that serves m times has a Wishart distribution of m nu degrees of freedom and inverse
scale m nu C, where nu and C are those of a single use, so that the mean precision is C^-1. For
one column that is a Gamma distribution. Bishop (2006), "Pattern recognition and machine
learning", appendix B.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

import numpy as np
from scipy.special import digamma, gammaln

from gmm_widget.core.frozen import frozen_fields
from gmm_widget.core.linalg import Array
from gmm_widget.core.structure import PrecisionBlocks


@final
@dataclass(frozen=True, eq=False)
@frozen_fields
class Precisions:
    """Distributions of K precisions: degrees of freedom (K,) and inverse mean precisions C.

    `covariances` C are (K, D, D) in the data's units.
    """

    degrees: Array
    covariances: Array

    def log_determinants(self, blocks: PrecisionBlocks) -> Array:
        """E log |precision_k|, (K,)."""
        parts = self._parts(blocks, len(self.degrees))
        logs = sum(part.log_determinants() for part in parts)
        return np.asarray(blocks.times * logs)

    def divergence(self, prior: Precisions, blocks: PrecisionBlocks) -> float:
        """Kullback-Leibler divergence of these distributions from the prior's, in nats.

        The prior has the same K entries. A part that is shared counts once.
        """
        k = len(self.degrees)
        own, other = self._parts(blocks, k), prior._parts(blocks, k)
        each = sum(a.divergence(b) for a, b in zip(own, other, strict=True))
        return float(np.asarray(each)[0] if blocks.shared else np.sum(each))

    def _parts(self, blocks: PrecisionBlocks, k: int) -> list[_Wishart]:
        uses = blocks.times * (k if blocks.shared else 1)
        parts = []
        for columns in blocks.columns:
            c = self.covariances[:, columns][:, :, columns]
            degrees = uses * self.degrees
            parts.append(_Wishart(degrees, np.asarray(degrees[:, None, None] * c)))
        return parts


@final
@dataclass(frozen=True, eq=False)
class _Wishart:
    """Degrees of freedom n (K,) and inverse scales A (K, p, p)."""

    n: Array
    a: Array

    def log_determinants(self) -> Array:
        """E log |precision|, (K,)."""
        p = self.a.shape[1]
        halves = self.n[:, None] / 2 - np.arange(p) / 2
        return np.asarray(digamma(halves).sum(axis=1) + p * np.log(2) - self._log_determinant())

    def divergence(self, other: _Wishart) -> Array:
        """(K,) in nats."""
        mean = self.n[:, None, None] * np.linalg.inv(self.a)
        trace = np.einsum("kij,kji->k", other.a - self.a, mean)
        gain = (self.n - other.n) / 2 * self.log_determinants()
        return np.asarray(self._log_norm() - other._log_norm() + gain + trace / 2)

    def _log_determinant(self) -> Array:
        return np.asarray(np.linalg.slogdet(self.a)[1])

    def _log_norm(self) -> Array:
        """The log normaliser, without the terms of p alone."""
        p = self.a.shape[1]
        halves = self.n[:, None] / 2 - np.arange(p) / 2
        gammas = gammaln(halves).sum(axis=1)
        return np.asarray(
            self.n / 2 * self._log_determinant() - self.n * p / 2 * np.log(2) - gammas
        )

"""What the tests of laws draw: points, weights, and mixtures that obey a structure."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from hard_cases import TYPES
from hypothesis import settings
from hypothesis import strategies as st

from gmm_widget.core.e_step import Expectation, e_step
from gmm_widget.core.edits import conform
from gmm_widget.core.m_step import m_step
from gmm_widget.core.mixture import Mixture
from gmm_widget.core.points import Points
from gmm_widget.core.structure import structure

law = settings(max_examples=60)
seeds = st.integers(0, 2**32 - 1)


class Problem(NamedTuple):
    """Points in groups, perhaps with weights, and a mixture that obeys the structure."""

    name: str
    x: np.ndarray
    weight: np.ndarray | None
    mixture: Mixture
    rng: np.random.Generator

    @property
    def points(self) -> Points:
        return Points.of(self.x, self.weight)

    def expectation(self, eps: float = 0.0) -> Expectation:
        return e_step(self.points, self.mixture, regularisation=eps)

    def step(self, eps: float = 1e-6) -> Mixture:
        return m_step(self.expectation(eps), structure(self.name), regularisation=eps)

    def mapped(self, a: np.ndarray, b: np.ndarray) -> Problem:
        return self._replace(x=self.x @ a.T + b, mixture=self.mixture.affine(a, b))


def some_mixture(rng: np.random.Generator, k: int, d: int, spread: float = 3.0) -> Mixture:
    a = rng.standard_normal((k, d, d))
    covariances = a @ a.transpose(0, 2, 1) + 0.3 * np.eye(d)
    weights = rng.uniform(0.2, 1.0, k)
    return Mixture(weights / weights.sum(), spread * rng.standard_normal((k, d)), covariances)


@st.composite
def problems(draw: st.DrawFn, least_k: int = 1, weighted: bool | None = None) -> Problem:
    rng = np.random.default_rng(draw(seeds))
    name = draw(st.sampled_from(TYPES))
    k, d = draw(st.integers(least_k, 4)), draw(st.integers(1, 4))
    x, _ = some_mixture(rng, 3, d).sample(draw(st.integers(20 * k, 150)), rng)
    if draw(st.booleans()) if weighted is None else weighted:
        weight = rng.integers(1, 4, len(x)) * rng.choice([0.5, 1.0, 1.25])
    else:
        weight = None
    if draw(st.booleans()):
        x = x.astype(np.float32)
    guess = some_mixture(rng, k, d)
    guess = Mixture(guess.weights, x[rng.choice(len(x), k, replace=False)], guess.covariances)
    return Problem(name, x, weight, conform(guess, structure(name)), rng)


@st.composite
def mixtures(draw: st.DrawFn, least_k: int = 1, least_d: int = 1) -> Mixture:
    k, d = draw(st.integers(least_k, 4)), draw(st.integers(least_d, 5))
    return some_mixture(np.random.default_rng(draw(seeds)), k, d)


def assert_alike(a: Mixture, b: Mixture, tolerance: float) -> None:
    """Equal up to the tolerance, in units of b's widths."""
    sd = np.sqrt(np.einsum("kii->ki", b.covariances))
    np.testing.assert_allclose(a.weights, b.weights, rtol=0, atol=tolerance)
    np.testing.assert_allclose((a.means - b.means) / sd, 0, atol=tolerance)
    difference = (a.covariances - b.covariances) / sd[:, :, None] / sd[:, None, :]
    np.testing.assert_allclose(difference, 0, atol=tolerance)

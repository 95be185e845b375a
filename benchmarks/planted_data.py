"""Planted problems: rows drawn from known mixtures, from well separated to overlapping.

The planted parameters give a start that no search has, and so a maximum to be measured by.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gmm_widget.core.mixture import Mixture

Table = NDArray[np.float64]


class Problem(NamedTuple):
    """A family of mixtures of k components in d columns, of which n rows are drawn.

    Means are normal with standard deviation spread / sqrt(d) in every column. Covariances are
    A A^T + 0.3 I, with A normal of standard deviation width / sqrt(d); with `elongated` one
    direction of each is that many times wider. Weights are uniform, or drawn from a Dirichlet
    distribution of that `concentration`. With `whitened`, two groups lie along one hidden
    direction of otherwise normal rows, and the rows as a whole have unit covariance.
    """

    n: int
    d: int
    k: int
    spread: float
    kind: str = "full"
    width: float = 0.6
    elongated: float = 1.0
    concentration: float = np.inf
    whitened: bool = False


PROBLEMS = {
    "one column, 3": Problem(2_000, 1, 3, 4.0),
    "two columns, 2": Problem(500, 2, 2, 2.0),
    "two columns, 8": Problem(1_000_000, 2, 8, 6.0),
    "overlapping, 6": Problem(5_000, 3, 6, 1.5),
    "uneven weights, 6": Problem(3_000, 4, 6, 4.0, concentration=1.0),
    "elongated, 5": Problem(2_000, 5, 5, 4.0, elongated=6.0),
    "eight columns, 10": Problem(2_000, 8, 10, 2.2),
    "more rows, 10": Problem(20_000, 8, 10, 2.2),
    "many rows, 10": Problem(100_000, 8, 10, 2.2),
    "eight columns, 20": Problem(20_000, 8, 20, 2.2),
    "separated, 20": Problem(6_000, 7, 20, 10.6, width=1.0),
    "separated, 40": Problem(20_000, 6, 40, 8.0),
    "diagonal, 25": Problem(4_000, 6, 25, 6.0, kind="diag"),
    "tied, 8": Problem(4_000, 10, 8, 3.0, kind="tied"),
    "whitened, 2": Problem(3_000, 30, 2, 3.0, whitened=True),
}


def drawn(problem: Problem, seed: int) -> tuple[Table, Mixture]:
    """Rows of a problem, and the mixture that they were drawn from."""
    rng = np.random.default_rng(seed)
    return _whitened(problem, rng) if problem.whitened else _mixed(problem, rng)


def _mixed(problem: Problem, rng: np.random.Generator) -> tuple[Table, Mixture]:
    n, d, k = problem.n, problem.d, problem.k
    means = rng.normal(scale=problem.spread / np.sqrt(d), size=(k, d))
    a = rng.normal(scale=problem.width / np.sqrt(d), size=(k, d, d))
    if problem.kind == "diag":
        a *= np.eye(d)
    if problem.kind == "tied":
        a = np.repeat(a[:1], k, axis=0)
    covariances = a @ a.swapaxes(1, 2) + 0.3 * np.eye(d)
    if problem.elongated > 1:
        axis = rng.normal(size=(k, d))
        axis /= np.linalg.norm(axis, axis=1)[:, None]
        extra = 0.3 * (problem.elongated**2 - 1)
        covariances += extra * axis[:, :, None] * axis[:, None, :]
    even = np.isinf(problem.concentration)
    weights = np.full(k, 1 / k) if even else rng.dirichlet(np.full(k, problem.concentration))
    weights = np.maximum(weights, 1 / (10 * k))
    weights /= weights.sum()
    labels = rng.choice(k, size=n, p=weights)
    lower = np.linalg.cholesky(covariances)
    x = rng.normal(size=(n, d))
    for j in range(k):
        of = labels == j
        x[of] = x[of] @ lower[j].T + means[j]
    return x, Mixture(weights, means, covariances)


def _whitened(problem: Problem, rng: np.random.Generator) -> tuple[Table, Mixture]:
    """Two groups `spread` standard deviations apart; whitening hides them from any one column."""
    n, d, gap = problem.n, problem.d, problem.spread
    direction = rng.normal(size=d)
    direction /= np.linalg.norm(direction)
    offset = gap / 2 * direction
    labels = rng.integers(0, 2, n)
    x = rng.normal(size=(n, d)) + np.where(labels, 1, -1)[:, None] * offset
    centre = x.mean(axis=0)
    whitener = np.linalg.inv(np.linalg.cholesky(np.cov(x.T)))
    means = (np.stack([-offset, offset]) - centre) @ whitener.T
    covariance = whitener @ whitener.T
    return (x - centre) @ whitener.T, Mixture([0.5, 0.5], means, np.stack([covariance] * 2))

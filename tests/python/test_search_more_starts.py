"""More starts never end lower than fewer with the same seed: the first of ten is the one of one."""

from itertools import pairwise

import numpy as np
import pytest

from gmm_widget.core.mixture import Mixture
from gmm_widget.core.points import Points
from gmm_widget.core.structure import STRUCTURES, structure
from gmm_widget.search.restarts import restarts

#: What rounding may cost, in nats per row: far less than lies between two optima.
ROUNDING = 1e-7


def planted(seed: int) -> tuple[np.ndarray, int]:
    """A small table of overlapping groups of unlike shapes, and how many there are."""
    rng = np.random.default_rng(seed)
    d, k, n = (int(rng.integers(low, high)) for low, high in ((1, 5), (2, 7), (100, 500)))
    a = rng.normal(scale=0.7, size=(k, d, d))
    covariances = a @ a.swapaxes(1, 2) + 0.09 * np.eye(d)
    truth = Mixture(np.full(k, 1 / k), rng.normal(scale=2.5, size=(k, d)), covariances)
    return truth.sample(n, rng)[0], k


def reached(x: np.ndarray, k: int, kind: str, starts: int, seed: int, methods: str = "search"):
    """The best optimum of that many starts."""
    rng = np.random.default_rng(seed)
    return restarts(Points.of(x), k, structure(kind), starts, methods=methods, rng=rng).best


@pytest.mark.parametrize("seed", range(50))
def test_more_starts_of_a_search_never_end_lower(seed):
    x, k = planted(seed)
    kind = list(STRUCTURES)[seed % len(STRUCTURES)]
    bests = [reached(x, k, kind, starts, seed) for starts in (1, 3, 10)]
    for few, more in pairwise(bests):
        assert more.objective >= few.objective - ROUNDING * len(x) or few.spurious
        assert not more.spurious or few.spurious


@pytest.mark.parametrize("method", ["k-means++", "kmeans", "random"])
def test_more_plain_starts_never_end_lower(method):
    for seed in range(8):
        x, k = planted(seed)
        one, three = (reached(x, k, "full", starts, seed, method) for starts in (1, 3))
        assert three.objective >= one.objective - ROUNDING * len(x) or one.spurious


def test_more_starts_on_a_sample_of_many_rows_never_end_lower():
    rng = np.random.default_rng(0)
    truth = Mixture(np.full(4, 1 / 4), rng.normal(scale=1.2, size=(4, 4)), [0.4 * np.eye(4)] * 4)
    x, _ = truth.sample(3000, rng)
    one, three = (reached(x, 4, "full", starts, 0) for starts in (1, 3))
    assert three.objective >= one.objective - ROUNDING * len(x)

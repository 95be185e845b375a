"""Climbing by cells ends where climbing exactly ends."""

import numpy as np
import pytest

from gmm_widget.core import Points, start
from gmm_widget.core.fit import MANY, climb, uses_cells
from gmm_widget.core.structure import STRUCTURES, structure


def clusters(n: int, d: int = 2) -> np.ndarray:
    rng = np.random.default_rng(3)
    centres = rng.normal(scale=5, size=(3, d))
    return centres[rng.integers(0, 3, n)] + rng.normal(size=(n, d))


@pytest.mark.parametrize("kind", list(STRUCTURES))
@pytest.mark.parametrize("d", [1, 2, 3])
def test_by_cells_and_exactly_one_comes_to_the_same_optimum(kind, d):
    points, shape = Points.of(clusters(4000, d)), structure(kind)
    first = start(points, 3, shape, rng=np.random.default_rng(0))
    ends = {}
    for algorithm in ("exact", "cells"):
        *_, last = climb(points, first, shape, algorithm=algorithm)
        assert last.converged
        ends[algorithm] = last
    assert ends["cells"].log_likelihood == pytest.approx(ends["exact"].log_likelihood, abs=1e-3)
    np.testing.assert_allclose(ends["cells"].mixture.means, ends["exact"].mixture.means, atol=5e-3)
    assert ends["cells"].n_steps <= ends["exact"].n_steps


def test_few_points_and_many_columns_are_climbed_exactly():
    assert not uses_cells(Points.of(clusters(100)))
    assert uses_cells(Points.of(clusters(MANY)))
    assert not uses_cells(Points.of(clusters(MANY, 4)))


def test_an_unknown_algorithm_is_answered_with_the_known_ones():
    points = Points.of(clusters(50))
    first = start(points, 2, structure("full"), rng=np.random.default_rng(0))
    with pytest.raises(ValueError, match="auto, exact, cells"):
        next(climb(points, first, structure("full"), algorithm="magic"))

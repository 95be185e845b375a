"""A batch climbs as the core does, and what it says of structures is true of them."""

import numpy as np
import pytest

from gmm_widget.core.em import em
from gmm_widget.core.initialise import initial_mixture
from gmm_widget.core.points import Points
from gmm_widget.core.structure import STRUCTURES, structure
from gmm_widget.search import split_merge_moves
from gmm_widget.search.batch import batch_of, mixture_of
from gmm_widget.search.batched_em import BatchData

each_structure = pytest.mark.parametrize("kind", list(STRUCTURES))


def table(n: int = 150, d: int = 3) -> np.ndarray:
    rng = np.random.default_rng(1)
    return rng.normal(size=(n, d)) * [1, 30, 1e-3] + rng.integers(0, 3, (n, 1)) * [5, 90, 8e-3]


@each_structure
@pytest.mark.parametrize("eps", [0.0, 1e-8, 1e-2])
@pytest.mark.parametrize("weighted", [False, True])
def test_every_member_takes_the_steps_of_the_core(kind, eps, weighted):
    weight = np.random.default_rng(2).random(150) * 3 if weighted else None
    points, shape = Points.of(table(), weight), structure(kind)
    first = [initial_mixture(points, 3, shape, rng=np.random.default_rng(i)) for i in range(3)]
    data, batch = BatchData.of(points, shape, eps), batch_of(points, first)
    ways = [em(points, m, shape, regularisation=eps, tolerance=-1.0) for m in first]
    for _ in range(4):
        steps = [next(way) for way in ways]
        here, batch = batch, (found := data.em_step(batch)).after
        assert found.sound.all()
        np.testing.assert_allclose(found.objective, [s.objective for s in steps], rtol=1e-11)
        np.testing.assert_allclose(
            found.log_likelihood, [s.log_likelihood for s in steps], rtol=1e-11
        )
        for i, step in enumerate(steps):
            mixture = mixture_of(points, here, i)
            np.testing.assert_allclose(mixture.means, step.mixture.means, rtol=1e-8)
            np.testing.assert_allclose(mixture.covariances, step.mixture.covariances, rtol=1e-6)


@each_structure
def test_moves_obey_the_structure_and_keep_the_number_of_components(kind):
    points, shape = Points.of(table()), structure(kind)
    data = BatchData.of(points, shape, 1e-8)
    base = batch_of(points, [initial_mixture(points, 4, shape, rng=np.random.default_rng(0))])
    rng = np.random.default_rng(5)
    for found, k in (
        (split_merge_moves.swaps(data, base, 7, rng), 4),
        (split_merge_moves.splits_with_merges(data, base, 7, rng), 4),
        (split_merge_moves.merged(data, base), 3),
    ):
        assert found is not None
        assert found.means.shape[1] == k
        for i in range(len(found.means)):
            mixture = mixture_of(points, found, i)
            if shape.shared:
                assert np.ptp(mixture.covariances, axis=0).max() == 0
            if kind in ("diag", "spherical"):
                off = mixture.covariances * (1 - np.eye(3))
                assert np.abs(off).max() <= 1e-12 * mixture.covariances.max()


def test_two_components_have_nothing_to_split_and_merge():
    points, shape = Points.of(table()), structure("full")
    base = batch_of(points, [initial_mixture(points, 2, shape, rng=np.random.default_rng(0))])
    data = BatchData.of(points, shape, 0.0)
    assert split_merge_moves.splits_with_merges(data, base, 5, np.random.default_rng(0)) is None

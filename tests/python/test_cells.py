"""Cells: a lower bound that is exact for single points, and EM on them through the same pass."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gmm_widget.core import Mixture, Points, e_step, em, start
from gmm_widget.core.cells import Cells
from gmm_widget.core.structure import STRUCTURES, structure


def clusters(n: int, d: int, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    centres = rng.normal(scale=4, size=(3, d))
    return centres[rng.integers(0, 3, n)] + rng.normal(size=(n, d)) * rng.uniform(0.3, 2, d)


def some_mixture(x: np.ndarray, k: int = 3, seed: int = 0) -> Mixture:
    rng = np.random.default_rng(seed)
    return start(Points.of(x), k, structure("full"), rng=rng)


def dense_bound(x: np.ndarray, group: np.ndarray, mixture: Mixture) -> float:
    """The bound by its definition: per group, the mean log joint of its points, then Jensen."""
    joint = np.array(
        [
            np.log(w)
            - 0.5 * np.einsum("ni,ij,nj->n", x - m, np.linalg.inv(c), x - m)
            - 0.5 * np.linalg.slogdet(2 * np.pi * c)[1]
            for w, m, c in zip(mixture.weights, mixture.means, mixture.covariances, strict=True)
        ]
    )
    total = 0.0
    for g in np.unique(group):
        mean = joint[:, group == g].mean(axis=1)
        top = mean.max()
        total += (group == g).sum() * (top + np.log(np.exp(mean - top).sum()))
    return total


def groups(x: np.ndarray, cells: Cells) -> np.ndarray:
    """Which cell each point is nearest to in the sense of the partition, found from its box."""
    z = ((x - cells.whole.frame.origin) / cells.whole.frame.scale).T
    number, piece, _ = cells._grid.locate(z)
    return number * 100 + np.where(cells._grid.split[number], piece, 0)


@pytest.mark.parametrize("d", [1, 2, 3])
@pytest.mark.parametrize("cut", [False, True])
def test_the_pass_over_cells_gives_the_bound_by_its_definition(d, cut):
    x = clusters(400, d)
    mixture = some_mixture(x)
    cells = Cells.of(Points.of(x), per_side=6)
    if cut:
        cells = cells.refined(mixture)
    expected = dense_bound(x, groups(x, cells), mixture)
    assert e_step(cells.means, mixture).log_likelihood == pytest.approx(expected, rel=1e-11)


def test_components_evaluated_apart_have_the_same_bound():
    """A component so narrow and far that natural parameters would cancel."""
    x = np.vstack([clusters(300, 2), [30.0, 30.0] + 1e-4 * clusters(100, 2, 1)])
    tight = 1e-8 * np.array([[1.0, 0.5], [0.5, 2.0]])
    mixture = Mixture(
        [0.75, 0.25], [[0, 0], x[300:].mean(axis=0)], [[[20.0, 3.0], [3.0, 20.0]], tight]
    )
    cells = Cells.of(Points.of(x), per_side=40).refined(mixture, 1.0)
    expected = dense_bound(x, groups(x, cells), mixture)
    # The covariance within a box cancels as eps (box / width)^2, which is 1e-9 here.
    assert e_step(cells.means, mixture).log_likelihood == pytest.approx(expected, rel=1e-7)


@given(seed=st.integers(0, 1000), per_side=st.integers(1, 40), d=st.integers(1, 3))
def test_the_bound_is_below_and_cells_keep_the_moments_of_the_whole(seed, per_side, d):
    x = clusters(120, d, seed)
    points = Points.of(x)
    cells = Cells.of(points, per_side)
    mixture = some_mixture(x, 2, seed)
    bound, exact = e_step(cells.means, mixture), e_step(points, mixture)
    assert bound.log_likelihood <= exact.log_likelihood + 1e-9 * abs(exact.log_likelihood)
    one = Mixture([1.0], [x.mean(axis=0)], [np.atleast_2d(np.cov(x.T)) + np.eye(d)])
    whole, summed = e_step(points, one), e_step(cells.means, one)
    np.testing.assert_allclose(summed.moments.counts, whole.moments.counts)
    np.testing.assert_allclose(summed.moments.means, whole.moments.means, atol=1e-10)
    np.testing.assert_allclose(summed.moments.scatters, whole.moments.scatters, atol=1e-8)
    assert summed.log_likelihood == pytest.approx(whole.log_likelihood, rel=1e-10)


def test_a_cell_for_each_point_makes_the_bound_exact():
    x = np.random.default_rng(0).permutation(np.arange(40.0))[:, None] ** 1.1
    points = Points.of(x)
    cells = Cells.of(points, per_side=4096)
    assert cells.means.n == 40
    mixture = some_mixture(x, 2)
    exact = e_step(points, mixture).log_likelihood
    assert e_step(cells.means, mixture).log_likelihood == pytest.approx(exact, rel=1e-12)


@pytest.mark.parametrize("kind", list(STRUCTURES))
def test_em_on_cells_never_falls_and_ends_near_the_exact_optimum(kind):
    x = clusters(5000, 2)
    points, shape = Points.of(x), structure(kind)
    first = start(points, 3, shape, rng=np.random.default_rng(1))
    cells = Cells.of(points)
    steps = list(em(cells.means, first, shape))
    objectives = np.array([step.objective for step in steps])
    assert (np.diff(objectives) >= -1e-9 * np.abs(objectives[1:])).all()
    near = e_step(points, steps[-1].mixture).log_likelihood
    *_, polished = em(points, steps[-1].mixture, shape)
    assert polished.log_likelihood >= near - 1e-6
    assert polished.log_likelihood - near < 1e-4 * len(x)


def test_cutting_the_cells_that_owe_most_closes_the_gap():
    x = clusters(20_000, 2)
    points, mixture = Points.of(x), some_mixture(x)
    coarse = Cells.of(points, per_side=24)
    fine = coarse.refined(mixture, 0.7)
    exact = e_step(points, mixture).log_likelihood
    bounds = [cells.bound(mixture) for cells in (coarse, fine)]
    for bound in bounds:
        assert bound.log_likelihood + bound.gap == pytest.approx(exact, rel=1e-12)
    assert 0 < bounds[1].gap < 0.6 * bounds[0].gap


def test_a_row_of_weight_two_is_a_row_given_twice():
    x = clusters(100, 2)
    weight = np.where(np.arange(100) % 3 == 0, 2.0, 1.0)
    mixture = some_mixture(x)
    once = Cells.of(Points.of(x, weight), per_side=7)
    twice = Cells.of(Points.of(np.repeat(x, weight.astype(int), axis=0)), per_side=7)
    a, b = (e_step(c.means, mixture).log_likelihood for c in (once, twice))
    assert a == pytest.approx(b, rel=1e-9)


def test_four_columns_have_no_cells():
    with pytest.raises(ValueError, match="take exact steps"):
        Cells.of(Points.of(clusters(50, 4)))


def test_poll_can_abandon_the_gathering():
    def stop() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Cells.of(Points.of(clusters(50, 2)), poll=stop)

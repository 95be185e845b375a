"""Binned points: a lower bound, exact for bins of one point, and EM on it by the same pass."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gmm_widget.core.binning import MANY_POINTS, bin_points, uses_bins
from gmm_widget.core.e_step import e_step
from gmm_widget.core.em import em
from gmm_widget.core.initialise import initial_mixture
from gmm_widget.core.mixture import Mixture
from gmm_widget.core.points import Points
from gmm_widget.core.structure import STRUCTURES, structure


def clusters(n: int, d: int, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    centres = rng.normal(scale=4, size=(3, d))
    return centres[rng.integers(0, 3, n)] + rng.normal(size=(n, d)) * rng.uniform(0.3, 2, d)


def some_mixture(x: np.ndarray, k: int = 3, seed: int = 0) -> Mixture:
    rng = np.random.default_rng(seed)
    return initial_mixture(Points.of(x), k, structure("full"), rng=rng)


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


def bins_of(x: np.ndarray, binned: Points) -> np.ndarray:
    """Which bin each row is in, checked against the bins' means.

    Every bin's mean must be that of the rows in its box.
    """
    low, n = x.min(axis=0), PER_COLUMN
    width = (x.max(axis=0) - low) / n
    place = np.clip((x - low) // width, 0, n - 1).astype(int)
    _, group = np.unique(place, axis=0, return_inverse=True)
    group = group.ravel()
    means = np.array([x[group == g].mean(axis=0) for g in range(group.max() + 1)])
    assert len(means) == binned.n
    np.testing.assert_allclose(means, binned.rows, atol=1e-9)
    return group


PER_COLUMN = 6


@pytest.mark.parametrize("d", [1, 2, 3])
def test_the_pass_over_bins_gives_the_bound_by_its_definition(d):
    x = clusters(400, d)
    mixture = some_mixture(x)
    binned = bin_points(Points.of(x), PER_COLUMN)
    expected = dense_bound(x, bins_of(x, binned), mixture)
    assert e_step(binned, mixture).log_likelihood == pytest.approx(expected, rel=1e-11)


def test_components_evaluated_by_whitening_have_the_same_bound():
    """A component so narrow and far that natural parameters would cancel."""
    x = np.vstack([clusters(300, 2), [30.0, 30.0] + 1e-4 * clusters(100, 2, 1)])
    tight = 1e-8 * np.array([[1.0, 0.5], [0.5, 2.0]])
    mixture = Mixture(
        [0.75, 0.25], [[0, 0], x[300:].mean(axis=0)], [[[20.0, 3.0], [3.0, 20.0]], tight]
    )
    binned = bin_points(Points.of(x), PER_COLUMN)
    expected = dense_bound(x, bins_of(x, binned), mixture)
    # The covariance within a bin cancels as eps (bin width / component width)^2.
    assert e_step(binned, mixture).log_likelihood == pytest.approx(expected, rel=1e-6)


@given(seed=st.integers(0, 1000), per_column=st.integers(1, 40), d=st.integers(1, 3))
def test_the_bound_is_below_and_bins_keep_the_moments_of_the_whole(seed, per_column, d):
    x = clusters(120, d, seed)
    points = Points.of(x)
    binned = bin_points(points, per_column)
    mixture = some_mixture(x, 2, seed)
    bound, exact = e_step(binned, mixture), e_step(points, mixture)
    assert bound.log_likelihood <= exact.log_likelihood + 1e-9 * abs(exact.log_likelihood)
    one = Mixture([1.0], [x.mean(axis=0)], [np.atleast_2d(np.cov(x.T)) + np.eye(d)])
    whole, summed = e_step(points, one), e_step(binned, one)
    np.testing.assert_allclose(summed.moments.counts, whole.moments.counts)
    np.testing.assert_allclose(summed.moments.means, whole.moments.means, atol=1e-10)
    np.testing.assert_allclose(summed.moments.scatters, whole.moments.scatters, atol=1e-8)
    assert summed.log_likelihood == pytest.approx(whole.log_likelihood, rel=1e-10)


def test_a_bin_for_each_point_makes_the_bound_exact():
    x = np.random.default_rng(0).permutation(np.arange(40.0))[:, None] ** 1.1
    points = Points.of(x)
    binned = bin_points(points, 4096)
    assert binned.n == 40
    mixture = some_mixture(x, 2)
    exact = e_step(points, mixture).log_likelihood
    assert e_step(binned, mixture).log_likelihood == pytest.approx(exact, rel=1e-12)


@pytest.mark.parametrize("kind", list(STRUCTURES))
def test_em_on_bins_never_falls_and_ends_near_the_exact_optimum(kind):
    x = clusters(5000, 2)
    points, shape = Points.of(x), structure(kind)
    first = initial_mixture(points, 3, shape, rng=np.random.default_rng(1))
    binned = bin_points(points)
    steps = list(em(binned, first, shape))
    objectives = np.array([step.objective for step in steps])
    assert (np.diff(objectives) >= -1e-9 * np.abs(objectives[1:])).all()
    near = e_step(points, steps[-1].mixture).log_likelihood
    *_, polished = em(points, steps[-1].mixture, shape)
    assert polished.log_likelihood >= near - 1e-6
    assert polished.log_likelihood - near < 1e-4 * len(x)


def test_a_row_of_weight_two_is_a_row_given_twice():
    x = clusters(100, 2)
    weight = np.where(np.arange(100) % 3 == 0, 2.0, 1.0)
    mixture = some_mixture(x)
    once = bin_points(Points.of(x, weight), 7)
    twice = bin_points(Points.of(np.repeat(x, weight.astype(int), axis=0)), 7)
    a, b = (e_step(binned, mixture).log_likelihood for binned in (once, twice))
    assert a == pytest.approx(b, rel=1e-9)


def test_four_columns_have_no_bins():
    with pytest.raises(ValueError, match="take exact steps"):
        bin_points(Points.of(clusters(50, 4)))


def test_poll_can_abandon_the_binning():
    def stop() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        bin_points(Points.of(clusters(50, 2)), poll=stop)


def test_few_points_and_many_columns_are_not_binned():
    assert not uses_bins(Points.of(clusters(100, 2)))
    assert uses_bins(Points.of(clusters(MANY_POINTS, 2)))
    assert not uses_bins(Points.of(clusters(MANY_POINTS, 4)))
    assert uses_bins(Points.of(clusters(100, 2)), "cells")
    assert not uses_bins(Points.of(clusters(MANY_POINTS, 2)), "exact")


def test_an_unknown_algorithm_is_answered_with_the_known_ones():
    with pytest.raises(ValueError, match=r"'magic'.*auto, exact, cells"):
        uses_bins(Points.of(clusters(50, 2)), "magic")

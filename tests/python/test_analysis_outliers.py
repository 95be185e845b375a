"""Using a fit: grids of density, outliers, and k-means as the hard limit of EM."""

import numpy as np
import pytest
from scipy.stats import chi2
from sklearn.cluster import KMeans

from gmm_widget.analysis.kmeans import kmeans
from gmm_widget.analysis.outliers import density_grid, density_level, outliers
from gmm_widget.core.errors import CollapseError
from gmm_widget.core.mixture import Mixture
from gmm_widget.core.points import Points

ROUND = Mixture([1.0], [[0.0, 0.0, 0.0]], [np.diag([1.0, 4.0, 9.0])])


@pytest.mark.parametrize("offset", [0.0, 1e4])
@pytest.mark.parametrize("seed", range(3))
def test_the_hard_limit_is_scikit_learns_k_means_from_the_same_start(seed, offset):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(500, 3)) * [1, 50, 0.1] + offset
    first = x[rng.choice(500, 4, replace=False)]
    ours = kmeans(Points.of(x), first)
    theirs = KMeans(4, init=first, n_init=1, tol=0, max_iter=1000).fit(x)
    assert ours.converged
    np.testing.assert_allclose(ours.centres, theirs.cluster_centers_, rtol=1e-9, atol=1e-9)
    assert ours.inertia == pytest.approx(theirs.inertia_, rel=1e-9)


def test_k_means_by_weights_is_k_means_by_copies():
    rng = np.random.default_rng(0)
    x, weight = rng.normal(size=(100, 2)), rng.integers(1, 4, 100)
    by_weight = kmeans(Points.of(x, weight), x[:3])
    by_copies = kmeans(Points.of(np.repeat(x, weight, axis=0)), x[:3])
    np.testing.assert_allclose(by_weight.centres, by_copies.centres, rtol=1e-12)


def test_a_centre_without_rows_is_named():
    x = np.random.default_rng(0).normal(size=(50, 2))
    with pytest.raises(CollapseError, match="component 1"):
        kmeans(Points.of(x), [[0.0, 0.0], [1e3, 1e3]])
    with pytest.raises(ValueError, match=r"shape \(K, 2\)"):
        kmeans(Points.of(x), [[0.0], [1.0]])


def test_a_grid_holds_the_marginal_density_and_integrates_to_one():
    grid = density_grid(ROUND, (2, 0), shape=(81, 61))
    assert grid.density.shape == (61, 81)
    steps = [axis[1] - axis[0] for axis in grid.axes]
    assert grid.density.sum() * steps[0] * steps[1] == pytest.approx(1, abs=1e-3)
    at = ROUND.marginal([2, 0]).log_density([[grid.axes[0][7], grid.axes[1][30]]])
    assert np.log(grid.density[30, 7]) == pytest.approx(at[0])


def test_a_grid_of_one_column_with_its_extent():
    grid = density_grid(ROUND, (1,), extent=[[-2, 2]], shape=5)
    np.testing.assert_allclose(grid.axes[0], [-2, -1, 0, 1, 2])
    assert grid.density.shape == (5,)


def test_the_level_of_one_gaussian_is_that_of_chi_squared():
    exact = ROUND.log_density(ROUND.means)[0] - chi2.isf(0.05, 3) / 2
    assert density_level(ROUND, 0.05) == pytest.approx(exact, abs=0.05)


def test_outliers_are_what_the_mixture_or_the_points_hold_to_be_rare():
    x, _ = ROUND.sample(4000, np.random.default_rng(7))
    far = np.array([[50.0, 0.0, 0.0]])
    assert outliers(ROUND, far, 0.01).all()
    assert outliers(ROUND, x, 0.05).mean() == pytest.approx(0.05, abs=0.02)
    assert outliers(ROUND, x * 3, 0.05).mean() > 0.3
    assert outliers(ROUND, x * 3, 0.05, reference="points").sum() == 200


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: density_grid(ROUND, (0, 1, 2)), "one or two columns"),
        (lambda: density_grid(ROUND, extent=[[0, 1], [2, 2]]), "extent"),
        (lambda: density_grid(ROUND, shape=1), "shape"),
        (lambda: density_level(ROUND, 0), "rate"),
        (lambda: outliers(ROUND, ROUND.means, 2, reference="points"), "rate"),
        (lambda: outliers(ROUND, ROUND.means, reference="all"), "reference"),
    ],
)
def test_bad_arguments_are_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()

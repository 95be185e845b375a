"""Where searches take place: cells of every size hold all points, a sample is of their frame."""

import numpy as np
import pytest

from gmm_widget.core.binning import bin_points
from gmm_widget.core.e_step import e_step
from gmm_widget.core.mixture import Mixture
from gmm_widget.core.points import Points
from gmm_widget.core.structure import structure
from gmm_widget.search.batch import batch_of
from gmm_widget.search.search_data import ROWS_PER_PARAMETER, SAMPLE, SearchData


def _points(n, d, weighted=False):
    rng = np.random.default_rng(d)
    x = rng.normal(size=(n, d)) * 10.0 ** np.arange(d) + 100
    return Points.of(x, rng.integers(0, 4, n) if weighted else None)


def _mixture(points, k=3):
    rng = np.random.default_rng(0)
    unit = points.frame.scale * np.sqrt(points.variance)
    means = points.frame.origin + rng.normal(size=(k, points.d)) * unit
    return Mixture(np.full(k, 1 / k), means, [np.diag(unit**2)] * k)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("d", [1, 2, 3])
def test_every_level_has_the_moments_of_all_points(d, weighted):
    points = _points(60_000, d, weighted)
    search_data = SearchData.of(points, np.random.default_rng(0))
    one = _mixture(points, 1)
    whole = e_step(points, one)
    assert len(search_data.levels) > 1
    sizes = [level.n for level in search_data.levels]
    assert sizes == sorted(sizes)
    assert search_data.rows is search_data.levels[0]
    for level in search_data.levels:
        found = e_step(level, one)
        assert found.moments.counts[0] == pytest.approx(points.total_weight, rel=1e-12)
        np.testing.assert_allclose(found.moments.means, whole.moments.means, atol=1e-10)
        np.testing.assert_allclose(
            found.moments.covariances(), whole.moments.covariances(), rtol=1e-9, atol=1e-9
        )


def test_finer_levels_have_a_higher_bound_and_none_is_above_the_points():
    points = _points(60_000, 2)
    search_data, mixture = SearchData.of(points, np.random.default_rng(0)), _mixture(points)
    objectives = [e_step(level, mixture).log_likelihood for level in (*search_data.levels, points)]
    assert objectives == sorted(objectives)


def test_the_ground_on_cells_is_the_cores_pass_over_them():
    points = _points(60_000, 2)
    search_data, mixture = SearchData.of(points, np.random.default_rng(0)), _mixture(points)
    passed = search_data.prepared(structure("full"), 1e-6).em_step(batch_of(points, [mixture] * 70))
    exact = e_step(search_data.rows, mixture, regularisation=1e-6)
    np.testing.assert_allclose(passed.log_likelihood, exact.log_likelihood, rtol=1e-10)
    np.testing.assert_allclose(passed.objective, exact.objective, rtol=1e-10)
    np.testing.assert_allclose(passed.after.means[-1], exact.moments.means, rtol=1e-8)


def test_cells_of_cells_are_cells_of_the_points():
    points = _points(5000, 2)
    fine = bin_points(points, 64)
    coarse, direct = bin_points(fine, 1), bin_points(points, 1)
    np.testing.assert_allclose(coarse.rows, direct.rows, rtol=1e-12)
    np.testing.assert_allclose(coarse.within_covariance, direct.within_covariance, rtol=1e-9)


def test_few_points_are_searched_whole_and_many_columns_in_a_sample():
    few, wide = _points(100, 2), _points(5000, 4, weighted=True)
    assert SearchData.of(few, np.random.default_rng(0)).whole
    search_data = SearchData.of(wide, np.random.default_rng(0))
    assert (search_data.rows.n, search_data.whole, search_data.levels) == (SAMPLE, False, ())
    assert search_data.rows.frame is wide.frame
    with pytest.raises(ValueError, match="up to 3 columns"):
        SearchData.of(wide, np.random.default_rng(0), "cells")


def test_a_sample_grows_with_the_number_of_parameters():
    points = _points(40_000, 5)
    small = SearchData.of(points, np.random.default_rng(0))
    larger = small.for_parameters(200)
    assert (small.rows.n, larger.rows.n) == (SAMPLE, 200 * ROWS_PER_PARAMETER)
    held = {tuple(row) for row in larger.rows.rows}
    assert all(tuple(row) in held for row in small.rows.rows)
    assert small.for_parameters(2) is small
    whole = small.for_parameters(2000)
    assert (whole.whole, whole.rows) == (True, points)

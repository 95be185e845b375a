"""The hard cases that other packages get wrong, row by row, for all four covariance types.

Offsets, scales, exact certified values, degenerate and non-finite data, ties, and components that
a user has moved away from their points. Three unit-variance clusters in the plane, 900 points, five
unregularised steps, unless a test says otherwise. The answers come from `hard_cases.plain_em` or
are known beforehand; "defaults" means a start and EM with no setting touched.
"""

from __future__ import annotations

import math
import re
import statistics
from fractions import Fraction

import hard_cases as hard
import numpy as np
import pytest
from hard_cases import EPS, TYPES, clusters, first_guess

from gmm_widget.core.e_step import e_step
from gmm_widget.core.edits import set_covariance, set_mean
from gmm_widget.core.em import em
from gmm_widget.core.initialise import initial_mixture
from gmm_widget.core.mixture import Mixture
from gmm_widget.core.points import Points
from gmm_widget.core.structure import structure

pytestmark = pytest.mark.filterwarnings("error")  # an overflow on the way is a fault as well
each_type = pytest.mark.parametrize("name", TYPES)
each_dtype = pytest.mark.parametrize("dtype", [np.float64, np.float32])


@each_dtype
@each_type
def test_offset_1e6(name, dtype):
    x, guess = (clusters() + 1e6).astype(dtype), first_guess(offset=1e6)
    hard.assert_exact(x, guess, name, 1e-9, 1e6)


@each_type
def test_offset_1e8(name):
    x, guess = clusters() + 1e8, first_guess(offset=1e8)
    tolerance = 8 * EPS * 1e8  # a mean near 1e8 is itself a float64
    hard.assert_exact(x, guess, name, tolerance, 1e8)


@each_type
def test_offset_1e8_costs_no_more_than_rounding_the_points(name):
    with_offset = hard.run(clusters() + 1e8, first_guess(offset=1e8), name).log_likelihood
    without = hard.plain_em(clusters(), first_guess(), name, 5).log_likelihood
    assert abs(with_offset - float(without)) < 900 * 8 * EPS * 1e8


@each_type
def test_offset_1e8_float32_leaves_single_values_and_says_so(name):
    x = (clusters() + 1e8).astype(np.float32)  # float32 has steps of 8 here
    hard.collapse(x, first_guess(offset=1e8), name, 0.0)
    hard.assert_sound(hard.fit_with_defaults(x, name, 2).mixture)


@each_type
def test_nist_numacc3_k1(name):
    mean, sd = hard.mean_and_sd(hard.numacc("1000000.2", "1000000.1", "1000000.3"), name)
    assert hard.digits(mean, Fraction("1000000.2")) > 15
    assert hard.digits(sd, Fraction("0.1")) >= 9


@each_type
def test_nist_numacc4_k1(name):
    mean, sd = hard.mean_and_sd(hard.numacc("10000000.2", "10000000.1", "10000000.3"), name)
    assert hard.digits(mean, Fraction("10000000.2")) > 15
    assert hard.digits(sd, Fraction("0.1")) >= 8


@each_dtype
@each_type
@pytest.mark.parametrize("base", ["1000000", "10000000"])
def test_nist_numacc_k1_is_exact_for_the_values_as_stored(name, base, dtype):
    x = hard.numacc(f"{base}.2", f"{base}.1", f"{base}.3", dtype)
    if len(set(x.tolist())) == 1:  # in float32 NumAcc4 is one value
        error = hard.collapse(x, Mixture([1.0], [[float(x[0]) + 1]], [[[4.0]]]), name, 0.0)
        assert "equal" in error.cause
        return
    stored = [Fraction(v) for v in x.tolist()]
    mean, variance = statistics.mean(stored), statistics.variance(stored)
    got_mean, got_sd = hard.mean_and_sd(x, name)
    assert hard.digits(got_mean, mean) > 15
    assert hard.digits(got_sd**2, variance) > 13


@each_dtype
@each_type
@pytest.mark.parametrize("scale", [1e-4, 1e-12, 1e12])
def test_scaled_data_take_the_same_steps(name, scale, dtype):
    x, guess = (clusters() * scale).astype(dtype), first_guess(scale=scale)
    hard.assert_exact(x, guess, name, 1e-12)


@each_dtype
@each_type
def test_data_times_1e_minus_4_with_defaults(name, dtype):
    hard.assert_same_fit_with_defaults(name, 1e-4, dtype)


@each_dtype
@each_type
@pytest.mark.parametrize("scale", [1e-12, 1e12])
def test_data_times_1e_minus_12_and_1e_plus_12_with_defaults(name, scale, dtype):
    hard.assert_same_fit_with_defaults(name, scale, dtype)


@each_type
@pytest.mark.parametrize(
    ("scale", "dtype"), [(1e20, np.float32), (1e-20, np.float32), (1e100, float), (1e-100, float)]
)
def test_float32_1e20_and_finite_1e100_are_fitted(name, scale, dtype):
    hard.assert_same_fit_with_defaults(name, scale, dtype)


@pytest.mark.parametrize("scale", [1e200, 1e307, 1e-200, 1e-300])
def test_finite_1e200_is_refused_with_column_and_remedy(scale):
    x = clusters()
    x[:, 1] *= scale
    with pytest.raises(ValueError, match="column 1") as caught:
        Points.of(x)
    x[:, 1] /= float(re.findall(r"divide .*? by ([\d.e+-]+\d)", str(caught.value))[0])
    hard.assert_sound(hard.fit_with_defaults(x, "full", 3).mixture)


def test_finite_1e200_in_a_single_cell_is_refused_with_its_column():
    x = clusters()
    x[17, 0] = -1e200
    with pytest.raises(ValueError, match="column 0"):
        Points.of(x)


@each_dtype
@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_nan_or_inf_in_a_row_is_named(value, dtype):
    x = clusters().astype(dtype)
    x[3, 1] = x[880, 0] = value
    with pytest.raises(ValueError, match="NaN or inf") as caught:
        Points.of(x)
    message = str(caught.value)
    for part in ("2 of 900 rows", "row 3 column 1", "row 880 column 0", "leave"):
        assert part in message
    for name in TYPES:
        hard.assert_sound(hard.fit_with_defaults(np.delete(x, [3, 880], axis=0), name, 3).mixture)


@pytest.mark.parametrize("value", [math.nan, math.inf, -1.0])
def test_nan_inf_or_negative_weight_names_its_row(value):
    weight = np.ones(900)
    weight[42] = value
    with pytest.raises(ValueError, match="row 42"):
        Points.of(clusters(), weight)


@each_dtype
@each_type
@pytest.mark.parametrize("point", [(3.7, -2.0), (0.0, 0.0), (1e8, 1e-9)])
def test_identical_points(name, point, dtype):
    x = np.tile(np.array(point, dtype=dtype), (50, 1))
    points = Points.of(x)
    assert points.constant == (0, 1)
    fit = hard.fit_with_defaults(x, name, 1).mixture
    np.testing.assert_allclose(fit.means[0], x[0].astype(np.float64), rtol=4 * EPS)
    with pytest.raises(ValueError, match=r"3 distinct points.* only 1"):
        initial_mixture(points, 3, structure(name))
    error = hard.collapse(x, Mixture([1.0], [x[0] + 1.0], [np.eye(2)]), name, 0.0)
    assert "equal" in error.cause


@each_type
def test_identical_points_under_three_components_make_no_phantoms(name):
    x = np.tile([3.7, -2.0], (50, 1))
    guess = Mixture([0.5, 0.3, 0.2], x[:3], [np.eye(2)] * 3)
    for step in em(Points.of(x), guess, structure(name), max_steps=20):
        hard.assert_sound(step.mixture)
        np.testing.assert_allclose(step.mixture.means, x[:3], rtol=4 * EPS)


@each_dtype
@each_type
@pytest.mark.parametrize("value", [7.0, 0.0, -1e8])
def test_constant_column_is_named_and_fitted(name, value, dtype):
    x = np.column_stack([clusters(), np.full(900, value)]).astype(dtype)
    assert Points.of(x).constant == (2,)
    for seed in range(3):
        fit = hard.fit_with_defaults(x, name, 3, seed).mixture
        np.testing.assert_allclose(fit.means[:, 2], value, rtol=4 * EPS)


@pytest.mark.parametrize("name", ["diag", "tied", "full"])
def test_constant_column_does_not_change_the_clusters(name):
    hard.assert_column_does_not_matter(np.full(900, 7.0), name)


@pytest.mark.parametrize("name", ["tied", "full"])
def test_collinear_column_does_not_change_the_clusters(name):
    hard.assert_column_does_not_matter(clusters() @ [1.0, 1.0], name)


@each_type
@pytest.mark.parametrize("slope", [0.0, 2.0])
def test_constant_or_collinear_column_unregularised_fits_or_collapses_by_name(name, slope):
    x = clusters()
    x[:, 1] = slope * x[:, 0] + 7
    if name == "spherical" or (name == "diag" and slope):
        hard.assert_exact(x, first_guess(), name, 1e-12)
    else:
        assert "line" in hard.collapse(x, first_guess(), name, 0.0).cause


@each_dtype
@each_type
def test_collinear_columns_are_fitted(name, dtype):
    x = clusters()
    x = np.column_stack([x, x[:, 0] + x[:, 1]]).astype(dtype)
    for seed in range(3):
        hard.fit_with_defaults(x, name, 3, seed)


@each_type
@pytest.mark.parametrize("method", ["k-means++", "kmeans", "random"])
def test_more_components_than_distinct_points(name, method):
    x = np.repeat([[0.0, 0.0], [1.0, 2.0], [5.0, 1.0]], [10, 100, 1], axis=0)
    with pytest.raises(ValueError, match=r"4 distinct points.* only 3"):
        initial_mixture(Points.of(x), 4, structure(name), method)
    weight = np.append(np.ones(110), 0.0)
    with pytest.raises(ValueError, match=r"3 distinct points.* only 2"):
        initial_mixture(Points.of(x, weight), 3, structure(name), method)


@each_type
def test_as_many_components_as_distinct_points(name):
    x = np.repeat([[0.0, 0.0], [1.0, 2.0], [5.0, 1.0]], 30, axis=0)
    fit = hard.fit_with_defaults(x, name, 3).mixture
    np.testing.assert_allclose(fit.means[np.argsort(fit.means[:, 0])], x[::30], atol=1e-4)


@each_type
@pytest.mark.parametrize("dtype", [np.int64, np.uint16, np.float32, np.float64])
def test_heavy_ties_take_the_same_steps_as_any_points(name, dtype):
    x = hard.detector(0.7, dtype)
    assert len(np.unique(x, axis=0)) < 80
    guess = Mixture([0.3, 0.3, 0.4], [[210, 310], [690, 520], [520, 880]], [50 * np.eye(2)] * 3)
    hard.assert_exact(x, guess, name, 1e-9)


@each_type
@pytest.mark.parametrize("sd", [0.7, 5.0, 40.0])
def test_heavy_ties_are_fitted(name, sd):
    x = hard.detector(sd)
    for seed in range(3):
        fit = hard.fit_with_defaults(x, name, 3, seed).mixture
        variances = np.linalg.eigvalsh(fit.covariances)
        np.testing.assert_allclose(variances, sd**2 + 1 / 12, rtol=0.2)


@each_type
def test_heavy_ties_allow_a_component_more_than_clusters(name):
    points = Points.of(hard.detector(1.0))
    for seed in range(3):
        guess = initial_mixture(points, 4, structure(name), rng=np.random.default_rng(seed))
        hard.assert_all_sound(em(points, guess, structure(name), max_steps=200))


@pytest.mark.parametrize("width", [5.0, 1e-2, 1e-3, 1e-5])
@pytest.mark.parametrize(
    ("name", "columns"),
    [("spherical", [0, 1]), ("diag", [0, 1]), ("full", [0, 1]), ("diag", [1]), ("full", [1])],
)
def test_heavy_ties_a_component_on_one_value_is_named(name, columns, width):
    error = hard.collapse(*hard.pile(columns, width), name, 0.0)
    assert error.component == 0
    assert "equal" in error.cause


@each_dtype
@each_type
@pytest.mark.parametrize("regularisation", [0.0, 1e-6])
@pytest.mark.parametrize("away", [1e3, 1e8, 1e160])
def test_a_component_moved_far_away_loses_all_its_weight(name, regularisation, away, dtype):
    x = clusters().astype(dtype)
    before = hard.run(x, first_guess(), name)
    for moved in range(3):
        after = set_mean(before.mixture, moved, [away, -away])
        error = hard.collapse(x, after, name, regularisation)
        assert error.component == moved
        assert "no point" in error.cause
    again = e_step(Points.of(x), before.mixture, regularisation=0.0).log_likelihood
    assert again == before.log_likelihood, "going back restores the fit"


@pytest.mark.parametrize("name", ["spherical", "diag", "full"])
def test_a_component_squeezed_between_points_loses_all_its_weight(name):
    pressed = set_covariance(set_mean(first_guess(), 1, [2.0, -30.0]), 1, 1e-12 * np.eye(2))
    assert hard.collapse(clusters(), pressed, name, 1e-6).component == 1

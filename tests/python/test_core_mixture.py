"""The mixture as a value: checked, frozen, comparable, and the same after JSON."""

from __future__ import annotations

import copy
import dataclasses
import json
import pickle

import numpy as np
import pytest
from core_help import cloud

from gmm_widget import GaussianMixture
from gmm_widget.core.mixture import Mixture

GOOD = {
    "weights": [0.25, 0.75],
    "means": [[0.0, 1.0], [2.0, 3.0]],
    "covariances": [[[1.0, 0.5], [0.5, 2.0]], [[1.0, 0.0], [0.0, 1.0]]],
}


def changed(part: str, where: tuple[int, ...], value: float) -> dict[str, object]:
    parts = copy.deepcopy(GOOD)
    array = np.array(parts[part])
    array[where] = value
    return {**parts, part: array}


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ({**GOOD, "weights": [0.5, 0.6]}, r"sum to 1, but sum to 1\.1; divide"),
        ({**GOOD, "weights": [0.5, 0.4]}, r"sum to 1, but sum to 0\.9; divide"),
        ({**GOOD, "weights": [0.5, 0.5 + 2e-6]}, r"but sum to 1\.000002"),
        ({**GOOD, "weights": [0.5, 0.5 - 2e-6]}, r"but sum to 0\.999998"),
        ({**GOOD, "weights": [-0.5, 1.5]}, r"component 0 has weight -0\.5"),
        ({**GOOD, "weights": [1.0, 0.0]}, "component 1 has weight 0; .*remove the component"),
        ({**GOOD, "weights": [1.0]}, r"weights \(K,\).*got \(1,\), \(2, 2\), \(2, 2, 2\)"),
        ({**GOOD, "weights": 1.0}, r"got \(\)"),
        ({**GOOD, "means": [[0.0], [1.0]]}, r"got \(2,\), \(2, 1\)"),
        ({**GOOD, "means": [[0.0, 1.0], [2.0]]}, r"means \(K, D\) must be a rectangular array"),
        ({**GOOD, "means": [["a", "b"], ["c", "d"]]}, r"means \(K, D\) must be .* of numbers"),
        ({"weights": [], "means": [], "covariances": []}, "K, D >= 1"),
        (changed("means", (1, 0), np.nan), "mean of component 1 has a NaN or infinite"),
        (changed("covariances", (0, 1, 1), np.inf), "covariance of component 0 has a NaN"),
        (changed("covariances", (0, 0, 1), 0.4), r"component 0 is not symmetric: entry \(0, 1\)"),
        (changed("covariances", (1, 0, 0), -2.0), r"component 1 has variance -2 in column 0"),
        (changed("covariances", (1, 0, 0), 0.0), r"component 1 has variance 0 in column 0"),
        (
            {**GOOD, "covariances": [np.eye(2), [[1, 2], [2, 1]]]},
            "covariance of component 1 is not positive definite: .* eigenvalue -1",
        ),
        (
            {**GOOD, "covariances": [np.eye(2), [[1e8, 1e-2], [1e-2, 1e-12]]]},
            "component 1 is not positive definite",
        ),
    ],
)
def test_what_is_no_mixture_is_refused_with_the_reason(parts, message):
    with pytest.raises(ValueError, match=message):
        Mixture(**parts)


@pytest.mark.parametrize("off", [5e-7, -5e-7])
def test_weights_that_sum_to_one_up_to_rounding_are_divided_by_their_sum(off):
    mixture = Mixture(**{**GOOD, "weights": [0.25, 0.75 + off]})
    np.testing.assert_allclose(mixture.weights, [0.25 / (1 + off), (0.75 + off) / (1 + off)])
    assert mixture.weights.sum() == pytest.approx(1, abs=1e-15)


def test_columns_of_very_different_units_are_no_obstacle():
    scale = np.array([1e-90, 1e90])
    covariance = np.array([[1.0, 0.9], [0.9, 1.0]]) * scale[:, None] * scale
    mixture = Mixture([1.0], [scale], [covariance])
    x = scale * [[1.0, 1.0], [2.0, 0.0]]
    unit = Mixture([1.0], [[1.0, 1.0]], [[[1.0, 0.9], [0.9, 1.0]]])
    np.testing.assert_allclose(mixture.log_density(x), unit.log_density(x / scale), rtol=1e-12)


def test_parts_are_copied_and_read_only():
    weights = np.array([0.25, 0.75])
    mixture = Mixture(weights, GOOD["means"], GOOD["covariances"])
    weights[0] = 9
    assert mixture.weights[0] == 0.25
    for part in (mixture.weights, mixture.means, mixture.covariances):
        with pytest.raises(ValueError, match="read-only"):
            part[0] = 0
    with pytest.raises(dataclasses.FrozenInstanceError):
        mixture.weights = weights


def test_rounding_in_the_sum_of_weights_is_divided_out_once():
    mixture = Mixture(np.array([1, 1, 1]) / 3.0000003, np.zeros((3, 1)), np.ones((3, 1, 1)))
    assert abs(mixture.weights.sum() - 1) < 1e-15
    again = Mixture(mixture.weights, mixture.means, mixture.covariances)
    assert again == mixture


def test_equality_is_bit_by_bit():
    one, same = Mixture(**GOOD), Mixture(**GOOD)
    assert one == same
    assert hash(one) == hash(same)
    other = Mixture(**changed("means", (0, 0), 5e-324))
    assert one != other
    assert one != "mixture"
    wide = Mixture([1.0], [[1.0, 2.0]], [np.eye(2)])
    assert wide != Mixture([0.5, 0.5], [[1.0], [2.0]], np.ones((2, 1, 1)))


def test_json_and_pickle_restore_every_bit():
    _, mixture = cloud(40, 3, 4)
    assert Mixture.from_json(json.loads(json.dumps(mixture.to_json()))) == mixture
    assert pickle.loads(pickle.dumps(mixture)) == mixture


@pytest.mark.parametrize("value", [None, [], {"weights": [1.0]}, "x"])
def test_json_of_something_else_is_refused(value):
    with pytest.raises(ValueError, match="weights, means, covariances"):
        Mixture.from_json(value)


def test_points_of_the_wrong_width_are_refused():
    mixture = Mixture(**GOOD)
    with pytest.raises(ValueError, match=r"\(N, 2\) to match the mixture; got \(3, 3\)"):
        mixture.log_density(np.zeros((3, 3)))
    with pytest.raises(ValueError, match=r"got \(3,\)"):
        mixture.responsibilities(np.zeros(3))
    line = Mixture([1.0], [[0.0]], [[[1.0]]])
    assert line.log_density([0.0, 1.0]).shape == (2,)


def test_responsibilities_far_away_still_sum_to_one():
    r = Mixture(**GOOD).responsibilities([[1e8, 0.0], [0.0, -1e150]])
    np.testing.assert_allclose(r.sum(axis=1), 1, rtol=1e-15)


@pytest.mark.parametrize(
    ("dims", "values", "message"),
    [
        ([0, 1], [1.0, 2.0], "fewer than all 2 columns"),
        ([0], [np.nan], "finite"),
        ([0], [1.0, 2.0], "1 columns and 2 values"),
        ([0], ["high"], "values must be numbers, got \\['high'\\]"),
        ([2], [1.0], "distinct and in 0 to 1"),
        ([], [], "distinct"),
    ],
)
def test_conditions_that_make_no_sense_are_refused(dims, values, message):
    with pytest.raises(ValueError, match=message):
        Mixture(**GOOD).conditional(dims, values)


def test_a_condition_so_far_away_that_means_overflow_is_refused():
    steep = Mixture([1.0], [[0.0, 0.0]], [[[1.0, 3.0], [3.0, 10.0]]])
    with pytest.raises(ValueError, match=r"at the values \[1\.7e\+308\].*beyond float64"):
        steep.conditional([0], [1.7e308])


def test_far_away_the_component_with_the_heaviest_tail_decides():
    mixture = Mixture([0.99, 0.01], [[0, 0], [3, 5]], [np.eye(2), [[4.0, 2.0], [2.0, 3.0]]])
    for value in (1e6, 1e155, 1e200, -1e300):
        given = mixture.conditional([0], [value])
        np.testing.assert_allclose(given.means, [[5 + 0.5 * (value - 3)]], rtol=1e-14)
        np.testing.assert_allclose(given.covariances, [[[3.0 - 1.0]]], rtol=1e-14)


@pytest.mark.parametrize("n", [1.5, 2.0, -1, "3", None, True])
def test_a_sample_that_can_not_be_drawn_is_refused_in_words(n):
    mixture, rng = Mixture(**GOOD), np.random.default_rng(0)
    with pytest.raises(ValueError, match=f"whole number of 0 or more, got {n!r}"):
        mixture.sample(n, rng)
    model = GaussianMixture(2).fit(mixture.sample(50, rng)[0])
    with pytest.raises(ValueError, match="n_samples"):
        model.sample(n)


def test_a_sample_may_be_empty():
    x, labels = Mixture(**GOOD).sample(np.int64(0), np.random.default_rng(0))
    assert x.shape == (0, 2)
    assert labels.shape == (0,)


def test_a_marginal_keeps_the_order_asked_for():
    mixture = Mixture(**GOOD).marginal([1, 0])
    np.testing.assert_array_equal(mixture.means, [[1.0, 0.0], [3.0, 2.0]])
    np.testing.assert_array_equal(mixture.covariances[0], [[2.0, 0.5], [0.5, 1.0]])
    with pytest.raises(ValueError, match="distinct"):
        Mixture(**GOOD).marginal([0, 0])


def test_an_affine_map_of_the_wrong_shape_is_refused():
    with pytest.raises(ValueError, match=r"matrix \(E, 2\)"):
        Mixture(**GOOD).affine(np.eye(3), np.zeros(3))
    with pytest.raises(ValueError, match="not positive definite"):
        Mixture(**GOOD).affine(np.ones((2, 2)), np.zeros(2))


def test_components_without_weight_drop_out_of_a_conditional():
    far = Mixture([0.5, 0.5], [[0.0, 0.0], [1e4, 7.0]], [np.eye(2)] * 2)
    given = far.conditional([0], [0.0])
    assert given.n_components == 1
    assert given.means[0, 0] == 0.0


def test_printed_it_is_short_and_says_what_it_is():
    assert repr(Mixture(**GOOD)).splitlines() == [
        "Mixture of 2 components in 2 columns",
        "  0: weight 0.25, mean [0, 1], sd [1, 1.414]",
        "  1: weight 0.75, mean [2, 3], sd [1, 1]",
    ]
    assert repr(Mixture([1.0], [[0.0]], [[[4.0]]])).startswith(
        "Mixture of 1 component in 1 column\n"
    )
    many = Mixture(np.full(40, 1 / 40), np.zeros((40, 30)), np.repeat(np.eye(30)[None], 40, axis=0))
    lines = repr(many).splitlines()
    assert len(lines) == 14
    assert max(map(len, lines)) < 150

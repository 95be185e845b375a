"""What edits do beyond the laws: defaults, structures, and refusals that say what is allowed."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from core_help import cloud

from gmm_widget.core.edits import (
    add,
    conform,
    conform_after_edit,
    merge,
    remove,
    set_covariance,
    set_marginal,
    set_mean,
    set_weight,
    split,
)
from gmm_widget.core.mixture import Mixture
from gmm_widget.core.split_merge import closest_pair
from gmm_widget.core.structure import STRUCTURES, structure

_, MIXTURE = cloud(40, 3, 3)
SINGLE = Mixture([1.0], [[0.0, 0.0]], [[[4.0, 0.0], [0.0, 1.0]]])


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (lambda: set_mean(MIXTURE, 3, [0, 0, 0]), "no component 3; there are 0 to 2"),
        (lambda: set_mean(MIXTURE, -1, [0, 0, 0]), "no component -1"),
        (lambda: set_mean(MIXTURE, 0, [0, 0]), r"mean must be 3 finite numbers, got \[0, 0\]"),
        (lambda: set_mean(MIXTURE, 0, [0, np.nan, 0]), "3 finite numbers"),
        (
            lambda: set_covariance(MIXTURE, 0, np.eye(2)),
            r"covariance must have shape \(3, 3\), got \(2, 2\)",
        ),
        (lambda: set_covariance(MIXTURE, 1, -np.eye(3)), "must be symmetric and positive definite"),
        (lambda: set_marginal(MIXTURE, 0, [0, 3], [0, 0]), "distinct and in 0 to 2"),
        (lambda: set_marginal(MIXTURE, 0, [1, 1], [0, 0]), "distinct"),
        (
            lambda: set_marginal(MIXTURE, 0, [0, 1], [0]),
            r"mean must be 2 finite numbers, got \[0\]",
        ),
        (
            lambda: set_marginal(MIXTURE, 2, [0, 1], covariance=[[1, 2], [2, 1]]),
            "must be symmetric and positive definite",
        ),
        (
            lambda: set_marginal(MIXTURE, 2, [0, 1], covariance=[[1, 2], [0, 5]]),
            "must be symmetric and positive definite",
        ),
        (lambda: set_weight(MIXTURE, 0, 1.0), r"between 0 and 1 \(exclusive\), got 1.0"),
        (lambda: set_weight(MIXTURE, 0, 0.0), r"between 0 and 1 \(exclusive\), got 0.0"),
        (lambda: set_weight(SINGLE, 0, 0.5), "weight of a single component is 1"),
        (lambda: add(MIXTURE, [0, 0, 0], weight=1.0), r"between 0 and 1 \(exclusive\), got 1.0"),
        (lambda: add(MIXTURE, [0, 0]), "3 finite numbers"),
        (lambda: add(MIXTURE, "here"), "mean must be 3 finite numbers, got 'here'"),
        (lambda: set_mean(MIXTURE, 0, [[0], [1, 2]]), "3 finite numbers"),
        (lambda: set_covariance(MIXTURE, 0, [["a"] * 3] * 3), "3 rows of 3 numbers"),
        (lambda: set_weight(MIXTURE, 0, "x"), "between 0 and 1 .*, got 'x'"),
        (lambda: set_weight(MIXTURE, 0, True), "between 0 and 1 .*, got True"),
        (lambda: remove(SINGLE, 0), "at least one component"),
        (lambda: merge(MIXTURE, 1, 1), "can't be merged with itself"),
        (lambda: merge(MIXTURE, 1, 5), "no component 5"),
        (lambda: split(MIXTURE, 7), "no component 7"),
        (lambda: closest_pair(SINGLE), "single component"),
    ],
)
def test_what_can_not_be_done_is_refused_with_what_can(edit, message):
    with pytest.raises(ValueError, match=message):
        edit()


def test_a_component_added_has_the_mean_shape_of_the_rest():
    bigger = add(MIXTURE, [1, 2, 3])
    assert bigger.n_components == 4
    assert bigger.weights[3] == 0.25
    pooled = np.einsum("k,kij->ij", MIXTURE.weights, MIXTURE.covariances)
    np.testing.assert_allclose(bigger.covariances[3], pooled, rtol=1e-14)
    np.testing.assert_allclose(bigger.weights[:3] / 0.75, MIXTURE.weights, rtol=1e-14)
    assert remove(bigger, 3).means.tolist() == MIXTURE.means.tolist()


def test_weights_keep_their_proportions_when_one_is_set():
    w = set_weight(MIXTURE, 1, 0.9).weights
    assert w[1] == 0.9
    assert w[0] / w[2] == pytest.approx(MIXTURE.weights[0] / MIXTURE.weights[2])


def test_a_split_is_across_the_longest_axis():
    both = add(SINGLE, [0.0, 3.0], np.eye(2), 0.5)
    halves = split(both, 0)
    gap = halves.means[2] - halves.means[0]
    np.testing.assert_allclose(np.abs(gap), [2 * 2 * np.sqrt(2 / np.pi), 0], atol=1e-12)
    other_units = np.diag([1e-3, 1e6])
    stretched = split(both.affine(other_units, np.zeros(2)), 0)
    np.testing.assert_allclose(
        np.sort(stretched.means, axis=0), np.sort(halves.means @ other_units, axis=0), atol=1e-9
    )


@pytest.mark.parametrize("name", STRUCTURES)
def test_the_component_under_the_hand_keeps_its_shape_where_allowed(name):
    start = conform(MIXTURE, structure(name))
    edited = set_covariance(start, 1, np.diag([9.0, 9.0, 9.0]))
    shared = conform_after_edit(edited, 1, structure(name))
    np.testing.assert_allclose(shared.covariances[1], np.diag([9.0, 9.0, 9.0]), rtol=1e-13)
    others = shared.covariances[[0, 2]]
    if structure(name).shared:
        np.testing.assert_array_equal(others, shared.covariances[[1, 1]])
    else:
        np.testing.assert_array_equal(others, start.covariances[[0, 2]])
    assert conform_after_edit(shared, 1, structure(name)) == shared


def test_a_sphere_follows_the_hand_in_the_plane_that_it_shows():
    spheres = conform(MIXTURE, structure("spherical"))
    dragged = set_marginal(spheres, 0, [2, 0], covariance=np.diag([16.0, 4.0]))
    np.testing.assert_allclose(
        conform_after_edit(dragged, 0, structure("spherical"), [2, 0]).covariances[0],
        10 * np.eye(3),
    )
    tied = conform_after_edit(
        set_marginal(MIXTURE, 0, [0, 1], covariance=np.eye(2)), 0, structure("tied"), [0, 1]
    )
    np.testing.assert_allclose(tied.covariances[2][:2, :2], np.eye(2), atol=1e-15)
    with pytest.raises(ValueError, match="distinct and in 0 to 2"):
        conform_after_edit(MIXTURE, 0, structure("full"), [0, 5])


def test_a_pair_is_closest_when_its_merger_loses_least():
    rng = np.random.default_rng(3)
    a = rng.standard_normal((5, 2, 2))
    mixture = Mixture(
        np.full(5, 0.2), 3 * rng.standard_normal((5, 2)), a @ a.transpose(0, 2, 1) + np.eye(2)
    )

    def loss(i, j):
        merged = merge(mixture, i, j)
        pieces = (0.2 * np.linalg.slogdet(mixture.covariances[k])[1] for k in (i, j))
        return 0.4 * np.linalg.slogdet(merged.covariances[i])[1] - sum(pieces)

    pairs = list(itertools.combinations(range(5), 2))
    assert closest_pair(mixture) == min(pairs, key=lambda pair: loss(*pair))

"""Starts: the right number of components on distinct points, whatever the method."""

from __future__ import annotations

import numpy as np
import pytest
from core_help import cloud

from gmm_widget.core.e_step import e_step
from gmm_widget.core.em import em
from gmm_widget.core.initialise import from_labels, from_responsibilities, initial_mixture
from gmm_widget.core.points import Points
from gmm_widget.core.structure import STRUCTURES, structure

each_method = pytest.mark.parametrize("method", ["k-means++", "kmeans", "random"])
each_structure = pytest.mark.parametrize("name", STRUCTURES)


@each_method
@each_structure
def test_a_start_obeys_its_structure_and_its_seed(name, method):
    x, _ = cloud(400, 3, 4)
    chosen = structure(name)
    one, same, other = (
        initial_mixture(Points.of(x), 4, chosen, method, np.random.default_rng(seed))
        for seed in (1, 1, 2)
    )
    assert one == same
    assert one != other
    assert one.n_components == 4
    if chosen.shared:
        assert (one.covariances == one.covariances[0]).all()
    if name in ("diag", "spherical"):
        assert (one.covariances[:, ~np.eye(3, dtype=bool)] == 0).all()
    if name == "spherical":
        sides = np.einsum("kii->ki", one.covariances)
        np.testing.assert_allclose(sides, sides[:, :1].repeat(3, axis=1), rtol=1e-13)


@pytest.mark.parametrize("method", ["k-means++", "kmeans"])
def test_clusters_far_apart_are_all_found(method):
    rng = np.random.default_rng(0)
    centres = rng.uniform(-100, 100, (6, 2)) * [1, 1e6]
    x = centres[rng.integers(6, size=40_000)] + rng.normal(size=(40_000, 2)) * [0.3, 3e5]
    points, full = Points.of(x), structure("full")
    best = max(
        (
            initial_mixture(points, 6, full, method, np.random.default_rng(seed))
            for seed in range(3)
        ),
        key=lambda first: e_step(points, first).log_likelihood,
    )
    *_, fit = em(points, best, full, max_steps=5)
    found, exact = (m[np.argsort(m[:, 0])] for m in (fit.mixture.means, centres))
    np.testing.assert_allclose(found / [1, 1e6], exact / [1, 1e6], atol=0.02)


@each_method
def test_rows_without_weight_are_never_seeds(method):
    x = np.concatenate([np.zeros((50, 1)), np.ones((50, 1)), np.full((900, 1), 9.0)])
    weight = np.r_[np.ones(100), np.zeros(900)]
    for seed in range(5):
        found = initial_mixture(
            Points.of(x, weight), 2, structure("full"), method, np.random.default_rng(seed)
        )
        np.testing.assert_allclose(np.sort(found.means[:, 0]), [0, 1], atol=1e-12)


@each_method
def test_as_many_components_as_points(method):
    x = np.array([[0.0, 0.0], [1.0, 5.0], [3.0, 2.0]])
    found = initial_mixture(Points.of(x), 3, structure("full"), method, np.random.default_rng(0))
    np.testing.assert_allclose(found.means[np.argsort(found.means[:, 0])], x, atol=1e-12)


@pytest.mark.parametrize(
    ("k", "method", "message"),
    [
        (2, "kmeans++", "'kmeans\\+\\+'; choose one of k-means\\+\\+, kmeans, random"),
        (0, "random", "must be 1 or more; got 0"),
        (1.5, "random", "must be 1 or more; got 1.5"),
        (
            4,
            "k-means++",
            "4 components need 4 distinct points, but there are only 3; ask for fewer",
        ),
        (4, "random", "only 3"),
    ],
)
def test_what_can_not_be_started_is_refused(k, method, message):
    x = np.repeat([[0.0, 0.0], [1.0, 5.0], [3.0, 2.0]], 40, axis=0)
    with pytest.raises(ValueError, match=message):
        initial_mixture(Points.of(x), k, structure("full"), method)


def test_distinct_points_that_are_rare_are_not_overlooked():
    x = np.zeros((50_000, 2))
    x[[7, 25_000, 49_000]] = [[1.0, 2.0], [5.0, 1.0], [4.0, 4.0]]
    assert initial_mixture(Points.of(x), 4, structure("full")).n_components == 4


@each_structure
def test_labels_give_the_moments_of_the_groups(name):
    x, mixture = cloud(20_000, 2, 3)
    labels = mixture.responsibilities(x).argmax(axis=1)
    weight = np.random.default_rng(0).uniform(0.5, 2, len(x))
    found = from_labels(Points.of(x, weight), labels, structure(name))
    groups = [labels == k for k in range(3)]
    total = [weight[g].sum() for g in groups]
    np.testing.assert_allclose(found.weights, total / np.sum(total), rtol=1e-12)
    np.testing.assert_allclose(
        found.means, [np.average(x[g], axis=0, weights=weight[g]) for g in groups], rtol=1e-10
    )
    if name == "full":
        exact = [np.cov(x[g].T, aweights=weight[g], ddof=0) for g in groups]
        np.testing.assert_allclose(found.covariances, exact, rtol=1e-4, atol=1e-4)
    same = from_responsibilities(Points.of(x, weight), np.eye(3)[labels], structure(name))
    assert same == found


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ([0, 1], r"6 integers, one a row; got shape \(2,\)"),
        ([0.0, 1.0, 0.0, 1.0, 0.0, 1.0], "6 integers.*float64"),
        ([0, 1, 0, -1, 0, 1], "row 3 has -1"),
        ([0, 2, 0, 2, 0, 2], "no row of any weight has the label 1; number the groups 0 to 1"),
    ],
)
def test_labels_that_are_no_groups_are_refused(labels, message):
    with pytest.raises(ValueError, match=message):
        from_labels(Points.of(np.arange(12.0).reshape(6, 2)), labels, structure("full"))


@pytest.mark.parametrize(
    ("r", "message"),
    [
        (np.ones((5, 2)) / 2, r"shape \(6, K\); got \(5, 2\)"),
        (np.ones(6), r"got \(6,\)"),
        (np.ones((6, 2)), "sum to 1 in each row; row 0 has"),
        (np.array([[0.5, 0.5]] * 5 + [[2.0, -1.0]]), "row 5 has"),
        (np.array([[0.5, 0.5]] * 4 + [[np.nan, 1.0]] * 2), "row 4 has"),
    ],
)
def test_responsibilities_that_are_none_are_refused(r, message):
    with pytest.raises(ValueError, match=message):
        from_responsibilities(Points.of(np.arange(12.0).reshape(6, 2)), r, structure("full"))


@pytest.mark.parametrize("method", ["kmeans", "k-means++"])
@pytest.mark.parametrize("seed", range(4))
def test_no_group_of_many_is_left_without_a_start(method, seed):
    """Twenty groups in seven columns: EM from this start reaches what it reaches from the truth."""
    rng = np.random.default_rng(seed)
    means, variances = rng.normal(0, 4, (20, 7)), rng.uniform(0.2, 3, (20, 7))
    labels = rng.integers(20, size=3000)
    x = means[labels] + rng.standard_normal((3000, 7)) * np.sqrt(variances[labels])
    points = Points.of(x)
    full = structure("full")
    start = initial_mixture(points, 20, full, method, np.random.default_rng(seed))
    *_, best = em(points, from_labels(points, labels, full), full)
    *_, reached = em(points, start, full)
    assert reached.log_likelihood > best.log_likelihood - 1

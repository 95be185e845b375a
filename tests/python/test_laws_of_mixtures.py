"""Laws of mixtures as such: densities, samples, and what an edit leaves unchanged.

Densities are also held to `fixtures/mixture.json`, which the front end reads as well and which was
made without either.
"""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from law_help import assert_alike, law, mixtures, problems, seeds, some_mixture

from gmm_widget.core.e_step import e_step
from gmm_widget.core.edits import (
    add,
    merge,
    remove,
    set_covariance,
    set_marginal,
    set_mean,
    set_weight,
    split,
)
from gmm_widget.core.mixture import Mixture
from gmm_widget.core.points import Points
from tests.fixtures import make

CASES = json.loads(make.FILE.read_text(encoding="utf-8"))["cases"]
each_case = pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])


@each_case
def test_densities_are_those_of_the_fixture(case):
    mixture, x = Mixture.from_json(case["mixture"]), np.array(case["points"])
    size = 1 + np.abs(case["log_density"])
    density = (mixture.log_density(x) - case["log_density"]) / size
    share = (mixture.responsibilities(x) - case["responsibilities"]) / size[:, None]
    value = e_step(Points.of(x), mixture).log_likelihood - case["log_likelihood"]
    assert np.abs(density).max() <= case["tolerance"]
    assert np.abs(share).max() <= case["tolerance"]
    assert abs(value) <= case["tolerance"] * size.sum()


@each_case
def test_the_fixture_is_what_make_makes(case):
    case = dict(case)  # other tests read it too
    again = make.case(case["name"], case["mixture"], case["points"])
    for was, now in zip(case.pop("ellipses"), again.pop("ellipses"), strict=True):
        assert now["semi_axes"] == was["semi_axes"]
        # atan2 is the C library's, which may be an ulp off; a circle has no angle.
        assert now["angle"] == was["angle"] or now["angle"] == pytest.approx(was["angle"])
    assert again.pop("tolerance") == pytest.approx(case.pop("tolerance"))
    assert again == case


@law
@given(problems())
def test_responsibilities_sum_to_one_and_add_up_to_the_e_step(problem):
    mixture, x, found = problem.mixture, problem.x, problem.expectation()
    weight = np.ones(len(x)) if problem.weight is None else problem.weight
    r = mixture.responsibilities(x)
    assert r.min() >= 0
    np.testing.assert_allclose(r.sum(axis=1), 1, rtol=1e-14)
    np.testing.assert_allclose(found.moments.counts, weight @ r, rtol=1e-10, atol=1e-12)
    total = weight @ mixture.log_density(x)
    for eps in (0.0, 1e-6, 1e-2):
        assert problem.expectation(eps).log_likelihood == pytest.approx(total, rel=1e-12)
    certainty = weight @ np.log(r.max(axis=1))
    assert found.log_max_responsibility == pytest.approx(certainty, rel=1e-9, abs=1e-9)


@law
@given(seeds, st.integers(1, 3), st.floats(0, 7), st.floats(0, 7))
def test_the_e_step_is_as_exact_for_narrow_components(seed, d, narrow, thin):
    rng = np.random.default_rng(seed)
    covariances = some_mixture(rng, 3, d).covariances.copy()
    covariances[0] *= 10.0 ** (-2 * narrow)
    covariances[1, 0] *= 10.0**-thin
    covariances[1, :, 0] *= 10.0**-thin
    mixture = Mixture([0.3, 0.3, 0.4], 3 * rng.standard_normal((3, d)), covariances)
    x, _ = mixture.sample(300, rng)
    found, density = e_step(Points.of(x), mixture, regularisation=0), mixture.log_density(x)
    assert abs(found.log_likelihood - density.sum()) < 1e-9 * (300 + np.abs(density).sum())
    r, frame = mixture.responsibilities(x), Points.of(x).frame
    got = frame.covariances_out(found.moments.covariances())
    for k in range(3):
        mean = r[:, k] @ x / r[:, k].sum()
        exact = (r[:, k : k + 1] * (x - mean)).T @ (x - mean) / r[:, k].sum()
        sd = np.sqrt(np.diag(exact))
        assert np.abs((got[k] - exact) / sd[:, None] / sd).max() < 1e-8


@pytest.mark.parametrize("seed", range(6))
def test_samples_have_the_moments_of_the_mixture(seed):
    n, mixture = 40_000, some_mixture(np.random.default_rng(seed), 1 + seed % 3, 1 + seed % 4)
    x, labels = mixture.sample(n, np.random.default_rng(100 + seed))
    share = np.bincount(labels, minlength=mixture.n_components) / n
    w = mixture.weights
    assert (np.abs(share - w) <= 6 * np.sqrt(w * (1 - w) / n)).all()
    for k, (mean, covariance) in enumerate(zip(mixture.means, mixture.covariances, strict=True)):
        y = x[labels == k] - mean
        products = y[:, :, None] * y[:, None, :]
        error = np.sqrt(np.diag(covariance) / len(y))
        assert (np.abs(y.mean(axis=0)) <= 6 * error).all()
        # Var(y_i y_j) = C_ii C_jj + C_ij^2 for a Gaussian (Isserlis 1918).
        variance = np.multiply.outer(np.diag(covariance), np.diag(covariance)) + covariance**2
        assert (np.abs(products.mean(axis=0) - covariance) <= 6 * np.sqrt(variance / len(y))).all()


@law
@given(mixtures(least_d=2), seeds)
def test_a_density_is_its_marginal_times_its_conditional(mixture, seed):
    rng = np.random.default_rng(seed)
    x = mixture.sample(5, rng)[0]
    dims = rng.permutation(mixture.n_features)[: rng.integers(1, mixture.n_features)]
    rest = [i for i in range(mixture.n_features) if i not in dims]
    for row in x:
        conditional = mixture.conditional(dims, row[dims]).log_density(row[None, rest])
        marginal = mixture.marginal(dims).log_density(row[None, dims])
        assert conditional + marginal == pytest.approx(mixture.log_density(row[None]), abs=1e-9)


def random_marginal(mixture: Mixture, seed: int) -> tuple[list[int], np.ndarray, np.ndarray]:
    """Two columns, and a new mean and covariance there, up to a thousand times wider or thinner."""
    rng = np.random.default_rng(seed)
    dims = rng.permutation(mixture.n_features)[:2].tolist()
    a = rng.standard_normal((2, 2)) * 10 ** rng.uniform(-3, 3, 2)[:, None]
    return dims, 10 * rng.standard_normal(2), a @ a.T + 1e-3 * np.diag(np.diag(a @ a.T))


@law
@given(mixtures(least_d=2), seeds)
def test_a_place_is_positive_definite_and_placing_back_restores(mixture, seed):
    dims, mean, covariance = random_marginal(mixture, seed)
    i = seed % mixture.n_components
    placed = set_marginal(mixture, i, dims, mean, covariance)
    sd = np.sqrt(np.einsum("kii->ki", placed.covariances))
    assert np.linalg.eigvalsh(placed.covariances / sd[:, :, None] / sd[:, None, :]).min() > 0
    there = placed.marginal(dims)
    np.testing.assert_allclose(there.means[i], mean, rtol=1e-13)
    np.testing.assert_allclose(there.covariances[i], covariance, rtol=1e-13)
    others = np.arange(mixture.n_components) != i
    assert np.array_equal(placed.covariances[others], mixture.covariances[others])
    assert np.array_equal(placed.means[others], mixture.means[others])
    old = mixture.marginal(dims)
    back = set_marginal(placed, i, dims, old.means[i], old.covariances[i])
    assert_alike(back, mixture, 1e-5)


@law
@given(mixtures(least_d=3), seeds)
def test_a_place_keeps_the_regression_of_the_rest(mixture, seed):
    dims, mean, covariance = random_marginal(mixture, seed)
    placed = set_marginal(mixture, 0, dims, mean, covariance)
    rest = [i for i in range(mixture.n_features) if i not in dims]
    old, new = mixture.covariances[0], placed.covariances[0]
    slope = old[np.ix_(rest, dims)] @ np.linalg.inv(old[np.ix_(dims, dims)])
    follow = mixture.means[0, rest] + slope @ (mean - mixture.means[0, dims])
    np.testing.assert_allclose(placed.means[0, rest], follow, rtol=1e-9, atol=1e-9)
    wide = 1 + np.abs(slope).sum() * np.abs(covariance).max()
    np.testing.assert_allclose(new[np.ix_(rest, dims)], slope @ covariance, atol=1e-12 * wide)
    left = [c[np.ix_(rest, rest)] - slope @ c[np.ix_(dims, rest)] for c in (old, new)]
    np.testing.assert_allclose(left[1], left[0], atol=1e-11 * wide * (1 + np.abs(slope).sum()))


@law
@given(mixtures(least_d=4), seeds)
@example(some_mixture(np.random.default_rng(9), 1, 4), 9)
@example(some_mixture(np.random.default_rng(694), 1, 4), 694)
def test_a_stretched_component_still_has_a_conditional(mixture, seed):
    dims, mean, covariance = random_marginal(mixture, seed)
    placed = set_marginal(mixture, 0, dims, mean, covariance)
    alone, moved = (Mixture([1.0], m.means[:1], m.covariances[:1]) for m in (mixture, placed))
    assert_alike(moved.conditional(dims, mean), alone.conditional(dims, mean), 1e-5)


def whole(mixture: Mixture) -> Mixture:
    """The one Gaussian that has the mixture's mean and covariance."""
    mean = mixture.weights @ mixture.means
    y = mixture.means - mean
    spread = mixture.covariances + y[:, :, None] * y[:, None, :]
    return Mixture([1.0], mean[None], np.einsum("k,kij->ij", mixture.weights, spread)[None])


@law
@given(mixtures(least_k=2), seeds)
def test_splits_and_mergers_keep_the_moments_and_undo_each_other(mixture, seed):
    k = mixture.n_components
    i = seed % k
    halves = split(mixture, i)
    assert halves.n_components == k + 1
    assert_alike(whole(halves), whole(mixture), 1e-11)
    assert_alike(merge(halves, i, k), mixture, 1e-11)
    assert_alike(whole(merge(mixture, i, (i + 1) % k)), whole(mixture), 1e-11)


@law
@given(mixtures(least_k=2, least_d=2), seeds, st.floats(-7, 7), st.floats(1e-6, 1 - 1e-6))
def test_every_other_edit_can_be_taken_back(mixture, seed, angle, weight):
    rng, i = np.random.default_rng(seed), seed % mixture.n_components
    other = some_mixture(rng, 1, mixture.n_features)
    mean, covariance = other.means[0], other.covariances[0]
    dims = rng.permutation(mixture.n_features)[:2].tolist()
    c, s = np.cos(angle), np.sin(angle)
    rotation = np.array([[c, -s], [s, c]])
    old = mixture.covariances[i][np.ix_(dims, dims)]
    turned = set_marginal(mixture, i, dims, covariance=rotation @ old @ rotation.T)
    turned = set_marginal(turned, i, dims, covariance=old)
    moved = set_mean(set_mean(mixture, i, mean), i, mixture.means[i])
    shaped = set_covariance(set_covariance(mixture, i, covariance), i, mixture.covariances[i])
    weighed = set_weight(set_weight(mixture, i, weight), i, mixture.weights[i])
    removed = remove(add(mixture, mean, covariance, weight), mixture.n_components)
    assert moved == mixture
    assert shaped == mixture
    for restored in (turned, weighed, removed):
        assert_alike(restored, mixture, 1e-8)

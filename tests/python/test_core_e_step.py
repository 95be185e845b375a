"""The E-step: right at every size of data, by natural parameters and by whitening."""

from __future__ import annotations

import numpy as np
import pytest
from core_help import assert_same, at_ratio, cloud, dense
from scipy.stats import multivariate_normal

from gmm_widget.core.e_step import e_step
from gmm_widget.core.mixture import Mixture
from gmm_widget.core.passes import block_kernel, blocks, prepared_mixture
from gmm_widget.core.points import Points


@pytest.mark.parametrize("d", [1, 2, 3, 8, 17])
@pytest.mark.parametrize("n", [1, 7, 8, 9, 500])
def test_agrees_with_the_dense_answer(n, d):
    x, mixture = cloud(max(n, 40), d, 3)
    found = e_step(Points.of(x), mixture)
    assert_same(found, dense(x, mixture), 1e-11)
    few = e_step(Points.of(x[:n]), mixture).log_likelihood
    assert few == pytest.approx(mixture.log_density(x[:n]).sum(), rel=1e-12)


def test_agrees_with_scipy():
    x, mixture = cloud(300, 3, 4)
    parts = zip(mixture.weights, mixture.means, mixture.covariances, strict=True)
    density = sum(w * multivariate_normal(m, c).pdf(x) for w, m, c in parts)
    total = e_step(Points.of(x), mixture).log_likelihood
    assert total == pytest.approx(np.log(density).sum(), rel=1e-12)


def test_a_block_has_rows_however_much_one_row_takes():
    for n, d, natural, whitened in ((5, 4000, 0, 200), (10**6, 4000, 0, 200), (10**6, 1, 10**6, 0)):
        layout = block_kernel.shape_for(n, d, natural, whitened, 0).layout
        assert layout.ranges(n)[-1][1] == n
        assert 8 <= layout.m * layout.b <= max(64, n)


def rows_of_a_block(n, d, k):
    layout = block_kernel.shape_for(n, d, k, 0, 0).layout
    return layout.m * layout.b


@pytest.mark.parametrize("few", [0, 1 << 15])
@pytest.mark.parametrize("extra", [-9, -1, 0, 1, 8, 1000])
@pytest.mark.parametrize(("d", "k", "parts"), [(2, 5, 1), (2, 5, 3), (8, 10, 1), (20, 6, 2)])
def test_agrees_around_the_edges_of_blocks(d, k, parts, extra, few, monkeypatch):
    monkeypatch.setattr(blocks, "_MAX_CACHED_ROWS", few)
    x, mixture = cloud(parts * rows_of_a_block(10**6, d, k) + extra, d, k)
    counts = np.array([mixture.responsibilities(part).sum(axis=0) for part in np.array_split(x, 9)])
    found = e_step(Points.of(x), mixture)
    np.testing.assert_allclose(found.moments.counts, counts.sum(axis=0), rtol=1e-11)
    assert found.log_likelihood == pytest.approx(mixture.log_density(x).sum(), rel=1e-12)


@pytest.mark.parametrize("n_whitened", [0, 1, 3])
def test_agrees_with_weights_in_every_way_of_evaluation(n_whitened):
    rng = np.random.default_rng(5)
    ratio = {0: 3.0, 1: 2000.0, 3: 2000.0}[n_whitened]
    mixture = at_ratio(ratio, 2, rng)
    if n_whitened == 3:
        mixture = Mixture(mixture.weights, mixture.means, mixture.covariances[[0, 1, 0]])
    x, _ = mixture.sample(700, rng)
    weight = rng.integers(0, 4, 700) / 2
    assert_same(e_step(Points.of(x, weight), mixture), dense(x, mixture, weight), 1e-9)


@pytest.mark.parametrize("d", [1, 2, 8])
@pytest.mark.parametrize("octaves", [-10, -3, -0.5, 0.5, 3, 10, 20])
def test_narrow_components_on_both_sides_of_the_threshold(octaves, d):
    rng = np.random.default_rng(1)
    mixture = at_ratio(np.sqrt(prepared_mixture.MAX_CONDITIONING * 2.0**octaves), d, rng)
    x, _ = mixture.sample(2000, rng)
    assert_same(e_step(Points.of(x), mixture), dense(x, mixture), 1e-9)


@pytest.mark.parametrize("side", [0.0, np.inf])
def test_both_ways_of_evaluation_agree_where_both_are_good(side, monkeypatch):
    x, mixture = cloud(3000, 3, 4)
    monkeypatch.setattr(prepared_mixture, "MAX_CONDITIONING", side)
    assert_same(e_step(Points.of(x), mixture), dense(x, mixture), 1e-11)


def test_without_the_switch_narrow_components_would_be_wrong(monkeypatch):
    rng = np.random.default_rng(1)
    mixture = at_ratio(1e6, 2, rng)
    x, _ = mixture.sample(2000, rng)
    monkeypatch.setattr(prepared_mixture, "MAX_CONDITIONING", np.inf)
    with pytest.raises(AssertionError, match="covariances"):
        assert_same(e_step(Points.of(x), mixture), dense(x, mixture), 1e-6)


def test_moments_of_a_wide_component_on_narrow_points_are_gathered_again():
    rng = np.random.default_rng(2)
    x = np.concatenate([rng.normal(3, 1e-5, (400, 2)), rng.normal(-2, 1e-5, (300, 2))])
    mixture = Mixture([0.5, 0.5], [[2, 2], [-2, -2]], [np.eye(2), np.eye(2)])
    assert_same(e_step(Points.of(x), mixture), dense(x, mixture), 1e-9)


@pytest.mark.parametrize("width", [0.02, 0.014, 0.012, 0.011, 0.0105, 0.01])
def test_a_column_of_two_values_is_gathered_however_little_of_the_other_leaks_in(width):
    """A part of a row as small as 1e-20: its spread drowns where it is gathered first."""
    for seed in range(40, 60):
        rng = np.random.default_rng(seed)
        two = np.where(rng.random(50) < 0.5, 3.1, 3.0)
        first = np.round(rng.normal(17.4, 0.1, 50), 1)
        x = np.column_stack([first, two, 200 * rng.normal(size=50)])
        shapes = [np.diag([5e-3, width**2, 2e4]), np.diag([6e-3, (1.15 * width) ** 2, 3e4])]
        mixture = Mixture([0.5, 0.5], [[17.4, 3.1, 10], [17.5, 3.0, 0]], shapes)
        found, answer = e_step(Points.of(x), mixture), dense(x, mixture)
        covariances = found.points.frame.covariances_out(found.moments.covariances())
        for ours, true in zip(covariances, answer.covariances, strict=True):
            sd = np.maximum(np.sqrt(np.diag(true)), [0, 1e-14, 0])  # 3.1 itself is rounded so
            np.testing.assert_allclose(ours / np.outer(sd, sd), true / np.outer(sd, sd), atol=1e-6)


def test_many_columns_are_whitened():
    x, mixture = cloud(900, prepared_mixture.MAX_NATURAL_COLUMNS + 2, 2)
    assert_same(e_step(Points.of(x), mixture), dense(x, mixture), 1e-10)


def test_points_far_from_every_component_keep_their_density():
    mixture = Mixture([0.5, 0.5], [[0, 0], [1, 0]], [np.eye(2), 2 * np.eye(2)])
    x = np.array([[0.0, 0.0], [1e5, 0.0], [0.0, -3e4], [40.0, 1.0], [1.0, 1.0]])
    assert_same(e_step(Points.of(x), mixture), dense(x, mixture), 1e-11)


@pytest.mark.parametrize("far", [0, 25, 60, 150])
@pytest.mark.parametrize("weighted", [False, True])
def test_points_far_from_the_reference(far, weighted):
    """Others are compared with one that reaches the points on the whole, but not each of them."""
    rng = np.random.default_rng(3)
    shapes = [np.diag([1.0, 4.0]), np.diag([9.0, 1.0]), 0.01 * np.eye(2)]
    mixture = Mixture([0.3, 0.3, 0.4], [[0, 0], [1, 0], [1, 1]], shapes)
    x = np.concatenate([mixture.sample(4000, rng)[0], [[far, 0], [0, far], [-far, far]]])
    weight = rng.integers(0, 3, len(x)) / 2 if weighted else None
    points = Points.of(x, weight)
    prepared = prepared_mixture.PreparedMixture(points.frame, mixture, points.variance, 0.0)
    assert prepared.reference
    assert_same(e_step(points, mixture), dense(x, mixture, weight), 1e-11)


def test_separate_clusters_have_no_reference():
    rng = np.random.default_rng(4)
    mixture = Mixture([0.5, 0.5], [[0, 0], [60, 0]], [np.eye(2), np.eye(2)])
    x, _ = mixture.sample(3000, rng)
    points = Points.of(x)
    assert not prepared_mixture.PreparedMixture(
        points.frame, mixture, points.variance, 0.0
    ).reference
    assert_same(e_step(points, mixture), dense(x, mixture), 1e-11)


@pytest.mark.parametrize("eps", [1e-9, 1e-6, 1e-2, 3.0])
def test_objective_is_the_likelihood_less_what_the_blur_costs(eps):
    x, mixture = cloud(400, 3, 3)
    covariances = mixture.covariances.copy()
    covariances[0] *= 1e-3
    mixture = Mixture(mixture.weights, mixture.means, covariances)
    cost = eps / 2 * np.einsum("kii,i->k", np.linalg.inv(covariances), x.var(axis=0))
    joint = mixture.log_joint(x)
    with_cost = np.logaddexp.reduce(joint - cost, axis=1)
    found = e_step(Points.of(x), mixture, regularisation=eps)
    assert found.objective == pytest.approx(with_cost.sum(), rel=1e-11)
    assert found.log_likelihood == pytest.approx(mixture.log_density(x).sum(), rel=1e-11)
    r = np.exp(joint - cost - with_cost[:, None])
    np.testing.assert_allclose(found.moments.counts, r.sum(axis=0), rtol=1e-9, atol=1e-12)


def test_certainty_is_the_log_of_the_largest_responsibility():
    x, mixture = cloud(20_000, 2, 3)
    weight = np.random.default_rng(0).uniform(size=len(x))
    largest = np.log(mixture.responsibilities(x).max(axis=1))
    for w in (None, weight):
        found = e_step(Points.of(x, w), mixture).log_max_responsibility
        assert found == pytest.approx(largest.sum() if w is None else w @ largest, rel=1e-10)


@pytest.mark.parametrize("make", [np.asfortranarray, lambda x: x[::-1][::-1], np.ascontiguousarray])
def test_the_layout_of_the_input_does_not_matter(make):
    x, mixture = cloud(40_000, 2, 3)
    assert e_step(Points.of(make(x)), mixture).log_likelihood == pytest.approx(
        e_step(Points.of(x), mixture).log_likelihood, rel=1e-14
    )


def test_reads_a_file_that_is_mapped_into_memory(tmp_path):
    x, mixture = cloud(30_000, 2, 2)
    np.save(tmp_path / "x.npy", x)
    mapped = np.load(tmp_path / "x.npy", mmap_mode="r")
    one, other = (e_step(Points.of(rows), mixture).log_likelihood for rows in (mapped, x))
    assert one == other


def test_poll_is_called_between_blocks_and_may_abandon(monkeypatch):
    monkeypatch.setattr("gmm_widget.core.passes.threads.usable_cores", lambda: 1)
    x, mixture = cloud(100_000, 2, 5)
    points, calls = Points.of(x), []
    e_step(points, mixture, poll=lambda: calls.append(1))
    assert len(calls) == -(-points.n // rows_of_a_block(points.n, 2, 5)) > 3

    def enough():
        calls.append(1)
        if len(calls) > 2:
            raise TimeoutError

    calls.clear()
    with pytest.raises(TimeoutError):
        e_step(points, mixture, poll=enough)
    assert len(calls) == 3
    whole = e_step(points, mixture).log_likelihood
    assert whole == pytest.approx(mixture.log_density(x).sum(), rel=1e-12)


def test_refuses_points_of_other_columns_and_wrong_regularisation():
    x, mixture = cloud(50, 2, 2)
    with pytest.raises(ValueError, match="3 columns, but the mixture has 2"):
        e_step(Points.of(np.zeros((4, 3))), mixture)
    for eps in (-1e-6, np.nan, np.inf):
        with pytest.raises(ValueError, match="regularisation must be 0 or a positive number"):
            e_step(Points.of(x), mixture, regularisation=eps)


@pytest.mark.parametrize("n", [50, 700])
def test_no_points_are_taken_for_those_of_the_step_before(n):
    """Blocks of a few points are kept; points of the same shape, or gone since, are others."""
    mixture = cloud(100, 3, 4)[1]
    tables = [cloud(n, 3, 4, seed)[0] for seed in range(4)]
    for x in tables * 2:
        assert_same(e_step(Points.of(x), mixture), dense(x, mixture), 1e-11)
    kept = [Points.of(x) for x in tables]
    for points, x in zip(kept * 2, tables * 2, strict=True):
        assert_same(e_step(points, mixture), dense(x, mixture), 1e-11)


def test_a_second_pass_over_the_same_points_finds_the_same():
    rng = np.random.default_rng(5)
    for ratio in (3.0, 2000.0):
        mixture = at_ratio(ratio, 2, rng)
        points = Points.of(mixture.sample(700, rng)[0], rng.integers(0, 4, 700) / 2)
        first, second = (e_step(points, mixture, regularisation=1e-4) for _ in range(2))
        assert first.log_likelihood == second.log_likelihood
        assert first.moments.scatters.tobytes() == second.moments.scatters.tobytes()

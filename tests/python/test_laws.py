"""Laws that any correct EM for Gaussian mixtures obeys, for every structure and with weights.

What a change of units, of order or of bookkeeping must do to a fit, and what a step may never do.
"""

from __future__ import annotations

from functools import reduce
from itertools import pairwise

import numpy as np
import pytest
from hard_cases import TYPES
from hypothesis import given
from hypothesis import strategies as st
from law_help import Problem, assert_alike, law, mixtures, problems, seeds, some_mixture

from gmm_widget.core.e_step import e_step
from gmm_widget.core.edits import conform, conform_after_edit
from gmm_widget.core.em import em
from gmm_widget.core.errors import CollapseError
from gmm_widget.core.initialise import initial_mixture
from gmm_widget.core.locks import Locks
from gmm_widget.core.mixture import Mixture
from gmm_widget.core.moments import Moments
from gmm_widget.core.moments import merge as merged
from gmm_widget.core.points import Points
from gmm_widget.core.structure import structure


def rotation(rng: np.random.Generator, d: int) -> np.ndarray:
    return np.linalg.qr(rng.standard_normal((d, d)))[0]


def allowed_map(problem: Problem, regularised: bool) -> np.ndarray:
    """A matrix under which the problem's structure, and its regularisation, are preserved."""
    rng, d = problem.rng, problem.x.shape[1]
    axes = np.diag(10 ** rng.uniform(-6, 6, d) * rng.choice([-1, 1], d))
    if problem.name == "spherical":
        return abs(axes[0, 0]) * (np.eye(d) if regularised else rotation(rng, d))
    if problem.name == "diag" or regularised:
        return axes
    scales = np.diag(10 ** rng.uniform(-1, 1, d))
    return axes[0, 0] * rotation(rng, d) @ scales @ rotation(rng, d)


@law
@given(problems(), st.sampled_from([0.0, 1e-6, 1e-2]))
def test_affine_equivariance(problem, eps):
    a = allowed_map(problem, eps > 0)
    b = 10 * np.abs(a).sum(axis=1) * problem.rng.standard_normal(len(a))
    other = problem.mapped(a, b)
    assert_alike(other.step(eps), problem.step(eps).affine(a, b), 1e-9)
    change = np.linalg.slogdet(a)[1] * problem.points.total_weight
    before, after = (p.expectation(eps).log_likelihood for p in (problem, other))
    assert after + change == pytest.approx(before, rel=1e-11, abs=1e-11 * abs(change))


@pytest.mark.parametrize("method", ["k-means++", "kmeans", "random"])
@pytest.mark.parametrize("scale", [2.0**-10, 3.0, 1e-4, 0.7e12])
def test_a_start_does_not_depend_on_the_unit(method, scale):
    x = some_mixture(np.random.default_rng(8), 3, 2).sample(200, np.random.default_rng(9))[0]
    for name in TYPES:
        one, other = (
            initial_mixture(
                Points.of(x * unit), 3, structure(name), method, np.random.default_rng(4)
            )
            for unit in (1.0, scale)
        )
        assert_alike(other, one.affine(scale * np.eye(2), np.zeros(2)), 1e-9)


@law
@given(problems())
def test_the_order_of_rows_does_not_matter(problem):
    order = problem.rng.permutation(len(problem.x))
    weight = None if problem.weight is None else problem.weight[order]
    other = problem._replace(x=problem.x[order], weight=weight)
    assert_alike(other.step(), problem.step(), 1e-11)


@law
@given(problems(least_k=2))
def test_the_order_of_components_does_not_matter(problem):
    def reordered(m: Mixture) -> Mixture:
        return Mixture(m.weights[order], m.means[order], m.covariances[order])

    order = problem.rng.permutation(problem.mixture.n_components)
    other = problem._replace(mixture=reordered(problem.mixture))
    assert_alike(other.step(), reordered(problem.step()), 1e-11)


@law
@given(problems(weighted=False), st.integers(1, 3))
def test_a_row_repeated_is_a_row_of_that_weight(problem, unit):
    times = problem.rng.integers(0, 4, len(problem.x))
    times[: 2 * len(problem.x) // 3] += 1
    on_a_mean = (problem.x[:, None] == problem.mixture.means).all(axis=2).any(axis=1)
    times[on_a_mean] += 1  # else a narrow component may be left with no rows at all
    weighted = problem._replace(weight=times.astype(float) * unit)
    repeated = problem._replace(x=np.repeat(problem.x, times, axis=0))
    assert_alike(weighted.step(), repeated.step(), 1e-11)
    one, other = (p.expectation().log_likelihood for p in (weighted, repeated))
    assert one == pytest.approx(unit * other, rel=1e-12)


def moments_of(x: np.ndarray, r: np.ndarray) -> Moments:
    """Moments by their definition; zeros where a component has no share."""
    counts = r.sum(axis=0)
    means = r.T @ x / np.where(counts > 0, counts, 1.0)[:, None]
    y = x[:, None, :] - means
    return Moments(counts, means, np.einsum("nk,nki,nkj->kij", r, y, y))


@law
@given(seeds, st.integers(1, 6), st.integers(1, 4), st.floats(0, 1e6))
def test_blocks_merge_in_any_order_and_grouping(seed, parts, d, offset):
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((40, d)) + offset
    r = rng.uniform(size=(40, 3)) * (rng.uniform(size=(40, 3)) < 0.3)
    r[:20, 2] = 0
    cuts = np.sort(rng.integers(0, 40, parts - 1))
    blocks = [moments_of(*pair) for pair in zip(np.split(x, cuts), np.split(r, cuts), strict=True)]
    while len(blocks) > 1:
        one, other = (blocks.pop(rng.integers(len(blocks))) for _ in range(2))
        blocks.append(merged(one, other))
    whole, found = moments_of(x, r), blocks[0]
    np.testing.assert_allclose(found.counts, whole.counts, rtol=1e-13)
    np.testing.assert_allclose(found.means, whole.means, rtol=1e-13, atol=1e-13)
    np.testing.assert_allclose(found.scatters, whole.scatters, rtol=1e-9, atol=1e-11 * (1 + offset))


@law
@given(problems())
def test_the_parts_of_the_data_add_up_to_the_whole(problem):
    def gathered(p: Problem) -> tuple[float, Moments]:
        found, frame = p.expectation(), p.points.frame
        units = frame.scale[:, None] * frame.scale
        moments = found.moments
        means, scatters = frame.means_out(moments.means), moments.scatters * units
        return found.log_likelihood, Moments(moments.counts, means, scatters)

    rows = np.array_split(problem.rng.permutation(len(problem.x)), 3)
    weight = np.ones(len(problem.x)) if problem.weight is None else problem.weight
    parts = [gathered(problem._replace(x=problem.x[i], weight=weight[i])) for i in rows]
    value, whole = gathered(problem)
    assert sum(part[0] for part in parts) == pytest.approx(value, rel=1e-12)
    together = reduce(merged, (part[1] for part in parts))
    np.testing.assert_allclose(together.counts, whole.counts, rtol=1e-10)
    np.testing.assert_allclose(together.means, whole.means, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(together.scatters, whole.scatters, rtol=1e-8, atol=1e-8)


@pytest.mark.parametrize("d", [2, 8])
def test_the_number_of_threads_does_not_change_a_bit(d, monkeypatch):
    rng = np.random.default_rng(1)
    mixture = some_mixture(rng, 4, d)
    points = Points.of(mixture.sample(300_000 // d, rng)[0])
    found = []
    for cores in (1, 2, 3, 4, 1):
        monkeypatch.setattr(
            "gmm_widget.core.passes.threads.usable_cores", lambda cores=cores: cores
        )
        found.append(e_step(points, mixture))
    for other in found[1:]:
        assert other.log_likelihood == found[0].log_likelihood
        for part in ("counts", "means", "scatters"):
            assert np.array_equal(getattr(other.moments, part), getattr(found[0].moments, part))


@law
@given(problems(), st.sampled_from([0.0, 1e-6, 1e-2]), st.booleans())
def test_the_objective_never_falls_and_locks_hold(problem, eps, free):
    k, old = problem.mixture.n_components, problem.mixture
    held = np.zeros((3, k), bool) if free else problem.rng.uniform(size=(3, k)) < 0.4
    options = {"regularisation": eps, "locks": Locks(*held), "max_steps": 12, "tolerance": -1.0}
    trace = []
    try:
        for step in em(problem.points, old, structure(problem.name), **options):
            trace.append(step.objective)
            new = step.mixture
            assert np.array_equal(new.means[held[0]], old.means[held[0]])
            shared = structure(problem.name).shared and held[1].any()
            kept = np.ones(k, bool) if shared else held[1]
            assert np.array_equal(new.covariances[kept], old.covariances[kept])
            np.testing.assert_allclose(new.weights[held[2]], old.weights[held[2]], rtol=1e-14)
            assert_alike(conform(new, structure(problem.name)), new, 1e-13)
            if eps == 0:
                assert step.objective == step.log_likelihood
    except CollapseError:
        assert trace, "the given mixture itself has a likelihood"
    total = problem.points.total_weight
    assert all(b - a >= -1e-12 * (total + abs(a)) for a, b in pairwise(trace))


@law
@given(seeds, st.sampled_from(TYPES), st.integers(1, 4), st.integers(1, 4))
def test_constraining_twice_is_constraining_once(seed, name, k, d):
    rng = np.random.default_rng(seed)
    counts, scale = rng.uniform(1, 50, k), 2.0 ** rng.integers(-3, 4, d)
    free = moments_of(rng.standard_normal((60, d)), rng.uniform(size=(60, k)))
    once = structure(name).constrain(Moments(counts, free.means, free.scatters), scale)
    again = Moments(counts, free.means, once * counts[:, None, None])
    np.testing.assert_allclose(structure(name).constrain(again, scale), once, rtol=1e-13)


@law
@given(mixtures(), st.sampled_from(TYPES))
def test_making_a_mixture_obey_keeps_what_the_structure_can_hold(mixture, name):
    obedient = conform(mixture, structure(name))
    assert_alike(conform(obedient, structure(name)), obedient, 1e-13)
    if name == "full":
        assert_alike(obedient, mixture, 1e-14)
    traces = [np.einsum("k,kii", m.weights, m.covariances) for m in (mixture, obedient)]
    assert traces[1] == pytest.approx(traces[0], rel=1e-12)
    if name == "tied":
        within = [np.einsum("k,kij", m.weights, m.covariances) for m in (mixture, obedient)]
        np.testing.assert_allclose(within[1], within[0], rtol=1e-12, atol=1e-12)
        assert (obedient.covariances == obedient.covariances[0]).all()
    else:
        sums = [np.einsum("kii->k", m.covariances) for m in (mixture, obedient)]
        np.testing.assert_allclose(sums[1], sums[0], rtol=1e-12)


@law
@given(mixtures(), st.sampled_from(TYPES), seeds)
def test_sharing_an_edit_does_not_average_it_away(mixture, name, seed):
    i = seed % mixture.n_components
    alone = Mixture([1.0], mixture.means[i : i + 1], mixture.covariances[i : i + 1])
    wanted = conform(alone, structure(name)).covariances[0]
    shared = conform_after_edit(mixture, i, structure(name))
    np.testing.assert_allclose(shared.covariances[i], wanted, rtol=1e-13)
    for k in range(mixture.n_components):
        untouched = wanted if structure(name).shared else mixture.covariances[k]
        if k != i:
            np.testing.assert_allclose(shared.covariances[k], untouched, rtol=1e-13)

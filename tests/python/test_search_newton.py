"""Newton's steps on cells: derivatives against differences, the top against plain EM's."""

import numpy as np
import pytest

from gmm_widget.core.binning import bin_points
from gmm_widget.core.defaults import REGULARISATION
from gmm_widget.core.e_step import e_step
from gmm_widget.core.em import em
from gmm_widget.core.m_step import m_step
from gmm_widget.core.mixture import Mixture
from gmm_widget.core.passes import natural_parameters
from gmm_widget.core.points import Points
from gmm_widget.core.structure import STRUCTURES, structure
from gmm_widget.search.batch import MixtureBatch, batch_of
from gmm_widget.search.batched_em import BatchData
from gmm_widget.search.hessian import Curvature, shapes
from gmm_widget.search.newton import newton_maximum, polished
from gmm_widget.search.restarts import restarts

EPS = 1e-4


def _points(n=3000, d=2, seed=0):
    rng = np.random.default_rng(seed)
    a = rng.normal(size=(3, d, d))
    shapes_ = 0.4 * a @ a.transpose(0, 2, 1) + 0.3 * np.eye(d)
    truth = Mixture([0.5, 0.3, 0.2], 2 * rng.normal(size=(3, d)), shapes_)
    x, _ = truth.sample(n, rng)
    return Points.of(x * 10.0 ** np.arange(d) + 50)


def _initial_runs(points, kind, k=3, steps=5):
    shape, rng = structure(kind), np.random.default_rng(1)
    *_, step = em(
        points,
        _guess(points, k, rng),
        shape,
        regularisation=EPS,
        max_steps=steps,
    )
    return step.mixture


def _guess(points, k, rng):
    unit = points.frame.scale * np.sqrt(points.variance)
    means = points.rows[rng.choice(points.n, k, replace=False)]
    return Mixture(np.full(k, 1 / k), means, [np.diag(unit**2)] * k)


def _along(local, step):
    """The mixture that is a step away in the parameters that derivatives are by."""
    own, d = step[local.places], local.means.shape[1]
    log_weights = np.log(local.weights) + own[:, 0]
    log_weights -= np.log(np.exp(log_weights).sum())
    linear = (local.precisions @ local.means[:, :, None])[:, :, 0] + own[:, 1 : 1 + d]
    precisions = local.precisions + np.einsum("kb,bij->kij", own[:, 1 + d :], local.basis)
    covariances = np.linalg.inv(precisions)
    means = (covariances @ linear[:, :, None])[:, :, 0]
    return MixtureBatch(log_weights[None], means[None], np.linalg.cholesky(covariances)[None])


@pytest.mark.parametrize("d", [1, 2, 3])
@pytest.mark.parametrize("kind", list(STRUCTURES))
def test_derivatives_are_those_of_the_objective(kind, d):
    points = _points(d=d)
    data = BatchData.of(bin_points(points, 30), structure(kind), EPS)
    batch = batch_of(points, [_initial_runs(points, kind)])
    basis = shapes(data.structure, data.scale)
    local, here = Curvature.at(data, batch, basis), data.look(batch)
    known = local.complete(here.sums)
    information = known - local.missing(data, here.theta)
    rng = np.random.default_rng(2)
    for _ in range(3):
        way = rng.normal(size=len(information)) / np.sqrt(np.diag(known))
        way[local.places[:, 0]] -= local.weights @ way[local.places[:, 0]]
        way *= 0.01 / np.sqrt(way @ known @ way)
        slope, turn = [], []
        for sign in (1, -1):
            other = _along(local, sign * way)
            there = data.look(other)
            slope.append(there.objective)
            turn.append(Curvature.at(data, other, basis).gradient(there.sums))
        size = np.linalg.norm(local.gradient(here.sums) / np.sqrt(np.diag(known)))
        assert (slope[0] - slope[1]) / 2 == pytest.approx(
            local.gradient(here.sums) @ way, abs=1e-5 * size
        )
        np.testing.assert_allclose(
            (turn[1] - turn[0]) / 2 / np.sqrt(np.diag(known)),
            information @ way / np.sqrt(np.diag(known)),
            atol=1e-5,
        )


@pytest.mark.parametrize("kind", list(STRUCTURES))
def test_a_small_step_leads_where_it_says_and_obeys_the_structure(kind):
    points = _points()
    data = BatchData.of(bin_points(points, 30), structure(kind), EPS)
    local = Curvature.at(
        data, batch_of(points, [_initial_runs(points, kind)]), shapes(data.structure, data.scale)
    )
    step = 1e-5 * np.random.default_rng(0).normal(size=local.places.max() + 1)
    moved, exact = data.at(local.moved(step)), _along(local, step)
    np.testing.assert_allclose(moved.means, exact.means, atol=1e-8)
    np.testing.assert_allclose(moved.covariances(), exact.covariances(), atol=1e-8)
    np.testing.assert_allclose(moved.log_weights, exact.log_weights, atol=1e-8)


@pytest.mark.parametrize("kind", list(STRUCTURES))
def test_the_top_is_where_plain_em_ends_and_the_way_never_leads_down(kind):
    points = _points()
    cells, shape = bin_points(points, 40), structure(kind)
    data, first = BatchData.of(cells, shape, EPS), _initial_runs(points, kind)
    *_, slow = em(cells, first, shape, regularisation=EPS, tolerance=1e-13)
    objectives = [
        newton_maximum(data, batch_of(points, [first]), 1e-9, most).look.objective
        for most in (1, 2, 3, 4, 6, 8, 12, 40)
    ]
    assert (np.diff(objectives) >= -1e-9).all()
    assert objectives[-1] >= slow.objective - 1e-6
    assert slow.n_steps > 40


@pytest.mark.parametrize("side", [40, 12, 3])
@pytest.mark.parametrize("kind", list(STRUCTURES))
def test_cells_lead_to_the_top_of_the_points_or_say_that_they_do_not(kind, side):
    points, shape = _points(), structure(kind)
    first = _initial_runs(points, kind, steps=60)
    levels_data = iter([BatchData.of(bin_points(points, side), shape, EPS)])
    steps = list(polished(points, levels_data, first, tolerance=1e-8, regularisation=EPS, most=12))
    assert (np.diff([step.objective for step in steps]) > 0).all()
    assert steps[-1].log_likelihood == pytest.approx(
        steps[-1].mixture.log_density(points.rows).sum(), rel=1e-12
    )
    if side == 40:
        assert steps[-1].converged
    if steps[-1].converged:
        *_, slow = em(points, steps[-1].mixture, shape, regularisation=EPS, tolerance=1e-13)
        assert slow.objective <= steps[-1].objective + 1e-8 * points.n


def test_moments_and_their_sums_are_the_same():
    points = _points(d=3)
    found = e_step(points, _initial_runs(points, "full")).moments
    again = natural_parameters.moments(natural_parameters.sums(found), 3)
    np.testing.assert_allclose(again.counts, found.counts)
    np.testing.assert_allclose(again.means, found.means)
    np.testing.assert_allclose(again.scatters, found.scatters, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("kind", list(STRUCTURES))
def test_a_search_on_cells_ends_at_a_top_of_all_the_points(kind):
    points = _points(6000)
    rng = np.random.default_rng(0)
    best = restarts(points, 4, structure(kind), 3, rng=rng, algorithm="cells").best
    assert best.converged
    next_batch = m_step(
        e_step(points, best.mixture, regularisation=REGULARISATION), structure(kind)
    )
    gained = e_step(points, next_batch, regularisation=REGULARISATION).objective - best.objective
    assert 0 <= gained < 1e-8 * points.n

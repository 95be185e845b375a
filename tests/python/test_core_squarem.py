"""Accelerated EM: monotone, under any lock, to the optimum of plain EM, in fewer passes."""

import contextlib
import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gmm_widget.core.em import em
from gmm_widget.core.errors import CollapseError
from gmm_widget.core.initialise import initial_mixture
from gmm_widget.core.locks import Locks
from gmm_widget.core.mixture import Mixture
from gmm_widget.core.points import Points
from gmm_widget.core.squarem import accelerated, extrapolated, step_length
from gmm_widget.core.structure import STRUCTURES, structure
from gmm_widget.datasets import old_faithful

X = old_faithful(as_frame=True).to_numpy()
flags = st.lists(st.booleans(), min_size=3, max_size=3).map(np.array)


@pytest.mark.parametrize("kind", list(STRUCTURES))
@given(seed=st.integers(0, 10_000), means=flags, covariances=flags, weights=flags)
def test_the_objective_never_falls_and_locks_hold(kind, seed, means, covariances, weights):
    points, shape = Points.of(X), structure(kind)
    first = initial_mixture(points, 3, shape, rng=np.random.default_rng(seed))
    locks = Locks(means, covariances, weights)
    locked = locks.locked_covariances(shape)
    before = -np.inf
    with contextlib.suppress(CollapseError):  # the states before it obey the law all the same
        for step in accelerated(points, first, shape, locks=locks, max_steps=60):
            assert step.objective >= before - 1e-9 * abs(step.objective)
            before = step.objective
            mixture = step.mixture
            assert (mixture.means[means] == first.means[means]).all()
            assert (mixture.weights[weights] == first.weights[weights]).all()
            assert (mixture.covariances[locked] == first.covariances[locked]).all()
    assert before > -np.inf


def test_the_plateau_is_crossed_in_far_fewer_passes():
    """Old Faithful, three tied components: mclust's optimum, past the plateau near -1140."""
    points, shape = Points.of(X), structure("tied")
    means = [[2.0, 50.0], [2.2, 60.0], [5.0, 95.0]]
    first = Mixture([1 / 3] * 3, means, [np.cov(X.T)] * 3)
    *_, slow = em(points, first, shape)
    *_, fast = accelerated(points, first, shape)
    assert slow.n_steps > 300
    assert fast.n_steps < slow.n_steps / 2
    assert fast.log_likelihood == pytest.approx(-1126.31593, abs=1e-4)


@given(st.floats(0.3, 0.99), st.integers(1, 3), st.integers(0, 1000))
def test_a_geometric_sequence_is_extrapolated_to_its_limit(rate, d, seed):
    """With S3 = |r| / |v| = 1 / (1 - rate) the quadratic x + 2 L r + L^2 v is the limit."""
    rng = np.random.default_rng(seed)
    points, free = Points.of(rng.standard_normal((50, d))), Locks.none(2)
    limit, away = rng.standard_normal((2, d)), 0.1 * rng.standard_normal((2, d))
    covariances = np.repeat(np.eye(d)[None], 2, axis=0)
    a, b, c = (Mixture([0.4, 0.6], limit + away * rate**i, covariances) for i in range(3))
    length = step_length(points, a, b, c)
    assert length == pytest.approx(1 / (1 - rate), rel=1e-6)
    found = extrapolated(a, b, c, length, free)
    np.testing.assert_allclose(found.means, limit, atol=1e-6)
    np.testing.assert_allclose(found.weights, [0.4, 0.6], rtol=1e-12)
    np.testing.assert_allclose(found.covariances, covariances, rtol=1e-12)


def test_no_step_ahead_is_taken_where_em_speeds_up_or_the_result_is_no_mixture():
    points, free = Points.of(X), Locks.none(1)
    a, b, c = (
        Mixture([1.0], [[m, 70.0]], [np.diag([v, 100.0])])
        for m, v in ((3.0, 1.0), (3.1, 0.9), (3.4, 0.5))
    )
    assert step_length(points, a, b, c) == 1.0
    assert extrapolated(a, b, c, 1.0, free) is None
    assert extrapolated(a, b, c, 4.0, free) is None, "a negative variance"


def test_gains_and_counts_are_those_of_the_steps():
    points, shape = Points.of(X), structure("full")
    first = initial_mixture(points, 3, shape, rng=np.random.default_rng(1))
    steps = list(accelerated(points, first, shape))
    assert [step.n_steps for step in steps] == list(range(len(steps)))
    assert np.isnan(steps[0].gain)
    for one, other in itertools.pairwise(steps):
        assert other.gain == pytest.approx((other.objective - one.objective) / 272, abs=1e-15)
    assert [step.converged for step in steps] == [False] * (len(steps) - 1) + [True]


@pytest.mark.parametrize("tolerance", [1e-5, 1e-7, 1e-9])
def test_converged_means_that_little_remains_to_be_gained(tolerance):
    points, shape = Points.of(X), structure("full")
    first = Mixture([0.5, 0.5], [[2.5, 60.0], [4.0, 75.0]], [np.cov(X.T)] * 2)
    *_, last = accelerated(points, first, shape, tolerance=tolerance)
    assert last.converged
    *_, further = accelerated(points, last.mixture, shape, tolerance=1e-14, max_steps=2000)
    assert 0 <= (further.objective - last.objective) / 272 < 10 * tolerance


def test_a_negative_tolerance_never_converges():
    points, shape = Points.of(X), structure("full")
    first = initial_mixture(points, 1, shape)
    steps = list(accelerated(points, first, shape, tolerance=-1.0, max_steps=7))
    assert [step.n_steps for step in steps] == list(range(8))
    assert not any(step.converged for step in steps)

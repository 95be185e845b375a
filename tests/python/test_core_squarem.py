"""Accelerated EM: monotone, under any lock, to the optimum of plain EM, in fewer passes."""

import contextlib

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
from gmm_widget.core.squarem import accelerated
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

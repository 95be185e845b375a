"""The M-step: locks, weights of rows, and components that have nothing left to stand on."""

from __future__ import annotations

import numpy as np
import pytest
from core_help import cloud, dense

from gmm_widget.core.defaults import REGULARISATION
from gmm_widget.core.e_step import e_step
from gmm_widget.core.edits import conform
from gmm_widget.core.em import em
from gmm_widget.core.errors import CollapseError
from gmm_widget.core.locks import Locks
from gmm_widget.core.m_step import m_step
from gmm_widget.core.mixture import Mixture
from gmm_widget.core.points import Points
from gmm_widget.core.structure import STRUCTURES, structure

X, GUESS = cloud(500, 2, 3)


def locked(**flags: list[bool]) -> Locks:
    none = [False] * 3
    return Locks(*(flags.get(name, none) for name in ("means", "covariances", "weights")))


def step(name="full", locks=None, eps=0.0, guess=GUESS, points=None):
    found = e_step(Points.of(X) if points is None else points, guess)
    return m_step(found, structure(name), regularisation=eps, locks=locks)


def test_a_held_mean_is_the_centre_of_its_covariance():
    new = step(locks=locked(means=[True, False, False]))
    r = dense(X, GUESS).responsibilities[:, 0].astype(float)
    y = X - GUESS.means[0]
    np.testing.assert_array_equal(new.means[0], GUESS.means[0])
    np.testing.assert_allclose(new.covariances[0], (y.T * r) @ y / r.sum(), rtol=1e-11)
    np.testing.assert_array_equal(new.means[1:], step().means[1:])


def test_a_held_weight_leaves_the_rest_in_proportion():
    new, free = step(locks=locked(weights=[False, True, False])), step()
    assert new.weights[1] == pytest.approx(GUESS.weights[1], rel=1e-15)
    assert new.weights[0] / new.weights[2] == pytest.approx(free.weights[0] / free.weights[2])


def test_with_every_weight_held_all_stay():
    np.testing.assert_array_equal(step(locks=locked(weights=[True] * 3)).weights, GUESS.weights)


@pytest.mark.parametrize("name", STRUCTURES)
def test_a_held_covariance_stays_and_under_a_shared_one_all_do(name):
    guess = conform(GUESS, structure(name))
    new = step(name, locked(covariances=[False, True, False]), guess=guess)
    np.testing.assert_array_equal(new.covariances[1], guess.covariances[1])
    assert np.array_equal(new.covariances[0], guess.covariances[0]) == structure(name).shared


def test_a_component_that_is_wholly_held_needs_no_points():
    far = Mixture(GUESS.weights, [[1e4, 0], *GUESS.means[1:]], GUESS.covariances)
    fixed = [True, False, False]
    new = step(locks=locked(means=fixed, covariances=fixed, weights=fixed), guess=far)
    np.testing.assert_array_equal(new.means[0], [1e4, 0])
    with pytest.raises(CollapseError) as caught:
        step(locks=locked(means=fixed, covariances=fixed), guess=far)
    assert caught.value.component == 0
    assert caught.value.cause == "no point belongs to it any more"
    assert (
        str(caught.value) == f"component 0 collapsed: {caught.value.cause}; {caught.value.remedy}"
    )


def test_locks_for_another_number_of_components_are_refused():
    with pytest.raises(ValueError, match="locks for 2 components, but the mixture has 3"):
        step(locks=Locks.none(2))
    with pytest.raises(
        ValueError, match=r"one boolean per component; covariances has shape \(2,\)"
    ):
        Locks([True] * 3, [True] * 2, [True] * 3)
    assert not Locks.none(3).any()
    assert locked(weights=[True, False, False]).any()


@pytest.mark.parametrize("eps", [1e-9, 1e-6, 0.1])
def test_regularisation_adds_its_share_of_the_variance(eps):
    spread = np.diag(X.var(axis=0))
    extra = step(eps=eps).covariances - step().covariances
    np.testing.assert_allclose(extra, np.repeat(eps * spread[None], 3, axis=0), atol=1e-14)
    tied = step("tied", eps=eps).covariances - step("tied").covariances
    np.testing.assert_allclose(tied[0], eps * spread, atol=1e-14)
    round_ = step("spherical", eps=eps).covariances - step("spherical").covariances
    np.testing.assert_allclose(round_[0, 0, 0], eps * np.trace(spread) / 2, atol=1e-14)


def test_a_component_on_one_point_keeps_the_width_of_a_point():
    x = np.concatenate([X, np.full((40, 2), 9.0)])
    guess = Mixture([0.9, 0.1], [[0, 0], [9, 9]], [4 * np.eye(2), 0.1 * np.eye(2)])
    *_, last = em(Points.of(x), guess, structure("full"))
    assert last.converged
    np.testing.assert_allclose(
        last.mixture.covariances[1], np.diag(REGULARISATION * x.var(axis=0)), atol=1e-13
    )


@pytest.mark.parametrize(
    ("points", "message"),
    [
        (np.full((40, 2), 9.0), "are all equal, so that"),
        (
            np.column_stack([np.full(40, 9.0), np.linspace(8, 9, 40)]),
            "equal in column 0, on a line",
        ),
        (np.column_stack([np.linspace(8, 9, 40)] * 2), "lie on a line"),
    ],
)
def test_without_regularisation_a_component_without_width_is_named(points, message):
    x = np.concatenate([X, points])
    guess = Mixture([0.9, 0.1], [[0, 0], [9, 9]], [4 * np.eye(2), 0.1 * np.eye(2)])
    with pytest.raises(CollapseError, match=message) as caught:
        for _ in em(Points.of(x), guess, structure("full"), regularisation=0.0):
            pass
    assert caught.value.component == 1
    assert "40 by weight" in caught.value.cause
    assert "regularisation" in caught.value.remedy

"""EM as a generator: the steps of textbooks and of scikit-learn, and when it ends."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from core_help import cloud
from hypothesis import given
from hypothesis import strategies as st
from sklearn.mixture import GaussianMixture

from gmm_widget.core.e_step import e_step
from gmm_widget.core.edits import conform
from gmm_widget.core.em import em, has_converged
from gmm_widget.core.information_criteria import bic
from gmm_widget.core.initialise import initial_mixture
from gmm_widget.core.m_step import m_step
from gmm_widget.core.mixture import Mixture
from gmm_widget.core.points import Points
from gmm_widget.core.structure import STRUCTURES, structure
from gmm_widget.datasets import old_faithful

FAITHFUL = np.column_stack(list(old_faithful().values()))


def plain(x, mixture, name, steps):
    """States of unregularised EM, without an end."""
    settings = {"regularisation": 0.0, "tolerance": -1.0, "max_steps": steps}
    return list(em(Points.of(x), mixture, structure(name), **settings))


def fitted(x, mixture, name, **settings):
    *_, last = em(Points.of(x), mixture, structure(name), **settings)
    assert last.converged
    return last


def test_the_trace_of_a_textbook():
    # Deisenroth, Faisal & Ong (2020), Mathematics for Machine Learning, section 11.2
    x = np.array([-3, -2.5, -1, 0, 2, 4, 5])
    first = Mixture([1 / 3] * 3, [[-4], [0], [8]], [[[1]], [[0.2]], [[3]]])
    steps = plain(x, first, "full", 5)
    printed = [28.325536, 14.410485, 13.977058, 13.973342, 13.973324, 13.973323]
    np.testing.assert_allclose([-s.log_likelihood for s in steps], printed, atol=5.1e-7)
    last = steps[-1].mixture
    np.testing.assert_allclose(last.weights, [0.29, 0.28, 0.43], atol=0.0051)
    np.testing.assert_allclose(last.means[:, 0], [-2.75, -0.50, 3.64], atol=0.0051)
    np.testing.assert_allclose(last.covariances[:, 0, 0], [0.06, 0.25, 1.63], atol=0.0051)


def test_old_faithful_in_two_components():
    first = Mixture([0.5, 0.5], [[2, 50], [4, 80]], [np.diag([0.5, 50])] * 2)
    fit = fitted(FAITHFUL, first, "full", regularisation=0.0)
    assert fit.log_likelihood == pytest.approx(-1130.263960, abs=1e-6)
    parameters = structure("full").n_parameters(2, 2)
    assert parameters == 11
    assert bic(fit.log_likelihood, parameters, 272) == pytest.approx(2322.191743, abs=2e-6)
    np.testing.assert_allclose(fit.mixture.weights, [0.3558729, 0.6441271], atol=1e-6)
    means = [[2.0363885, 54.4785165], [4.2896620, 79.9681154]]
    np.testing.assert_allclose(fit.mixture.means, means, atol=1e-4)


@pytest.mark.parametrize("eps", [0.0, 1e-6])
@pytest.mark.parametrize("seed", [1, 3])
def test_old_faithful_in_three_tied_components_leaves_the_plateau(seed, eps):
    # from these starts EM stays near -1140.2 for thousands of steps
    rng = np.random.default_rng(seed)
    first = Mixture([1 / 3] * 3, FAITHFUL[rng.choice(272, 3)], [np.cov(FAITHFUL.T)] * 3)
    fit = fitted(FAITHFUL, first, "tied", regularisation=eps)
    assert fit.log_likelihood == pytest.approx(-1126.31593, abs=1e-4)
    assert bic(fit.log_likelihood, 11, 272) == pytest.approx(2314.29568, abs=2e-4)


def test_old_faithful_waiting_times():
    waiting = FAITHFUL[:, 1]
    first = Mixture([0.5, 0.5], [[50], [80]], [[[40]], [[40]]])
    fit = fitted(waiting, first, "full", regularisation=0.0, tolerance=1e-13)
    assert fit.log_likelihood == pytest.approx(-1034.001750, abs=1e-5)
    np.testing.assert_allclose(fit.mixture.weights, [0.36089, 0.63911], atol=2e-5)
    np.testing.assert_allclose(fit.mixture.means[:, 0], [54.61489, 80.09109], atol=1e-3)
    sd = np.sqrt(fit.mixture.covariances[:, 0, 0])
    np.testing.assert_allclose(sd, [5.87122, 5.86773], atol=1e-3)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("name", STRUCTURES)
@pytest.mark.parametrize(("d", "k", "steps"), [(1, 2, 4), (2, 4, 7), (5, 3, 3)])
def test_the_steps_of_scikit_learn(name, d, k, steps):
    x, guess = cloud(600, d, k)
    guess = conform(guess, structure(name))
    inverse = np.linalg.inv(guess.covariances)
    stored = {
        "full": inverse,
        "tied": inverse[0],
        "diag": np.einsum("kii->ki", inverse),
        "spherical": inverse[:, 0, 0],
    }
    settings = {"max_iter": steps, "tol": 0.0, "reg_covar": 0.0, "covariance_type": name}
    given = {"weights_init": guess.weights, "means_init": guess.means}
    theirs = GaussianMixture(k, **settings, **given, precisions_init=stored[name])
    theirs.fit(x)
    ours = plain(x, guess, name, steps)[-1]
    covariances = {
        "full": lambda c: c,
        "tied": lambda c: np.repeat(c[None], k, axis=0),
        "diag": lambda c: np.einsum("ki,ij->kij", c, np.eye(d)),
        "spherical": lambda c: c[:, None, None] * np.eye(d),
    }[name](theirs.covariances_)
    np.testing.assert_allclose(ours.mixture.weights, theirs.weights_, rtol=1e-9)
    np.testing.assert_allclose(ours.mixture.means, theirs.means_, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(ours.mixture.covariances, covariances, rtol=1e-9, atol=1e-9)
    assert ours.log_likelihood == pytest.approx(600 * theirs.score(x), rel=1e-12)


def test_the_first_step_is_the_mixture_given_and_each_has_its_own_likelihood():
    x, guess = cloud(300, 2, 3)
    points = Points.of(x)
    steps = list(itertools.islice(em(points, guess, structure("full")), 4))
    assert steps[0].mixture is guess
    assert math.isnan(steps[0].gain)
    for number, step in enumerate(steps):
        assert step.n_steps == number
        exact = step.mixture.log_density(x).sum()
        assert step.log_likelihood == pytest.approx(exact, rel=1e-12)
    for one, other in itertools.pairwise(steps):
        assert other.gain == pytest.approx((other.objective - one.objective) / 300, rel=1e-12)
        eps = one.expectation.regularisation
        assert m_step(one.expectation, structure("full"), regularisation=eps) == other.mixture


def test_going_on_from_an_expectation_saves_its_pass_and_changes_nothing():
    x, guess = cloud(300, 2, 3)
    points, full = Points.of(x), structure("full")
    whole = list(em(points, guess, full))
    passes = []
    middle = whole[5]
    rest = em(
        points,
        middle.mixture,
        full,
        expectation=middle.expectation,
        gain=middle.gain,
        poll=lambda: passes.append(1),
    )
    assert next(rest).expectation is middle.expectation
    assert not passes
    assert [s.mixture for s in rest] == [s.mixture for s in whole[6:]]


@pytest.mark.parametrize("other", ["regularisation", "points", "mixture"])
def test_an_expectation_of_something_else_is_not_reused(other):
    x, guess = cloud(300, 2, 3)
    _, another = cloud(300, 2, 3, seed=1)
    points, full = Points.of(x), structure("full")
    stale = e_step(
        Points.of(x[:200]) if other == "points" else points,
        another if other == "mixture" else guess,
        regularisation=1e-6 if other == "regularisation" else 0.05,
    )
    step = next(em(points, guess, full, regularisation=0.05, expectation=stale))
    right = e_step(points, guess, regularisation=0.05)
    assert (step.objective, step.log_likelihood) == (right.objective, right.log_likelihood)
    assert step.expectation is not stale


def test_single_steps_carried_on_by_their_gain_converge_as_one_run_does():
    x, guess = cloud(200, 2, 2)
    points, full = Points.of(x), structure("full")
    *_, whole = em(points, guess, full)
    mixture, expectation, gain, taken = guess, None, math.nan, 0
    while True:
        *_, step = em(points, mixture, full, max_steps=1, expectation=expectation, gain=gain)
        mixture, expectation, gain, taken = step.mixture, step.expectation, step.gain, taken + 1
        if step.converged:
            break
    assert taken == whole.n_steps
    assert mixture == whole.mixture


def test_ends_after_the_steps_asked_for_or_never_when_told_so():
    x, guess = cloud(200, 2, 2)
    points, full = Points.of(x), structure("full")
    assert [s.n_steps for s in em(points, guess, full, max_steps=3)] == [0, 1, 2, 3]
    assert [s.n_steps for s in em(points, guess, full, max_steps=0)] == [0]
    *_, last = em(points, guess, full, max_steps=400, tolerance=-1.0)
    assert not last.converged
    assert last.n_steps == 400


def test_converged_means_that_little_remains_to_be_gained():
    x, guess = cloud(500, 2, 3)
    points, full = Points.of(x), structure("full")
    *_, last = em(points, guess, full)
    *_, further = em(points, last.mixture, full, max_steps=1000, tolerance=-1.0)
    assert 0 <= (further.objective - last.objective) / 500 < 2e-7


@given(st.floats(1e-12, 1.0), st.floats(0.01, 1.5), st.floats(1e-12, 1e-2))
def test_geometric_gains_have_converged_when_their_sum_is_small(gain, ratio, tolerance):
    """Gains of this ratio from here on add up to gain (ratio + ratio^2 + ...)."""
    remaining = gain * ratio / (1 - ratio) if ratio < 1 else math.inf
    expected = gain < tolerance and remaining < 10 * tolerance
    close = any(
        math.isclose(*pair, rel_tol=1e-6)
        for pair in ((gain, tolerance), (remaining, 10 * tolerance), (ratio, 1))
    )
    assert close or has_converged(gain, gain / ratio, tolerance, 0.0) == expected


@pytest.mark.parametrize(
    ("gain", "before", "tolerance", "objective", "expected"),
    [
        (1e-9, math.nan, 1e-8, -4.0, False),  # a single gain does not show convergence
        (1e-9, 0.0, 1e-8, -4.0, False),
        (1e-9, -1e-9, 1e-8, -4.0, False),
        (0.0, math.nan, 1e-8, -4.0, True),
        (4e-14, math.nan, 0.0, -4.0, True),  # rounding error of the objective
        (6e-14, math.nan, 0.0, -4.0, False),
        (4e-12, math.nan, 0.0, -400.0, True),
        (-4e-14, 1.0, 0.0, -4.0, True),
        (-0.9e-10, 1.0, 1e-8, -4.0, True),  # a decrease far below the tolerance
        (-1.1e-10, 1.0, 1e-8, -4.0, False),
        (0.0, 0.0, -1.0, -4.0, False),
        (5e-9, 5e-9 / 0.95, 1e-8, 0.0, True),  # 9.5 tolerances remain
        (5e-9, 5e-9 * 22 / 21, 1e-8, 0.0, False),  # 10.5
    ],
)
def test_rounding_and_decreases(gain, before, tolerance, objective, expected):
    assert has_converged(gain, before, tolerance, objective) == expected


def test_a_run_can_be_abandoned_by_poll():
    x, guess = cloud(300, 2, 3)

    def stop():
        raise InterruptedError

    with pytest.raises(InterruptedError):
        next(em(Points.of(x), guess, structure("full"), poll=stop))


def test_the_objective_rises_from_every_kind_of_start():
    points = Points.of(FAITHFUL)
    for method in ("k-means++", "kmeans", "random"):
        first = initial_mixture(points, 3, structure("full"), method, np.random.default_rng(2))
        trace = [s.objective for s in em(points, first, structure("full"))]
        assert trace == sorted(trace)

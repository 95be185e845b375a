"""The step of rounded columns is found, and no covariance is narrower than it explains."""

from __future__ import annotations

import numpy as np
import pytest

from gmm_widget.core.e_step import e_step
from gmm_widget.core.em import em
from gmm_widget.core.m_step import m_step
from gmm_widget.core.mixture import Mixture
from gmm_widget.core.moments import Moments
from gmm_widget.core.points import Points
from gmm_widget.core.rounding import at_least
from gmm_widget.core.squarem import accelerated
from gmm_widget.core.structure import STRUCTURES, structure
from gmm_widget.search.batch import batch_of, mixture_of
from gmm_widget.search.batched_em import BatchData

RNG = np.random.default_rng(3)
Z = RNG.normal(size=400)


def step_of(column: np.ndarray, **options: object) -> float:
    found = Points.of(column, resolution=options.pop("resolution", "auto"), **options).resolution
    return 0.0 if found is None else float(found[0])


@pytest.mark.parametrize(
    ("column", "step"),
    [
        (np.rint(20 * Z), 1.0),
        (np.rint(20 * Z).astype(np.int32), 1.0),
        (np.rint(20 * Z).astype(np.float32), 1.0),
        (np.rint(20 * Z) / 2, 0.5),
        (np.round(Z, 1), 0.1),
        (np.round(30 + 5 * Z, 1).astype(np.float32), 0.1),
        (np.rint(40 * Z) / 8, 0.125),
        (np.rint(5 * Z) * 2.54, 2.54),
        (np.rint(30 * Z) / 3, 1 / 3),
        (np.rint(20 * Z) * 5, 5.0),
        (1e6 + np.rint(20 * Z) / 10, 0.1),
        (np.where(Z > 0, 1.0, 0.0), 1.0),
        (np.array([0.0, 2.0, 5.0, 9.0]), 1.0),
        (Z, 0.0),
        (Z.astype(np.float32), 0.0),
        (np.exp(Z), 0.0),
        (np.full(50, 7.0), 0.0),
        (np.rint(1e6 * Z), 0.0),  # of no consequence
    ],
)
def test_the_step_of_a_column_is_found(column, step):
    assert step_of(column) == pytest.approx(step, rel=1e-9 if column.dtype != np.float32 else 1e-4)


@pytest.mark.parametrize(("a", "b"), [(1e-4, 0.0), (-3.7, 12.34), (1e9, -7.0), (0.3, 1e3)])
def test_it_has_the_units_of_the_column(a, b):
    assert step_of(a * np.rint(9 * Z) + b) == pytest.approx(abs(a), rel=1e-6)


def test_rows_in_any_order_and_any_number_decide():
    column = np.tile(np.rint(9 * Z), 300)
    assert step_of(column) == 1.0
    column[-1] += 0.5  # beyond the rows that are looked at first
    assert step_of(column) == step_of(column[::-1]) == 0.5
    weight = np.ones(len(column))
    weight[-1] = 0.0
    assert step_of(column, sample_weight=weight) == 1.0
    column[-1] += 0.1234567
    assert step_of(column) < 1e-6


def test_what_is_given_goes_before_what_is_found():
    x = np.c_[np.rint(9 * Z), Z, np.rint(9 * Z)]
    assert Points.of(x).resolution is None
    assert Points.of(x, resolution=2).resolution.tolist() == [2, 2, 2]
    assert Points.of(x, resolution=["auto", 0.1, None]).resolution.tolist() == [1, 0.1, 0]
    for wrong in ("fine", -1, [1, 2], [1, 2, "x"], np.nan, [1, 2, np.inf]):
        with pytest.raises(ValueError, match="resolution must be"):
            Points.of(x, resolution=wrong)


def matrices(d: int, n: int) -> np.ndarray:
    a = RNG.normal(size=(n, d, d)) * np.exp(RNG.normal(size=(n, d, 1)))
    return a @ a.swapaxes(1, 2)


def cost(sigma: np.ndarray, moment: np.ndarray) -> float:
    """Minus twice the mean log-likelihood of a Gaussian at its mean, less a constant."""
    return float(np.linalg.slogdet(sigma)[1] + np.trace(np.linalg.solve(sigma, moment)))


@pytest.mark.parametrize("floor", [[1.0], [0.5, 2.0], [1.0, 0.0], [0.3, 0.0, 1.0, 4.0]])
def test_it_is_the_most_likely_covariance_above_the_floor(floor):
    """None of many others above the floor, near and far, has a higher likelihood."""
    bound = np.diag(floor)
    for moment in matrices(len(floor), 20):
        found = at_least(moment[None], np.array(floor))[0]
        assert np.linalg.eigvalsh(found - bound)[0] > -1e-7 * np.trace(found)
        best = cost(found, moment)
        for other in matrices(len(floor), 200):
            for share in (1e-3, 0.1, 1.0):
                tried = (1 - share) * found + share * (bound + other)
                assert cost(tried, moment) >= best - 1e-7


def test_in_one_column_it_is_the_larger_variance():
    found = at_least(np.array([[[0.0]], [[0.01]], [[3.0]]]), np.array([0.25]))
    np.testing.assert_allclose(found.ravel(), [0.25, 0.25, 3.0], rtol=1e-7)


def test_wide_covariances_are_left_as_they_are():
    wide = matrices(3, 5) + 2 * np.eye(3)
    assert at_least(wide, np.ones(3)) is wide
    assert at_least(wide, np.zeros(3)) is wide


@pytest.mark.parametrize("name", list(STRUCTURES))
def test_every_structure_keeps_its_constraint_above_the_floor(name):
    kind, floor = structure(name), np.array([0.2, 0.0, 0.6])
    mixture = Mixture([0.5, 0.5], [[0, 0, 0], [1, 1, 1]], np.repeat(np.eye(3)[None], 2, axis=0))
    free = m_step(e_step(Points.of(RNG.normal(size=(60, 3))), mixture), kind).covariances * 0.05
    found = kind.at_least(free, floor)
    assert np.linalg.eigvalsh(found - np.diag(floor)).min() > -1e-7
    again = kind.constrain(Moments(np.ones(2), np.zeros((2, 3)), found), np.ones(3))
    np.testing.assert_allclose(again, found, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("run", [em, accelerated])
@pytest.mark.parametrize("name", list(STRUCTURES))
def test_em_is_monotone_where_the_floor_is_active(run, name):
    """A component that begins on the pile at 17 stays no narrower than the rounding."""
    values = np.r_[[17] * 29, [21], np.rint(RNG.normal(42, 3, 25))]
    x = np.c_[values, np.rint(RNG.normal(size=55))]
    points = Points.of(x, resolution="auto")
    start = Mixture([0.5, 0.5], [[17, 0], [40, 0]], [np.eye(2) / 11, 90 * np.eye(2)])
    kind = structure(name)
    start = m_step(e_step(points, start), kind)
    steps = list(run(points, start, kind, regularisation=1e-8, max_steps=200))
    objective = np.array([step.objective for step in steps])
    assert (np.diff(objective) >= -1e-9 * np.abs(objective[:-1])).all()
    for step in steps:
        assert np.linalg.eigvalsh(step.mixture.covariances).min() >= (1 - 1e-6) / 12
    if name == "full":  # it is active
        assert np.linalg.eigvalsh(steps[-1].mixture.covariances).min() < 1.001 / 12


@pytest.mark.parametrize("name", list(STRUCTURES))
def test_the_search_takes_the_same_step(name):
    x = np.c_[np.r_[[17] * 30, np.rint(RNG.normal(42, 3, 25))], np.rint(4 * RNG.normal(size=55))]
    points, kind = Points.of(x, resolution="auto"), structure(name)
    start = Mixture([0.5, 0.5], [[17, 0], [42, 0]], [np.diag([0.1, 9]), 9 * np.eye(2)])
    exact = m_step(e_step(points, start, regularisation=1e-8), kind, regularisation=1e-8)
    batched = BatchData.of(points, kind, 1e-8).em_step(batch_of(points, [start])).after
    found = mixture_of(points, batched, 0)
    np.testing.assert_allclose(found.covariances, exact.covariances, rtol=1e-7, atol=1e-12)


def test_no_extrapolation_goes_below_it():
    """A component shrinks slowly to one value in the midst of a wide one, in accelerated steps."""
    wide = np.rint(np.random.default_rng(0).normal(17, 4, 60))
    points, kind = Points.of(np.r_[[17.0] * 20, wide], resolution=3), structure("full")
    start = Mixture([0.5, 0.5], [[17.0], [18.4]], [[[2.5]], [[8.4]]])
    steps = list(accelerated(points, start, kind, regularisation=0.0, tolerance=1e-10))
    variances = np.array([step.mixture.covariances.min() for step in steps])
    assert variances.min() >= (1 - 1e-6) * 9 / 12
    assert variances[-1] == pytest.approx(9 / 12, rel=1e-6)

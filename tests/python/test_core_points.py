"""What is taken for data, what is refused and how, and the frame that is found for it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest

from gmm_widget.core.e_step import e_step
from gmm_widget.core.mixture import Mixture
from gmm_widget.core.points import Points

TABLE = np.array([[1.0, 2.0], [3.0, 5.0], [4.0, 4.0]])


@pytest.mark.parametrize(
    "given",
    [
        TABLE.tolist(),
        [tuple(row) for row in TABLE],
        TABLE.astype(np.float32),
        TABLE.astype(np.float16),
        TABLE.astype(np.longdouble),
        TABLE.astype(np.int8),
        TABLE.astype(np.uint64),
        pd.DataFrame(TABLE),
        pl.DataFrame(TABLE),
        np.ma.array(TABLE, mask=False),
        TABLE.astype(">f8"),
    ],
    ids=lambda given: f"{type(given).__name__}-{getattr(given, 'dtype', '')}",
)
def test_every_table_of_numbers_is_points(given):
    points = Points.of(given)
    assert (points.n, points.d, points.total_weight) == (3, 2, 3.0)
    ((z, weight),) = points.blocks()
    assert weight is None
    np.testing.assert_allclose(points.frame.means_out(z.T), TABLE, rtol=1e-15)
    mixture = Mixture([1.0], [[2.0, 3.0]], [np.eye(2)])
    total = e_step(points, mixture).log_likelihood
    assert total == pytest.approx(mixture.log_density(TABLE).sum(), rel=1e-14)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (np.zeros((2, 2, 2)), r"shape \(N, D\) or \(N,\); got \(2, 2, 2\)"),
        (3.0, r"got \(\)"),
        (np.zeros((0, 2)), r"at least one row and one column; got shape \(0, 2\)"),
        (np.zeros((2, 0)), r"at least one row and one column"),
        ([], r"at least one row"),
        ([["a", "b"]], "real numbers; got an array of <U1"),
        ([[1 + 2j]], "real numbers; got an array of complex128"),
        (np.array(["2020-01-01"], dtype="M8[D]"), "real numbers"),
        (np.array([[1.0, "x"]], dtype=object), "real numbers; got an array of object"),
        ([[1.0, 2.0], [3.0]], "rectangular table: rows of one length"),
        (np.ma.array(TABLE, mask=TABLE > 4), "masked entries"),
    ],
)
def test_what_is_no_table_of_numbers_is_refused(given, message):
    with pytest.raises(ValueError, match=message):
        Points.of(given)


def test_rows_that_are_not_finite_are_counted_and_the_first_named():
    x = np.zeros((100_000, 3))
    x[99_000:, 1] = np.nan
    with pytest.raises(ValueError, match=r"1000 of 100000 rows .*row 99000 column 1.*, \.\.\.\)"):
        Points.of(x)


@pytest.mark.parametrize(
    ("weight", "message"),
    [
        ([1.0, 2.0], r"shape \(3,\), one a row; got \(2,\)"),
        ([[1.0], [1.0], [1.0]], r"got \(3, 1\)"),
        ([1.0, -1.0, 1.0], "row 1 has -1"),
        ([1.0, np.nan, 1.0], "row 1 has nan"),
        ([0.0, 0.0, 0.0], "zero in every row"),
        (["a", "b", "c"], "sample_weight must be numbers"),
    ],
)
def test_weights_that_make_no_sense_are_refused(weight, message):
    with pytest.raises(ValueError, match=message):
        Points.of(TABLE, weight)


def test_the_input_is_referred_to_and_not_copied():
    x = np.zeros((1000, 2))
    x[:, 0] = np.arange(1000)
    assert np.shares_memory(Points.of(x).rows, x)
    line = np.arange(5.0)
    assert np.shares_memory(Points.of(line).rows, line)
    assert Points.of(line).d == 1


@pytest.mark.parametrize("offset", [0.0, -7.0, 1e8])
def test_the_frame_is_the_mean_and_a_power_of_two_near_the_spread(offset):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(70_000, 3)) * [1e-2, 3.0, 1e5] + offset
    weight = rng.uniform(size=len(x))
    points = Points.of(x, weight)
    mean = np.average(x.astype(np.longdouble), axis=0, weights=weight)
    variance = np.average((x - mean) ** 2, axis=0, weights=weight)
    rounding = np.finfo(float).eps * (abs(offset) + 1e5)
    np.testing.assert_allclose(points.frame.origin, mean.astype(float), rtol=0, atol=rounding)
    np.testing.assert_array_equal(np.frexp(points.frame.scale)[0], 0.5)
    ratio = np.sqrt(variance).astype(float) / points.frame.scale
    assert ((ratio > 0.999) & (ratio < 2.001)).all()
    np.testing.assert_allclose(points.variance, ratio**2, rtol=1e-10)
    assert points.total_weight == pytest.approx(weight.sum())
    assert points.constant == ()


def test_an_outlier_does_not_spoil_the_variance_by_which_regularisation_is_measured():
    """It is at most ten times as wide as the middle four fifths of a Gaussian would have it."""
    x = np.concatenate([np.random.default_rng(1).normal(size=999), [1e9]])
    points = Points.of(x)
    sd = float(np.sqrt(points.variance[0]) * points.frame.scale[0])
    assert sd == pytest.approx(10 * x[:-1].std(), rel=0.1)
    twice = Points.of(x, np.r_[np.ones(999), 2.0])
    assert twice.variance[0] * twice.frame.scale[0] ** 2 == pytest.approx(sd**2, rel=0.01)


def test_a_constant_column_borrows_the_spread_of_the_others():
    x = np.column_stack([np.full(50, 7.0), np.linspace(0, 1, 50), np.linspace(0, 3, 50)])
    points = Points.of(x)
    assert points.constant == (0,)
    lent = np.sqrt(points.variance) * points.frame.scale
    assert lent[0] ** 2 == pytest.approx((x[:, 1].var() + x[:, 2].var()) / 2)


def test_all_weight_on_one_row_is_one_point():
    points = Points.of(TABLE, [0.0, 2.0, 0.0])
    assert points.constant == (0, 1)
    np.testing.assert_allclose(points.frame.origin, TABLE[1])


def test_blocks_hold_every_row_once_with_its_weight():
    x = np.arange(50.0).reshape(25, 2)
    blocks = list(Points.of(x, np.arange(25)).blocks(8))
    assert [z.shape for z, _ in blocks] == [(2, 8)] * 3 + [(2, 1)]
    frame = Points.of(x, np.arange(25)).frame
    rows = np.concatenate([frame.means_out(z.T) for z, _ in blocks])
    np.testing.assert_allclose(rows, x, rtol=1e-14)
    np.testing.assert_array_equal(np.concatenate([w for _, w in blocks]), np.arange(25))

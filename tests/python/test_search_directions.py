"""Groups that only one hidden direction tells apart, which no distance between rows shows."""

import numpy as np
import pytest

from gmm_widget.core.points import Points
from gmm_widget.core.structure import structure
from gmm_widget.search.batched_em import BatchData
from gmm_widget.search.directions import directed_starts, whitened
from gmm_widget.search.restarts import restarts


def hidden(seed: int, n: int = 1500, d: int = 20, gap: float = 3.0):
    """Rows of unit covariance as a whole, the group of each, and the two groups' log density."""
    rng = np.random.default_rng(seed)
    direction = np.linalg.qr(rng.normal(size=(d, 1)))[0][:, 0]
    groups = rng.integers(0, 2, n)
    x = rng.normal(size=(n, d)) + np.outer(groups - 0.5, gap * direction)
    x -= x.mean(axis=0)
    return np.linalg.solve(np.linalg.cholesky(np.cov(x.T)), x.T).T, groups


def split_likelihood(x: np.ndarray, groups: np.ndarray, kind: str) -> float:
    """The log-likelihood where EM ends that begins at the true groups."""
    one_hot = (groups == np.arange(2)[:, None]).astype(float)
    data = BatchData.of(Points.of(x), structure(kind), 0.0)
    batch = data.fitted(data.shared_out(one_hot), np.ones(1, dtype=bool))
    for _ in range(200):
        batch = data.em_step(batch).after
    return float(data.em_step(batch).log_likelihood[0])


@pytest.mark.parametrize("kind", ["full", "tied"])
@pytest.mark.parametrize("seed", range(5))
def test_one_start_finds_two_groups_along_a_hidden_direction(seed, kind):
    x, groups = hidden(seed)
    found = restarts(Points.of(x), 2, structure(kind), 1, rng=np.random.default_rng(seed)).best
    assert found.log_likelihood >= split_likelihood(x, groups, kind) - 0.01


@pytest.mark.parametrize("weighted", [False, True])
def test_whitened_rows_have_unit_covariance(weighted):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(200, 6)) @ rng.normal(size=(6, 6)) + 100
    weight = rng.uniform(0.5, 2, 200) if weighted else None
    z = whitened(BatchData.of(Points.of(x, weight), structure("full"), 1e-8))
    np.testing.assert_allclose(np.cov(z.T, aweights=weight, ddof=0), np.eye(6), atol=1e-10)
    np.testing.assert_allclose(np.average(z, axis=0, weights=weight), 0, atol=1e-10)


def test_rows_in_a_plane_or_of_few_columns_have_no_such_starts():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(100, 6))
    for table in (np.c_[x[:, :5], x[:, :5].sum(axis=1)], x[:, :3]):
        data = BatchData.of(Points.of(table), structure("full"), 0.0)
        assert directed_starts(data, 2, [rng]) is None or np.linalg.cond(np.cov(table.T)) > 1e12


def test_what_was_spent_is_reported():
    x, _ = hidden(0, n=400, d=6)
    one, ten = (
        restarts(Points.of(x), 2, structure("full"), n, rng=np.random.default_rng(0)).spent
        for n in (1, 10)
    )
    assert one.rows == ten.rows == 400
    assert 0 < one.steps < ten.steps
    assert one.exact_steps > 0
    assert one.seconds > 0

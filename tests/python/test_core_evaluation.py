"""Densities, responsibilities and labels of single rows, against the definition in long double."""

import tracemalloc

import numpy as np
import pytest
from core_help import at_ratio, cloud, dense
from hard_cases import LONG, Answer, clusters, first_guess, log_joint
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import logsumexp

from gmm_widget import GaussianMixture, Mixture
from gmm_widget.core.passes.evaluation import assignments, total_log_density
from gmm_widget.core.passes.prepared_density import PreparedDensity

MEMORY = 64 * 2**20  # bytes beyond input and output


def by_definition(x: np.ndarray, mixture: Mixture) -> tuple[np.ndarray, np.ndarray]:
    """Log densities (N,) and responsibilities (N, K)."""
    parts = (mixture.weights, mixture.means, mixture.covariances)
    joint = log_joint(x.astype(LONG), Answer(*(part.astype(LONG) for part in parts), LONG(0)))
    top = joint.max(axis=1, keepdims=True)
    density = np.exp(joint - top).sum(axis=1)
    return top[:, 0] + np.log(density), np.exp(joint - top) / density[:, None]


def assert_right(x: np.ndarray, mixture: Mixture, tolerance: float = 1e-12) -> None:
    """Every answer about the rows, relative to the size of the log density."""
    logs, shares = by_definition(x, mixture)
    found, unit = mixture.log_density(x), 1 + np.abs(logs)
    assert np.abs((found - logs) / unit).max() < tolerance
    assert np.abs((mixture.responsibilities(x) - shares) / unit[:, None]).max() < tolerance
    labels, probability, same = assignments(PreparedDensity(mixture), x)
    best = shares[np.arange(len(x)), labels]
    assert np.abs((best - shares.max(axis=1)) / unit).max() < tolerance
    assert np.abs((probability - best) / unit).max() < tolerance
    assert (same == found).all()
    assert (mixture.labels(x) == labels).all()
    total = total_log_density(PreparedDensity(mixture), x, None)
    assert total == pytest.approx(float(logs.sum()), rel=tolerance)


@pytest.mark.parametrize(
    ("n", "d", "k"),
    [(1, 1, 1), (7, 2, 1), (40_000, 1, 3), (30_001, 2, 5), (5000, 8, 10), (99, 41, 2)],
)
def test_they_are_those_of_the_definition(n, d, k):
    assert_right(*cloud(n, d, k))


@pytest.mark.parametrize("ratio", [10.0, 1e3, 1e6])
@pytest.mark.parametrize("d", [1, 2, 5])
def test_narrow_components_far_from_the_centre_keep_their_digits(ratio, d):
    rng = np.random.default_rng(4)
    mixture = at_ratio(ratio, d, rng)
    assert_right(mixture.sample(2000, rng)[0], mixture)


@pytest.mark.parametrize("offset", [0.0, 1e4, 1e8])
@pytest.mark.parametrize("scale", [1e-150, 1.0, 1e120])
def test_units_and_offsets_cost_nothing(offset, scale):
    x = (clusters() + offset) * scale
    assert_right(x, first_guess(offset, scale))


def test_strongly_correlated_columns():
    rng = np.random.default_rng(0)
    wide = np.array([[1.0, 1.0 - 1e-9], [1.0 - 1e-9, 1.0]])
    mixture = Mixture([0.5, 0.5], [[0.0, 0.0], [1.0, -1.0]], [wide, np.eye(2)])
    # the factors themselves are good to about eps / 1e-9
    assert_right(mixture.sample(3000, rng)[0], mixture, tolerance=1e-6)


@pytest.mark.parametrize("kind", ["float32", "int16", "bool", "longdouble"])
def test_rows_of_any_real_type_and_order_in_memory(kind):
    x, mixture = cloud(3000, 3, 4)
    rows = x.astype(kind)
    logs = mixture.log_density(rows.astype(np.float64))
    for same in (rows, np.asfortranarray(rows), np.repeat(rows, 2, axis=0)[::2], rows[::-1][::-1]):
        assert (mixture.log_density(same) == logs).all()


def test_no_rows_have_no_answers():
    mixture = first_guess()
    assert mixture.log_density(np.empty((0, 2))).shape == (0,)
    assert mixture.responsibilities(np.empty((0, 2))).shape == (0, 3)


def test_a_row_out_of_float64s_range_has_no_density_and_belongs_to_the_nearest():
    mixture = Mixture([0.5, 0.5], [[0.0, 0.0], [10.0, 0.0]], [np.eye(2), 4 * np.eye(2)])
    x = np.array([[1.0, 0.0], [1e160, 1.0], [1e300, -1e300], [9.0, 0.0]])
    logs, shares = mixture.log_density(x), mixture.responsibilities(x)
    assert np.isneginf(logs[1:3]).all()
    np.testing.assert_array_equal(shares[1:3], [[0, 1], [0, 1]])  # the wide one
    near = x[[0, 3]]
    np.testing.assert_allclose(logs[[0, 3]], mixture.log_density(near), rtol=1e-14)
    np.testing.assert_allclose(shares[[0, 3]], mixture.responsibilities(near), rtol=1e-12)
    model = fitted(mixture)
    assert model.predict(x).tolist() == [0, 1, 1, 1]
    assert model.score(x) == -np.inf
    weights = [1.0, 0.0, 0.0, 2.0]
    expected = (logs[0] + 2 * logs[3]) / 3
    assert model.score(x, sample_weight=weights) == pytest.approx(expected, rel=1e-14)


def test_equal_components_share_a_row_and_the_first_has_it():
    mixture = Mixture([0.5, 0.5], [[0.0], [0.0]], np.ones((2, 1, 1)))
    np.testing.assert_allclose(mixture.responsibilities([[3.0]]), [[0.5, 0.5]])
    assert mixture.labels([[3.0]]).tolist() == [0]


def test_the_score_is_that_of_the_e_step():
    x, mixture = cloud(2000, 3, 4)
    weight = np.random.default_rng(1).integers(0, 3, len(x)).astype(float)
    answer = dense(x, mixture, weight)
    score = fitted(mixture).score(x, sample_weight=weight)
    assert score * weight.sum() == pytest.approx(float(answer.log_likelihood), rel=1e-13)


def mixture_of(k, d, rng, offset=0.0, narrow=1.0):
    factor = rng.normal(size=(k, d, d)) * np.geomspace(narrow, 1, k)[:, None, None]
    covariances = factor @ factor.transpose(0, 2, 1) + 0.1 * narrow**2 * np.eye(d)
    return Mixture(rng.dirichlet(np.ones(k)), rng.normal(0, 4, (k, d)) + offset, covariances)


@settings(max_examples=60)
@given(
    seed=st.integers(0, 10_000),
    k=st.integers(1, 6),
    d=st.integers(1, 7),
    n=st.sampled_from([1, 7, 4096, 4097, 9000]),
    offset=st.sampled_from([0.0, 1e3, 1e6]),
    narrow=st.sampled_from([1.0, 1e-3]),
)
def test_the_same_as_the_dense_formula(seed, k, d, n, offset, narrow):
    rng = np.random.default_rng(seed)
    mixture = mixture_of(k, d, rng, offset, narrow)
    x = rng.normal(0, 6, (n, d)) + offset
    x[0] += 1e7  # which must not cost the others their digits
    joint = mixture.log_joint(x)
    logs = logsumexp(joint, axis=1)
    size = 1 + np.abs(joint).max(axis=1)
    assert (np.abs(mixture.log_density(x) - logs) <= 1e-12 * size).all()
    shares = np.exp(joint - logs[:, None])
    assert (np.abs(mixture.responsibilities(x) - shares) <= 1e-12 * size[:, None]).all()
    best = np.take_along_axis(joint, mixture.labels(x)[:, None], axis=1)[:, 0]
    assert (best >= joint.max(axis=1) - 1e-12 * size).all()


def test_many_columns_are_whitened_and_agree():
    rng = np.random.default_rng(3)
    mixture = mixture_of(3, 60, rng)
    x = rng.normal(size=(500, 60))
    np.testing.assert_allclose(
        mixture.log_density(x), logsumexp(mixture.log_joint(x), axis=1), 1e-12
    )


@pytest.mark.parametrize("far", [1e155, 1e200, -1e300])
def test_a_row_beyond_all_densities_has_one_all_the_same(far):
    mixture = Mixture([0.5, 0.5], [[0.0, 0.0], [5.0, 5.0]], [np.eye(2), 4 * np.eye(2)])
    x = np.array([[far, 0.0], [0.0, 0.0]])
    logs = mixture.log_density(x)
    assert logs[0] == -np.inf
    assert np.isfinite(logs[1])
    # The wider component falls off more slowly, so that it is the nearer one at any distance.
    np.testing.assert_array_equal(mixture.responsibilities(x)[0], [0.0, 1.0])
    assert mixture.labels(x)[0] == 1


@pytest.mark.parametrize("method", ["predict", "predict_proba", "score", "score_samples", "bic"])
def test_rows_are_neither_copied_nor_expanded(method):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(600_000, 8)).astype(np.float32)
    model = fitted(cloud(10, 8, 10)[1])
    getattr(model, method)(x[:10_000])  # what is kept for good
    tracemalloc.start()
    try:
        result = getattr(model, method)(x)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak - getattr(result, "nbytes", 0) <= MEMORY


def fitted(mixture: Mixture) -> GaussianMixture:
    """An estimator with this mixture."""
    model = GaussianMixture(mixture.n_components)
    model.mixture_ = mixture
    return model

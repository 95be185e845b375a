"""Row-by-row evaluation against the plain dense formula, at any scale, in little memory."""

import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gmm_widget import GaussianMixture, Mixture
from gmm_widget.core.density import log_sum_exp

MEMORY = 64 * 2**20  # bytes beyond input and output


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
    x[0] += 1e7  # a row so far away that the natural parameters of its block would cancel
    joint = mixture.log_joint(x)
    logs = log_sum_exp(joint)
    size = 1 + np.abs(joint).max(axis=1)
    assert (np.abs(mixture.log_density(x) - logs) <= 1e-10 * size).all()
    shares = np.exp(joint - logs[:, None])
    assert (np.abs(mixture.responsibilities(x) - shares) <= 1e-8 * size[:, None]).all()
    best = np.take_along_axis(joint, mixture.labels(x)[:, None], axis=1)[:, 0]
    assert (best >= joint.max(axis=1) - 1e-10 * size).all()


def test_many_columns_are_whitened_and_agree():
    rng = np.random.default_rng(3)
    mixture = mixture_of(3, 60, rng)
    x = rng.normal(size=(500, 60))
    np.testing.assert_allclose(mixture.log_density(x), log_sum_exp(mixture.log_joint(x)), 1e-12)


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


@pytest.mark.parametrize("method", ["predict", "predict_proba", "score", "score_samples"])
def test_rows_are_neither_copied_nor_expanded(method):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(600_000, 8)).astype(np.float32)
    model = GaussianMixture(10, max_iter=1, random_state=0, init_params="random_from_data")
    model.fit(x[:2000])
    getattr(model, method)(x[:10_000])  # what is kept for good
    tracemalloc.start()
    try:
        result = getattr(model, method)(x)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak - getattr(result, "nbytes", 0) <= MEMORY

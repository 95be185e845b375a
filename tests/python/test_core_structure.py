"""One contract for every covariance structure, against the plain dense answer."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize

from gmm_widget.core.moments import Moments
from gmm_widget.core.structure import STRUCTURES, Structure, structure

each = pytest.mark.parametrize("chosen", STRUCTURES.values(), ids=STRUCTURES.keys())
SCALE = np.array([1.0, 4.0, 0.5])


def some_moments(k: int = 3, d: int = 3) -> Moments:
    rng = np.random.default_rng(4)
    a = rng.standard_normal((k, d, 2 * d)) * SCALE[:d, None]
    counts = rng.uniform(5, 30, k)
    return Moments(counts, rng.standard_normal((k, d)), a @ a.transpose(0, 2, 1))


def log_likelihood(moments: Moments, covariances: np.ndarray) -> float:
    """Of Gaussians at their own means, up to a constant, by the definition."""
    total = 0.0
    for count, scatter, c in zip(moments.counts, moments.scatters, covariances, strict=True):
        total -= (count * np.linalg.slogdet(c)[1] + np.trace(np.linalg.solve(c, scatter))) / 2
    return total


def spanned(name: str, k: int, d: int, free: np.ndarray) -> np.ndarray:
    """Covariances of the structure from free parameters: exp of a symmetric log."""
    i, j = np.triu_indices(d)

    def expm(values: np.ndarray) -> np.ndarray:
        symmetric = np.zeros((d, d))
        symmetric[i, j] = symmetric[j, i] = values
        w, v = np.linalg.eigh(symmetric)
        return (v * np.exp(w)) @ v.T

    if name == "spherical":
        return np.exp(free)[:, None, None] * np.diag(1 / SCALE[:d] ** 2)
    if name == "diag":
        return np.exp(free).reshape(k, d)[:, :, None] * np.eye(d)
    if name == "tied":
        return np.repeat(expm(free)[None], k, axis=0)
    return np.array([expm(values) for values in free.reshape(k, -1)])


@each
def test_constrain_finds_the_greatest_likelihood(chosen):
    moments = some_moments()
    k, d = moments.means.shape
    size = chosen.n_covariance_parameters(k, d)
    best = minimize(
        lambda free: -log_likelihood(moments, spanned(chosen.name, k, d, free)),
        np.zeros(size),
        method="BFGS",
        options={"gtol": 1e-7},
    )
    found = chosen.constrain(moments, SCALE)
    np.testing.assert_allclose(found, spanned(chosen.name, k, d, best.x), rtol=1e-4, atol=1e-4)
    assert log_likelihood(moments, found) >= -best.fun - 1e-9


@each
def test_the_shape_stored_is_the_same_for_all(chosen):
    covariances = chosen.constrain(some_moments(), SCALE)
    assert covariances.shape == (3, 3, 3)
    np.testing.assert_array_equal(covariances, covariances.transpose(0, 2, 1))
    assert chosen.shared == bool((covariances == covariances[0]).all())


@each
def test_projecting_what_obeys_changes_nothing(chosen):
    for covariance in chosen.constrain(some_moments(), np.ones(3)):
        for dims in ([0, 1], [2], [2, 0, 1]):
            np.testing.assert_allclose(chosen.project(covariance, dims), covariance, rtol=1e-14)


def test_spheres_are_round_in_the_units_of_the_data():
    covariances = structure("spherical").constrain(some_moments(), SCALE)
    in_data_units = covariances * SCALE[:, None] * SCALE
    for c in in_data_units:
        np.testing.assert_allclose(c, c[0, 0] * np.eye(3), rtol=1e-14)


@pytest.mark.parametrize(
    ("name", "count"), [("spherical", 14), ("diag", 20), ("tied", 17), ("full", 29)]
)
def test_parameters_are_counted(name, count):
    assert structure(name).n_parameters(3, 3) == count
    assert structure(name).n_parameters(1, 1) == 2


def test_an_unknown_name_is_answered_with_the_known_ones():
    with pytest.raises(ValueError, match=r"'ful'.*'spherical', 'diag', 'tied', 'full'"):
        structure("ful")


def test_the_interface_has_no_objects_of_its_own():
    with pytest.raises(TypeError):
        Structure()

"""One contract for every covariance structure: the plain dense answer, and the traits it states."""

from __future__ import annotations

import json

import numpy as np
import pytest
from scipy.optimize import minimize
from structure_help import OneVolume, TiedDiag

from gmm_widget.core.moments import Moments
from gmm_widget.core.passes import natural_parameters
from gmm_widget.core.structure import STRUCTURES, Structure, structure

each = pytest.mark.parametrize("chosen", STRUCTURES.values(), ids=STRUCTURES.keys())
WITH_ADDED = (*STRUCTURES.values(), TiedDiag(), OneVolume())
each_stated = pytest.mark.parametrize("chosen", WITH_ADDED, ids=lambda kind: kind.name)
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


@each_stated
def test_stated_constraints_hold(chosen):
    moments = some_moments()
    covariances = chosen.constrain(moments, SCALE)
    assert chosen.shared == bool((covariances == covariances[0]).all())
    assert chosen.diagonal == bool((covariances == covariances * np.eye(3)).all())
    variances = np.einsum("kii->ki", covariances) * SCALE**2
    assert chosen.isotropic == np.allclose(variances, variances[:, :1], rtol=1e-12)
    assert chosen.diagonal or not chosen.isotropic
    uncorrelated = Moments(moments.counts, moments.means, moments.scatters * np.eye(3))
    if chosen.diagonal:
        np.testing.assert_array_equal(chosen.constrain(uncorrelated, SCALE), covariances)
    used = natural_parameters.used_statistics(3, chosen.diagonal)
    assert used.tolist() == ([0, 1, 2, 3, 4, 7, 9] if chosen.diagonal else list(range(10)))


@each_stated
def test_averages_are_averages(chosen):
    """Of the scatters: over components if shared, over columns if isotropic, in data units."""
    moments = some_moments()
    own = moments.scatters / moments.counts[:, None, None]
    if chosen.shared:
        own = np.repeat(moments.scatters.sum(axis=0)[None] / moments.counts.sum(), 3, axis=0)
    if chosen.diagonal:
        own = own * np.eye(3)
    if chosen.isotropic:
        means = (np.einsum("kii->ki", own) * SCALE**2).mean(axis=1)
        own = means[:, None, None] * np.diag(1 / SCALE**2)
    found = chosen.constrain(moments, SCALE)
    assert chosen.averages == np.allclose(found, own, rtol=1e-12)


@each_stated
@pytest.mark.parametrize("d", [1, 2, 4])
def test_with_the_fewest_rows_a_covariance_is_positive_definite_and_with_fewer_not(chosen, d):
    rows = np.random.default_rng(0).standard_normal((d + 1, d))

    def positive_definite(n: int) -> bool:
        y = rows[:n] - rows[:n].mean(axis=0)
        one = Moments(np.array([float(n)]), np.zeros((1, d)), (y.T @ y)[None])
        with np.errstate(invalid="ignore"):
            covariance = chosen.constrain(one, np.ones(d))[0]
        return np.isfinite(covariance).all() and np.linalg.eigvalsh(covariance)[0] > 1e-9

    if chosen.shared:  # other components lend it their rows
        assert chosen.min_rows(d) == 1
    else:
        assert positive_definite(chosen.min_rows(d))
        assert not positive_definite(chosen.min_rows(d) - 1)


def test_the_parts_of_a_precision():
    expected = {
        "full": (((0, 1, 2),), 1, False),
        "tied": (((0, 1, 2),), 1, True),
        "diag": (((0,), (1,), (2,)), 1, False),
        "spherical": (((0,),), 3, False),
    }
    for name, parts in expected.items():
        assert tuple(structure(name).precision_blocks(3)) == parts
    assert OneVolume().precision_blocks(3) is None


@each_stated
def test_packing_keeps_what_varies_and_nothing_else(chosen):
    covariances = chosen.constrain(some_moments(), np.ones(3))
    packed = chosen.pack(covariances)
    assert packed.shape == chosen.packed_shape(3, 3)
    np.testing.assert_array_equal(chosen.unpack(packed, 3, 3), covariances)
    packed[...] = 0.0
    assert covariances.any(), "packed arrays are copies"


@each_stated
def test_the_description_for_views_says_how_edits_are_projected(chosen):
    edited = np.array([[4.0, 1.0, 0.5], [1.0, 9.0, 0.2], [0.5, 0.2, 2.0]])
    described = chosen.describe()
    assert json.loads(json.dumps(described)) == described
    expected = np.eye(3) * 6.5 if described["isotropic"] else edited
    expected = expected * np.eye(3) if described["diagonal"] else expected
    np.testing.assert_array_equal(chosen.project(edited, [0, 1]), expected)
    assert (described["name"], described["shared"]) == (chosen.name, chosen.shared)
    assert described["label"]


def test_an_unknown_name_is_answered_with_the_known_ones():
    with pytest.raises(ValueError, match=r"'ful'.*'spherical', 'diag', 'tied', 'full'"):
        structure("ful")


def test_the_interface_has_no_objects_of_its_own():
    with pytest.raises(TypeError):
        Structure()

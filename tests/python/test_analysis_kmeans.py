"""Between soft EM and k-means: both ends are what they should be, and the way is a mixture."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.cluster import KMeans

from gmm_widget.analysis.kmeans import kmeans, tempered
from gmm_widget.core.em import em
from gmm_widget.core.errors import CollapseError
from gmm_widget.core.initialise import initial_mixture
from gmm_widget.core.m_step import m_step
from gmm_widget.core.mixture import Mixture
from gmm_widget.core.points import Points
from gmm_widget.core.structure import STRUCTURES, structure
from gmm_widget.datasets import old_faithful
from gmm_widget.session.settings import Settings
from gmm_widget.session.tempered_steps import tempered_e_step

FAITHFUL = old_faithful(as_frame=True).to_numpy()


def _clusters(seed, n=400, d=3, k=4):
    rng = np.random.default_rng(seed)
    x = (
        rng.normal(size=(n, d)) * rng.uniform(0.3, 2, d)
        + 3 * rng.normal(size=(k, d))[rng.integers(0, k, n)]
    )
    return x, x[rng.choice(n, k, replace=False)]


@pytest.mark.parametrize("seed", range(4))
def test_the_hard_end_has_k_means_own_labels(seed):
    x, centres = _clusters(seed)
    peer = KMeans(4, init=centres, n_init=1, tol=0, max_iter=1000).fit(x)
    rng = np.random.default_rng(seed)
    a = rng.normal(size=(4, 3, 3))
    any_shape = Mixture(
        rng.dirichlet(np.ones(4)), peer.cluster_centers_, a @ a.swapaxes(1, 2) + 0.1 * np.eye(3)
    )
    r = tempered(any_shape, 0.0).responsibilities(x)
    np.testing.assert_array_equal(r.argmax(axis=1), peer.labels_)
    assert r.max(axis=1).min() > 1 - 1e-12


def tempered_step(points, mixture, shape, softness):
    """A step as the widget takes it."""
    found = tempered_e_step(points, mixture, Settings(softness=softness))
    return m_step(found, shape)


@pytest.mark.parametrize("name", ["full", "spherical", "tied", "diag"])
def test_hard_steps_are_k_means(name):
    x, centres = _clusters(7)
    points, shape = Points.of(x), structure(name)
    mixture = Mixture(np.full(4, 0.25), centres, np.repeat(np.eye(3)[None], 4, axis=0))
    for _ in range(100):
        mixture = tempered_step(points, mixture, shape, 0.0)
    hard = kmeans(points, centres)
    np.testing.assert_allclose(mixture.means, hard.centres, rtol=1e-9)
    peer = KMeans(4, init=centres, n_init=1, tol=0, max_iter=1000).fit(x)
    labels = tempered(mixture, 0.0).responsibilities(x).argmax(axis=1)
    np.testing.assert_array_equal(labels, peer.labels_)


def test_the_soft_end_is_em():
    points, shape = Points.of(FAITHFUL), structure("full")
    mixture = initial_mixture(points, 3, shape, rng=np.random.default_rng(0))
    assert tempered(mixture, 1.0) is mixture
    plain = list(em(points, mixture, shape, max_steps=3))
    for step in plain[1:]:
        mixture = tempered_step(points, mixture, shape, 1.0)
        np.testing.assert_allclose(mixture.means, step.mixture.means, rtol=1e-5)
        np.testing.assert_allclose(mixture.covariances, step.mixture.covariances, rtol=1e-4)


@given(st.floats(0, 1), st.floats(0, 1), st.sampled_from(list(STRUCTURES)))
def test_on_the_way_shares_get_harder_and_shapes_rounder(a, b, name):
    points = Points.of(FAITHFUL / FAITHFUL.std(axis=0))
    mixture = initial_mixture(points, 3, structure(name), rng=np.random.default_rng(1))
    soft, hard = (tempered(mixture, s) for s in (max(a, b), min(a, b)))
    np.testing.assert_array_equal(soft.means, hard.means)
    assert np.ptp(np.log(hard.weights)) <= np.ptp(np.log(soft.weights)) + 1e-12
    assert _eccentricity(hard) <= _eccentricity(soft) * (1 + 1e-9)
    sizes = [np.linalg.slogdet(m.covariances)[1].sum() for m in (hard, soft)]
    assert sizes[0] <= sizes[1] + 1e-9 or max(a, b) > 0.9


def _eccentricity(mixture):
    values = np.linalg.eigvalsh(mixture.covariances)
    return (values[:, -1] / values[:, 0]).max()


def test_units_far_apart_and_a_single_component():
    wide = Mixture([0.5, 0.5], [[0, 0], [1e-9, 1e9]], [np.diag([1e-20, 1e16])] * 2)
    assert np.isfinite(tempered(wide, 0.3).covariances).all()
    one = Mixture([1.0], [[2.0]], [[[3.0]]])
    assert tempered(one, 0.0).responsibilities([[5.0]]) == 1


def test_what_is_wrong_is_named():
    one = Mixture([1.0], [[2.0]], [[[3.0]]])
    for softness in (-0.1, 1.5, float("nan")):
        with pytest.raises(ValueError, match="softness"):
            tempered(one, softness)
    x = np.random.default_rng(0).normal(size=(50, 2))
    far = Mixture([0.5, 0.5], [[0, 0], [1e3, 1e3]], [np.eye(2)] * 2)
    with pytest.raises(CollapseError, match="component 1"):
        tempered_step(Points.of(x), far, structure("full"), 0.0)

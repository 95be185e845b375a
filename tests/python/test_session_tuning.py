"""Softness, regularisation, labels: from EM to k-means and back; a collapse that is named."""

import numpy as np
import pandas as pd
import pytest
from session_help import poor_start, three_clusters
from sklearn.cluster import KMeans

from gmm_widget import BayesianGaussianMixture, GMMWidget, Mixture
from gmm_widget.analysis.kmeans import tempered
from gmm_widget.core.defaults import REGULARISATION
from gmm_widget.datasets import old_faithful
from gmm_widget.protocol.incoming import parse

MESSAGE = {"client": "me", "seq": 1, "kind": "command", "name": "tune"}


def fitted(w: GMMWidget) -> GMMWidget:
    w._do(w._session.fit)
    return w


def test_at_softness_0_a_run_ends_at_kmeans_own_labels():
    data, start = three_clusters(), poor_start()
    w = GMMWidget(data, 3, mixture=start)
    w.softness = 0
    assert w.mixture == start
    assert len(w.history) == 1
    fitted(w)
    lloyd = KMeans(3, init=start.means, n_init=1, tol=0, algorithm="lloyd").fit(data)
    np.testing.assert_allclose(w.mixture.means, lloyd.cluster_centers_, rtol=1e-9)
    assert w.converged
    labels = w.labelled()["component"].cat.codes.to_numpy()
    np.testing.assert_array_equal(labels, lloyd.labels_)
    assert w.labelled()["confidence"].min() == 1


def test_back_at_1_it_is_em_again():
    w = GMMWidget(three_clusters(), 3, mixture=poor_start())
    w.softness = 0.3
    w.step(3)
    w.softness = 1
    after, apart = GMMWidget(three_clusters(), 3, mixture=w.mixture), w
    after.step(2)
    apart.step(2)
    assert after.mixture == apart.mixture


def test_halves_of_a_step_are_a_step_at_any_softness():
    for softness in (0.0, 0.4, 1.0):
        one, two = (GMMWidget(three_clusters(), 3, mixture=poor_start()) for _ in range(2))
        one.softness = two.softness = softness
        one.step()
        two.e_step()
        two.m_step()
        assert one.mixture == two.mixture
        if softness < 1:
            assert two._fit["painted"] == tempered(poor_start(), softness).to_json()


def test_locks_hold_at_softness_0():
    w = GMMWidget(three_clusters(), 3, mixture=poor_start())
    w.lock("A")
    w.softness = 0
    w.step(4)
    np.testing.assert_array_equal(w.mixture.means[0], poor_start().means[0])


def test_without_regularisation_a_component_collapses_and_is_named():
    data = old_faithful(as_frame=True)
    spread = np.cov(data.to_numpy().T)
    point = data.to_numpy()[0]
    start = Mixture([0.1, 0.9], [point, data.mean().to_numpy()], [1e-4 * spread, spread])
    w = GMMWidget(data, mixture=start, regularisation=0, resolution=None)
    assert w.regularisation == 0
    with pytest.raises(ValueError, match=r"component 0 collapsed: .* use regularisation"):
        fitted(w)
    w.regularisation = 1e-6
    w.step(5)
    w.regularisation = 1e-3
    assert w._fit["regularisation"] == 1e-3
    assert w.log_likelihood is not None


def test_labels_stand_beside_the_rows():
    data = old_faithful(as_frame=True).assign(note="x")
    w = GMMWidget(data[["waiting", "eruptions"]], 2, random_state=0)
    w.step(20)
    told = w.labelled(data)
    pd.testing.assert_frame_equal(told[data.columns], data)
    best = w.mixture.responsibilities(data[["waiting", "eruptions"]].to_numpy())
    np.testing.assert_array_equal(told["component"].cat.codes, best.argmax(axis=1))
    np.testing.assert_allclose(told["confidence"], best.max(axis=1), rtol=1e-9)
    assert list(told["component"].cat.categories) == ["A", "B"]


@pytest.mark.parametrize("bad", [-0.1, 1.1, float("nan")])
def test_settings_are_bounded(bad):
    w = GMMWidget(three_clusters(), 2, random_state=0)
    for name in ("softness", "regularisation"):
        with pytest.raises(ValueError, match=name):
            setattr(w, name, bad)
    assert (w.softness, w.regularisation) == (1, REGULARISATION)


@pytest.mark.parametrize(
    "args", [{"softness": "0"}, {"softness": True}, {"width": 1}, {"regularisation": None}]
)
def test_what_views_set_is_checked(args):
    with pytest.raises(ValueError, match=r"takes the arguments|finite number"):
        parse({**MESSAGE, "args": args})


def pruned(w: GMMWidget) -> int:
    return sum(count < 1 for count in w.counts)


def test_a_prior_prunes_components_and_the_bound_is_that_of_the_estimator():
    data = three_clusters()
    w = GMMWidget(data, 8, "full", random_state=0)
    first = w.mixture
    w.concentration = 100.0
    many = pruned(w)
    w.concentration = 1e-3
    assert w.converged
    assert pruned(w) > many
    assert sum(w.counts) == pytest.approx(len(data))
    twin = BayesianGaussianMixture(
        n_components=8, weight_concentration_prior_type="dirichlet_distribution",
        weight_concentration_prior=1e-3, max_iter=10_000,
        responsibilities_init=first.responsibilities(data),
    ).fit(data)  # fmt: skip
    apart = GMMWidget(data, mixture=first)
    apart.concentration = 1e-3
    assert apart.elbo == pytest.approx(twin.lower_bound_, abs=1e-4)


def test_leaving_the_mode_hands_over_the_expected_mixture():
    w = GMMWidget(three_clusters(), 5, random_state=0)
    w.concentration = 1e-2
    expected = w.mixture
    with pytest.raises(ValueError, match="take whole steps"):
        w.e_step()
    w.place("A", mean=[1.0, 1.0])
    assert (w.counts, w.elbo) == (None, None)
    w.undo()
    w.concentration = None
    assert w.mixture == expected
    assert w.history[-1].label == "expected mixture"
    assert w.elbo is None
    before = w.log_likelihood
    w.step(3)
    assert w.log_likelihood >= before

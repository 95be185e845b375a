"""A search runs under the settings of its session, and what it finds has converged there."""

import inspect
from dataclasses import replace

import numpy as np
import pytest
from session_help import poor_start, three_clusters

from gmm_widget import BayesianGaussianMixture, GaussianMixture, GMMWidget, select
from gmm_widget.core.em import em
from gmm_widget.core.m_step import m_step
from gmm_widget.core.mixture import Mixture
from gmm_widget.core.squarem import accelerated
from gmm_widget.search.restarts import restarts
from gmm_widget.selection.fit_cells import Question

ALL = [GMMWidget, GaussianMixture, BayesianGaussianMixture, select, restarts, em, accelerated]


def default(function: object, *names: str) -> float:
    """The default of the argument that has one of these names."""
    arguments = inspect.signature(function).parameters
    return next(arguments[name].default for name in names if name in arguments)


def test_everything_has_the_same_defaults():
    w = GMMWidget(three_clusters())
    options = Question._field_defaults["options"]
    regularisations = {default(each, "regularisation", "reg_covar") for each in [*ALL, m_step]}
    assert regularisations == {w.regularisation} == {options.regularisation}
    tolerances = {default(each, "tolerance", "tol") for each in ALL}
    assert tolerances == {w.tolerance} == {options.tolerance}


@pytest.mark.parametrize("scale", [1e-3, 1.0, 1e3])
def test_the_default_takes_no_likelihood_from_a_group_a_thousand_times_narrower(scale):
    """The oracle is EM without regularisation, from the same start."""
    rng = np.random.default_rng(0)
    wide, narrow = rng.normal(size=(300, 2)), rng.normal([3, 3], 2e-3, (300, 2))
    x = scale * np.concatenate([wide, narrow])
    groups = [scale**2 * np.cov(group.T) for group in (wide, narrow)]
    start = Mixture([0.5, 0.5], [[0, 0], [3 * scale, 3 * scale]], groups)
    totals = []
    for options in ({}, {"regularisation": 0.0}):
        w = GMMWidget(x, mixture=start, **options)
        w.run()
        totals.append(w.log_likelihood)
    assert totals[1] - 0.1 < totals[0] <= totals[1] + 1e-6


def searched(regularisation: float = 1e-6) -> GMMWidget:
    """A widget with the results of restarts and of a model selection."""
    w = GMMWidget(three_clusters(), 3, mixture=poor_start(), regularisation=regularisation)
    w.restart(6, random_state=0)
    w.select(3, "full")
    return w


def moved_by_a_step(w: GMMWidget) -> float:
    """Largest change of a parameter in one EM step; the data have standard deviations near 3."""
    before = w.mixture
    w.step()
    after = w.mixture
    parts = [(after.means, before.means), (after.covariances, before.covariances)]
    return max(float(np.abs(a - b).max()) for a, b in parts)


@pytest.mark.parametrize("regularisation", [1e-6, 0.2])
@pytest.mark.parametrize("adopt", [GMMWidget.adopt, GMMWidget.adopt_cell])
def test_what_is_adopted_is_an_optimum_of_the_widgets_own_em(adopt, regularisation):
    """EM of the widget, with its regularisation, leaves it where it is: the oracle is EM itself."""
    w = searched(regularisation)
    adopt(w)
    assert w.converged
    assert w._fit["converged"]
    assert moved_by_a_step(w) < 1e-3


@pytest.mark.parametrize("adopt", [GMMWidget.adopt, GMMWidget.adopt_cell])
@pytest.mark.parametrize(
    "settings", [{"regularisation": 0.2}, {"softness": 0.5}, {"concentration": 1.0}]
)
def test_an_optimum_of_another_objective_has_not_converged(adopt, settings):
    w = searched()
    for name, value in settings.items():
        setattr(w, name, value)
    w.stop()
    adopt(w)
    assert not w.converged


def test_an_unfinished_fit_has_not_converged():
    w = searched()
    optima = w.restarts.optima
    found = optima[0]._replace(optimum=replace(optima[0].optimum, converged=False))
    w._session.survey = w.restarts._replace(optima=(found,))
    w.adopt()
    assert not w.converged


@pytest.mark.parametrize("search", [GMMWidget.restart, GMMWidget.select])
@pytest.mark.parametrize(
    ("settings", "complaint"),
    [({"softness": 0.5}, "softness is 0.5"), ({"concentration": 2.0}, "concentration is 2")],
)
def test_settings_that_a_search_can_not_keep_are_named(search, settings, complaint):
    w = GMMWidget(three_clusters(), 3, random_state=0)
    for name, value in settings.items():
        setattr(w, name, value)
    with pytest.raises(ValueError, match=complaint):
        search(w)
    assert w.restarts is None
    assert w.selection is None


@pytest.mark.parametrize("search", [GMMWidget.restart, GMMWidget.select])
def test_locks_that_a_search_can_not_keep_are_named(search):
    w = GMMWidget(three_clusters(), 3, random_state=0)
    w.lock("B", "mean")
    w.lock("C", "weight")
    with pytest.raises(ValueError, match="unlock B, C"):
        search(w)
    w.lock("B", "mean", on=False)
    w.lock("C", on=False)
    search(w)


def test_a_cell_is_adopted_by_what_is_named_of_it():
    w = GMMWidget(three_clusters(), 2, "diag", random_state=0)
    w.select((1, 2, 3), ("tied", "full"))
    ranked = w.selection.ranked()
    w.adopt_cell(covariance_type="full")
    best_full = next(cell for cell in ranked if cell.covariance_type == "full")
    assert (w.covariance_type, w.mixture.n_components) == ("full", best_full.n_components)
    w.adopt_cell(2)
    best_pair = next(cell for cell in ranked if cell.n_components == 2)
    assert (w.covariance_type, w.mixture.n_components) == (best_pair.covariance_type, 2)
    with pytest.raises(ValueError, match="'spherical'"):
        w.adopt_cell(covariance_type="spherical")
    with pytest.raises(ValueError, match="9 components"):
        w.adopt_cell(9)

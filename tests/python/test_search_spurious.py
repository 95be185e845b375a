"""Maxima that are owed to a handful of rows are told from those that the data support."""

import numpy as np
import pytest

from gmm_widget.core.initialise import from_labels
from gmm_widget.core.mixture import Mixture
from gmm_widget.core.points import Points
from gmm_widget.core.structure import structure
from gmm_widget.search.outcomes import same
from gmm_widget.search.restarts import fit_from, restarts
from gmm_widget.search.spurious import suspicions

FULL = structure("full")


def cloud(n: int = 200, d: int = 2, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(n, d))


def of_groups(x: np.ndarray, few: int) -> tuple[Points, Mixture]:
    """The last `few` rows as a component of their own."""
    points = Points.of(x)
    return points, from_labels(points, (np.arange(len(x)) >= len(x) - few).astype(int), FULL)


def test_a_component_on_a_few_rows_is_named():
    points, mixture = of_groups(cloud(), 3)
    (found,) = suspicions(points, mixture, FULL)
    assert found.component == 1
    assert "too few rows" in found.cause


def test_a_component_on_rows_in_line_is_named():
    along = np.linspace(-1, 1, 6)[:, None] * [1.0, 2.0]
    x = np.vstack([cloud(), along + 1e-2 * cloud(6, seed=1)])
    (found,) = suspicions(*of_groups(x, 6), FULL)
    assert "in line" in found.cause


def test_a_component_on_tied_rows_is_named():
    tied = np.column_stack([np.linspace(-1, 1, 60), np.full(60, 0.5)])
    tied[:, 1] += 1e-5 * cloud(60, 1, seed=1)[:, 0]
    x = np.vstack([cloud(), tied])
    (found,) = suspicions(*of_groups(x, 60), FULL)
    assert "tied" in found.cause


def test_narrow_clusters_of_many_rows_are_fine():
    x = np.vstack([cloud(), 0.02 * cloud(100, seed=1) + 3])
    assert suspicions(*of_groups(x, 100), FULL) == ()


def test_the_best_passes_over_a_spurious_maximum_that_is_higher():
    """From labels the spurious maximum is certain to be among the starts."""
    x = np.vstack([cloud(), [[6.0, 6.0], [6.0, 6.001], [6.001, 6.0]]])
    points = Points.of(x)
    trap = from_labels(points, (np.arange(len(x)) >= 200).astype(int), FULL)
    fair = from_labels(points, (x[:, 0] > 0).astype(int), FULL)
    asked = fit_from(points, [trap, fair], FULL, allow_spurious=True)
    found = fit_from(points, [trap, fair], FULL)
    assert asked.chosen == 0
    assert asked.best.suspicions
    sound = [o for o in found.optima if not o.suspicions]
    assert found.best is (sound[0] if sound else found.optima[0])
    assert {o.status for o in found.outcomes} & {"spurious"}


def test_one_collapse_is_named_and_dropped_and_costs_the_others_nothing():
    tied = np.full((5, 2), 0.3)
    points = Points.of(np.vstack([cloud(60), cloud(60, seed=1) + 10, tied]))
    narrow = [25 * np.eye(2), 1e-4 * np.eye(2)]
    trap = Mixture([0.96, 0.04], [[5, 5], [0.3, 0.3]], narrow)
    fair = from_labels(points, (points.rows[:, 0] > 5).astype(int), FULL)
    found = fit_from(points, [trap, fair, trap], FULL, regularisation=0.0)
    alone = fit_from(points, [fair], FULL, regularisation=0.0)
    assert [o.start for o in found.failures] == [0, 2]
    for outcome in found.failures:
        assert "component 1 collapsed" in (outcome.reason or "")
    assert found.best.log_likelihood == pytest.approx(alone.best.log_likelihood, rel=1e-9)


def test_if_every_start_collapses_the_error_says_so():
    points = Points.of(np.vstack([cloud(60), np.full((5, 2), 8.0)]))
    trap = Mixture([0.9, 0.1], [[0, 0], [8, 8]], np.repeat(np.eye(2)[None], 2, axis=0))
    with pytest.raises(ValueError, match="all collapsed"):
        fit_from(points, [trap, trap], FULL, regularisation=0.0)


def test_duplicates_are_recognised_up_to_order():
    points = Points.of(np.vstack([cloud(), cloud(100, seed=1) + 5]))
    found = restarts(points, 2, FULL, 6, methods="k-means++", rng=np.random.default_rng(0))
    assert len(found.best.starts) > 1
    m = found.best.mixture
    turned = Mixture(m.weights[::-1], m.means[::-1], m.covariances[::-1])
    assert same(m, turned)
    assert not same(m, Mixture(m.weights, m.means + 1, m.covariances))
    pair = fit_from(points, [m, turned], FULL)
    assert pair.best.starts == (0, 1)


def test_a_poll_that_raises_gives_everything_up():
    def poll() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        restarts(Points.of(cloud()), 3, FULL, poll=poll)

"""Many starts: the published optimum is found, the best is kept, each start's status is told."""

import re

import numpy as np
import pytest

from gmm_widget import select
from gmm_widget.core.e_step import e_step
from gmm_widget.core.errors import CollapseError
from gmm_widget.core.points import Points
from gmm_widget.core.structure import STRUCTURES, structure
from gmm_widget.datasets import old_faithful
from gmm_widget.search.restarts import iterate_restarts, restarts

X = old_faithful(as_frame=True).to_numpy()


def fitted(x: np.ndarray, k: int, kind: str, seed: int = 0, **options: object):
    return restarts(Points.of(x), k, structure(kind), rng=np.random.default_rng(seed), **options)


@pytest.mark.parametrize("seed", range(3))
def test_the_published_optimum_of_the_geyser_is_found(seed):
    """mclust prints -1126.326 for three tied components; its maximum is -1126.31593."""
    assert fitted(X, 3, "tied", seed).best.log_likelihood == pytest.approx(-1126.31593, abs=1e-4)
    assert fitted(X, 2, "full", seed).best.log_likelihood == pytest.approx(-1130.263960, abs=1e-4)


@pytest.mark.parametrize("kind", list(STRUCTURES))
@pytest.mark.parametrize("methods", ["search", ["k-means++", "kmeans", "random"]])
def test_the_best_is_the_highest_and_its_figure_is_its_own(kind, methods):
    found = fitted(X, 3, kind, methods=methods)
    objectives = [o.objective for o in found.optima]
    assert objectives == sorted(objectives, reverse=True)
    assert all(o.spurious for o in found.optima[: found.chosen])
    best = found.best
    assert best.converged
    exact = e_step(Points.of(X), best.mixture).log_likelihood
    assert best.log_likelihood == pytest.approx(exact, rel=1e-10)
    assert (np.diff(best.trace) >= -1e-6).all()


def test_every_start_has_a_fate_and_duplicates_are_one_optimum():
    found = fitted(X, 2, "full", n_starts=10, methods="k-means++", thorough=True)
    assert sorted(o.start for o in found.outcomes)[:10] == list(range(10))
    assert all(o.status in FATES for o in found.outcomes)
    reached = [o for o in found.outcomes if o.optimum is not None]
    assert len(found.optima) < len(reached)
    for outcome in reached:
        gap = found.optima[outcome.optimum].objective - outcome.objective
        assert abs(gap) < 1e-3 * len(X)


def test_many_starts_show_themselves_in_three_lines_and_print_every_optimum():
    found = fitted(X, 3, "full", n_starts=30, methods="k-means++", thorough=True)
    text = repr(found)
    assert len(text.splitlines()) == 3
    assert "array" not in text
    counts = [
        int(n) for n, status in re.findall(r"(\d+) (\w+)", text.splitlines()[0]) if status in FATES
    ]
    assert sum(counts) == len(found.outcomes)
    assert f"{found.best.log_likelihood:.4f}" in text
    assert str(found).count("log-likelihood") == len(found.optima)


FATES = {"converged", "unfinished", "level", "behind", "spurious", "failed"}


def test_outcomes_come_one_at_a_time_and_can_be_given_up():
    generator = iterate_restarts(Points.of(X), 3, structure("full"), rng=np.random.default_rng(0))
    first = next(generator)
    assert first.status in FATES
    generator.close()


def test_a_spurious_maximum_is_named_and_not_chosen_unless_asked_for():
    """Two rows that nearly coincide owe a component a likelihood without limit."""
    rng = np.random.default_rng(4)
    x = np.vstack([rng.normal(size=(120, 2)), [[6.0, 6.0], [6.0, 6.00001], [6.00001, 6.0]]])
    plain = fitted(x, 3, "full", n_starts=12)
    assert plain.best.spurious is None or all(o.spurious for o in plain.optima)
    asked = fitted(x, 3, "full", n_starts=12, allow_spurious=True)
    assert asked.chosen == 0
    assert asked.best.spurious is not None


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"methods": "magic"}, "unknown method 'magic'"),
        ({"methods": ["search", "random"]}, "can't be mixed"),
        ({"n_starts": 0}, "number of starts"),
    ],
)
def test_bad_options_are_named(options, message):
    with pytest.raises(ValueError, match=message):
        fitted(X, 2, "full", **options)


def test_fewer_distinct_rows_than_components_is_said():
    with pytest.raises(ValueError, match="distinct"):
        fitted(np.repeat([[0.0, 1.0], [2.0, 3.0]], 20, axis=0), 3, "full")


def test_under_a_shared_covariance_it_reaches_what_scikit_learn_does():
    from sklearn.datasets import load_breast_cancer
    from sklearn.mixture import GaussianMixture

    x = load_breast_cancer().data[:, :10]
    theirs = GaussianMixture(3, covariance_type="tied", n_init=10, random_state=0).fit(x)
    ours = fitted(x, 3, "tied").best
    assert ours.log_likelihood > theirs.score(x) * len(x) - 1e-3


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("kind", ["duplicate", "summed", "fewer rows than columns", "n = k"])
def test_without_regularisation_singular_data_collapse_in_words(kind, seed):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(50, 2))
    x = {
        "duplicate": np.c_[x, x[:, 0]],
        "summed": np.c_[x, x.sum(axis=1)],
        "fewer rows than columns": rng.normal(size=(5, 8)),
        "n = k": x[:2],
    }[kind]
    points = Points.of(x)
    for name in ("full", "tied"):
        with pytest.raises(CollapseError, match=r"component [01] collapsed: .*; use "):
            restarts(points, 2, structure(name), 2, rng=rng, regularisation=0.0)


def test_a_selection_says_that_singular_data_collapse():
    x = np.random.default_rng(0).normal(size=(50, 2))
    reasons = select(np.c_[x, x[:, 0]], [1, 2], ["full"], reg_covar=0.0).to_frame()["reason"]
    assert all("collapsed" in reason for reason in reasons)


@pytest.mark.parametrize("seed", range(25))
def test_few_rows_that_are_singular_only_up_to_rounding_collapse_in_words_too(seed):
    x = np.random.default_rng(seed).normal(size=(50, 2))[:3]
    for k in (2, 3):
        for name in ("full", "tied"):
            points, rng = Points.of(x), np.random.default_rng(seed)
            with pytest.raises(CollapseError, match=r"component \d collapsed: .*; use "):
                restarts(points, k, structure(name), 2, rng=rng, regularisation=0.0)

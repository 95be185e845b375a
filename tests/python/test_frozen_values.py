"""Every value that the package hands out is read-only to the bottom: each array, mapping and field.

A value that shares memory between histories, threads and caches must never change. The
walk visits fields, cached and computed properties, tuples and mappings, and tries to write.
"""

from __future__ import annotations

import copy
import dataclasses
import enum
import pickle
from collections.abc import Iterator, Mapping

import numpy as np
import pytest
from hypothesis import given
from law_help import Problem, law, problems

from gmm_widget import BayesianGaussianMixture, GaussianMixture, GMMWidget, select
from gmm_widget.analysis.kmeans import kmeans
from gmm_widget.analysis.outliers import density_grid
from gmm_widget.core.binning import bin_points
from gmm_widget.core.em import em
from gmm_widget.core.locks import Locks
from gmm_widget.core.moments import merge
from gmm_widget.core.passes import natural_parameters
from gmm_widget.core.polygon import split_rows
from gmm_widget.core.squarem import accelerated
from gmm_widget.core.structure import structure

PLAIN = (str, bytes, int, float, complex, bool, type(None), enum.Enum, np.generic)
TRIANGLE = [[-3.0, -3.0], [3.0, -3.0], [0.0, 4.0]]


def writable(value: object, path: str, seen: set[int]) -> Iterator[str]:
    """The places under a value that can be written to."""
    if isinstance(value, PLAIN) or id(value) in seen:
        return
    seen.add(id(value))
    if isinstance(value, np.ndarray):
        if value.flags.writeable or _writes(value):
            yield path
    elif isinstance(value, Mapping):
        if hasattr(value, "__setitem__"):
            yield path
        for key, part in value.items():
            yield from writable(part, f"{path}[{key!r}]", seen)
    elif isinstance(value, tuple):
        for name, part in zip(getattr(value, "_fields", range(len(value))), value, strict=True):
            yield from writable(part, f"{path}.{name}", seen)
    elif isinstance(value, list | set | bytearray):
        yield path
    elif dataclasses.is_dataclass(value):
        yield from _writable_parts(value, path, seen)


def _writable_parts(value: object, path: str, seen: set[int]) -> Iterator[str]:
    """What can be written to in a dataclass: its fields, and what its properties return."""
    for field in dataclasses.fields(value):
        try:
            setattr(value, field.name, getattr(value, field.name))
        except dataclasses.FrozenInstanceError:
            continue
        yield f"{path}.{field.name} ="
    names = [name for name in dir(value) if not name.startswith("_")]
    for name in names:
        part = getattr(value, name)
        if not callable(part):
            yield from writable(part, f"{path}.{name}", seen)


def _writes(array: np.ndarray) -> bool:
    try:
        array[...] = array
    except ValueError:
        return False
    return True


def assert_frozen(value: object) -> None:
    assert not list(writable(value, type(value).__name__, set()))


def core_values(problem: Problem) -> Iterator[object]:
    """What the numerical core makes of a problem."""
    points, shape = problem.points, structure(problem.name)
    expectation = problem.expectation(1e-6)
    yield from (problem.mixture, problem.mixture.factors, points, points.frame, expectation)
    yield from (expectation.moments, merge(expectation.moments, expectation.moments))
    yield expectation.moments.about(expectation.moments.means + 1)
    yield from em(points, problem.step(), shape, max_steps=2)
    yield from accelerated(points, problem.step(), shape, max_steps=3)
    yield Locks.none(problem.mixture.n_components)
    d = points.d
    if d <= 3:
        yield bin_points(points)
    if d >= 2:
        yield split_rows(points, TRIANGLE, (0, 1))
        yield problem.mixture.conditional([0], [problem.x[0, 0]])
    yield natural_parameters.pairs(d), natural_parameters.used_statistics(d, True)
    yield density_grid(problem.mixture, [0], shape=5)
    yield kmeans(points, problem.mixture.means)


@law
@given(problems(least_k=2))
def test_what_the_core_returns_is_read_only_to_the_bottom(problem):
    for value in core_values(problem):
        assert_frozen(value)


X = np.random.default_rng(0).standard_normal((150, 2)) + np.repeat([[0], [4], [9]], 50, axis=0)


def fitted_values() -> dict[str, object]:
    model = GaussianMixture(2, n_init=4, random_state=0).fit(X)
    bayes = BayesianGaussianMixture(n_components=3, random_state=0, max_iter=300).fit(X)
    return {
        "mixture": model.mixture_,
        "restarts": model.restarts_,
        "selection": select(X, [1, 2], ["full", "tied"], random_state=0),
        "prior": bayes.prior_,
        "posterior": bayes.posterior_,
    }


@pytest.fixture(scope="module")
def fitted() -> dict[str, object]:
    return fitted_values()


NAMES = ["mixture", "restarts", "selection", "prior", "posterior"]


@pytest.mark.parametrize("name", NAMES)
def test_what_a_fit_returns_is_read_only_to_the_bottom(fitted, name):
    assert_frozen(fitted[name])


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "copied", [copy.copy, copy.deepcopy, lambda value: pickle.loads(pickle.dumps(value))]
)
def test_a_copy_is_as_read_only(fitted, name, copied):
    assert_frozen(copied(fitted[name]))


@law
@given(problems())
def test_a_pickled_mixture_is_the_same_to_the_bit(problem):
    for value in (problem.mixture, problem.step()):
        again = pickle.loads(pickle.dumps(value))
        assert again == value
        for one, other in zip(again.factors, value.factors, strict=True):
            np.testing.assert_array_equal(one, other)


def test_what_the_widget_returns_is_read_only_to_the_bottom():
    w = GMMWidget(X, 2, random_state=0)
    w.restart(3, random_state=0)
    w.select(range(1, 3), ["full"])
    for value in (w.mixture, w.restarts, w.selection, w.history[0]):
        assert_frozen(value)


def test_the_data_of_a_caller_stay_the_callers():
    """Values lock views of what they were given; the caller's own arrays stay writable."""
    problem = Problem("full", X.copy(), np.ones(len(X)), GaussianMixture(2).fit(X).mixture_, None)
    assert np.shares_memory(problem.points.rows, problem.x)
    problem.x[0, 0] = 1.0
    problem.weight[0] = 2.0


def test_a_write_deep_inside_a_mixture_is_refused():
    mixture = GaussianMixture(2, random_state=0).fit(X).mixture_
    before = mixture.log_density(X)
    with pytest.raises(ValueError, match="read-only"):
        mixture.factors.whiteners[0] *= 3
    np.testing.assert_array_equal(mixture.log_density(X), before)

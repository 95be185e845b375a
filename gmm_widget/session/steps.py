"""E-steps and EM steps of a session, as pure functions from a `State` to the next.

These need passes over the points, so they run on a worker thread while edits go on. `poll` is
called many times a second within each pass and may raise `Abandoned`: the result is dropped, and
no state is left half updated.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Collection, Iterator
from dataclasses import replace
from typing import NamedTuple, final

import numpy as np

from gmm_widget.core.e_step import Expectation, e_step
from gmm_widget.core.em import Step, em
from gmm_widget.core.locks import Locks
from gmm_widget.core.m_step import m_step
from gmm_widget.core.points import Points
from gmm_widget.session import tempered_steps, variational_steps
from gmm_widget.session.entry import StepRecord, record_step, thinned
from gmm_widget.session.settings import Poll, Settings
from gmm_widget.session.state import State


class Abandoned(Exception):
    """Raised by `poll` when the result is no longer wanted."""


@final
class Progress(NamedTuple):
    """The state that EM reached, the steps on the way, and whether EM has converged."""

    state: State
    trace: tuple[StepRecord, ...]
    ended: bool


Job = Callable[..., State | Progress]


def evaluate(points: Points, state: State, settings: Settings, poll: Poll | None = None) -> State:
    """The state with the E-step of its mixture, from which its figures are read."""
    if state.expectation is not None:
        return state
    blur = settings.regularisation
    known = e_step(points, state.mixture, regularisation=blur, poll=poll)
    points.refuse_changed_rows()
    return replace(state, expectation=known)


def single_e_step(
    points: Points, state: State, settings: Settings, poll: Poll | None = None
) -> State:
    """One E-step; the responsibilities are kept for the M-step that may follow."""
    if settings.concentration is not None:
        raise ValueError(
            "E-step and M-step cannot be taken one by one while a concentration is set: "
            "take whole steps, or set concentration = None"
        )
    state = evaluate(points, state, settings, poll)
    source = state.expectation
    if settings.softness < 1:
        source = tempered_steps.tempered_e_step(points, state.mixture, settings, poll)
    return replace(state, phase="e", m_step_source=source)


def single_m_step(
    points: Points, state: State, settings: Settings, poll: Poll | None = None
) -> State:
    """One M-step on the responsibilities of the last E-step, or else of the current mixture."""
    source = state.m_step_source or single_e_step(points, state, settings, poll).m_step_source
    assert source is not None
    mixture = m_step(
        source,
        state.structure,
        regularisation=settings.regularisation,
        locks=state.locks,
    )
    moved = replace(state.with_mixture(mixture), m_step_source=source, phase="m")
    return evaluate(points, moved, settings, poll)


def advance(
    points: Points, state: State, settings: Settings, n: int = 1, poll: Poll | None = None
) -> Progress:
    """Take n exact EM steps, or fewer if EM converges on the way."""
    return _take_steps(points, state, settings, poll, lambda taken: taken >= n)


def chunk(
    points: Points, state: State, settings: Settings, seconds: float, poll: Poll | None = None
) -> Progress:
    """Take EM steps for this long (at least one), or until EM converges."""
    end = time.perf_counter() + seconds
    return _take_steps(points, state, settings, poll, lambda _: time.perf_counter() >= end)


def with_held(run: Job, held: Collection[int]) -> Job:
    """`run` with the components `held` (dragged at the moment) fixed; it never converges."""
    if not held:
        return run

    def run_with_held(points: Points, state: State, settings: Settings, poll: Poll) -> Progress:
        done = run(points, lock_held(state, held), settings, poll=poll)
        assert isinstance(done, Progress)

        def unlocked(reached: State) -> State:
            return replace(reached, locks=state.locks, converged=False)

        trace = tuple(p._replace(state=p.state and unlocked(p.state)) for p in done.trace)
        return done._replace(state=unlocked(done.state), trace=trace)

    return run_with_held


def lock_held(state: State, held: Collection[int]) -> State:
    """The state with the components `held` locked, so that EM moves only the others.

    Mean, covariance and weight are locked: dragged away from all points, it would collapse.
    """
    flags = np.isin(state.ids, list(held))
    locks = state.locks
    fixed = (locks.means | flags, locks.covariances | flags, locks.weights | flags)
    return replace(state, locks=Locks(*fixed))


def binned_chunk(
    points: Points, state: State, settings: Settings, seconds: float, poll: Poll | None = None
) -> Progress:
    """As `chunk`, on binned points: the states have a bound and no exact log-likelihood."""
    end = time.perf_counter() + seconds
    binned = replace(state, expectation=state.binned_expectation)
    done = _take_steps(points, binned, settings, poll, lambda _: time.perf_counter() >= end)
    trace = tuple(record_step(_without_exact(p.state)) for p in done.trace if p.state)
    reached = (trace[-1].state if trace else None) or _without_exact(done.state)
    return Progress(reached, trace, done.ended)


def _without_exact(state: State) -> State:
    """A state reached on bins: its E-step is of the bins, and so is its convergence."""
    return replace(state, expectation=None, binned_expectation=state.expectation, converged=False)


def _take_steps(
    points: Points,
    state: State,
    settings: Settings,
    poll: Poll | None,
    enough: Callable[[int], bool],
) -> Progress:
    trace: tuple[StepRecord, ...] = ()
    here = state
    try:
        for here in _states(points, state, settings, poll):
            taken = here.steps - state.steps
            if taken:
                trace = thinned((*trace, record_step(here)), here)
            if here.converged or (taken and enough(taken)):
                break
        here = evaluate(points, here, settings, poll)
    except Abandoned:
        if not trace:
            raise
    points.refuse_changed_rows()
    if trace:
        trace = (*trace[:-1], record_step(here))
    return Progress(here, trace, here.converged)


def _states(points: Points, state: State, settings: Settings, poll: Poll | None) -> Iterator[State]:
    """Yield the state itself, then one state per step, by the method that the settings choose."""
    if settings.concentration is not None:
        yield from variational_steps.variational_run(points, state, settings, poll)
        return
    for step in _steps(points, state, settings, poll):
        yield _reached(state, step)


def _steps(points: Points, state: State, settings: Settings, poll: Poll | None) -> Iterator[Step]:
    """EM steps, tempered where the softness is below 1."""
    if settings.softness < 1:
        return tempered_steps.tempered_em(points, state, settings, poll)
    return em(
        points,
        state.mixture,
        state.structure,
        regularisation=settings.regularisation,
        locks=state.locks,
        tolerance=settings.tolerance,
        expectation=state.expectation,
        gain=math.nan if state.gain is None else state.gain,
        poll=poll,
    )


def _reached(state: State, step: Step) -> State:
    expectation: Expectation = step.expectation
    return replace(
        state,
        mixture=step.mixture,
        expectation=expectation,
        m_step_source=None,
        binned_expectation=None,
        phase="rest",
        gain=step.gain if step.n_steps else state.gain,
        converged=step.converged,
        steps=state.steps + step.n_steps,
    )

"""What takes time: E-steps and EM steps, as pure functions from a `State` to the next.

They run on frozen values, so a worker thread can do them while the hand goes on.
`poll` is called many times a second within each pass over the points and may raise
`Abandoned`; nothing is left half done.
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
from gmm_widget.session.entry import Passed, passed, thinned
from gmm_widget.session.settings import Poll, Settings
from gmm_widget.session.state import State


class Abandoned(Exception):
    """Raised by `poll` when the result is no longer wanted."""


@final
class Progress(NamedTuple):
    """The state that EM reached, the steps on the way, and whether it converged."""

    state: State
    trace: tuple[Passed, ...]
    ended: bool


Job = Callable[..., State | Progress]


def evaluate(points: Points, state: State, settings: Settings, poll: Poll | None = None) -> State:
    """The state with the E-step of its own mixture, from which its figures are read."""
    if state.expectation is not None:
        return state
    blur = settings.regularisation
    known = e_step(points, state.mixture, regularisation=blur, poll=poll)
    return replace(state, expectation=known)


def single_e_step(
    points: Points, state: State, settings: Settings, poll: Poll | None = None
) -> State:
    """One E-step: the responsibilities of the current mixture are computed and kept."""
    if settings.concentration is not None:
        raise ValueError(
            "with a concentration prior only whole steps can be taken: use step(), "
            "or set concentration to None"
        )
    state = evaluate(points, state, settings, poll)
    held = state.expectation
    if settings.softness < 1:
        held = tempered_steps.tempered_shares(points, state.mixture, settings, poll)
    return replace(state, phase="e", m_step_source=held)


def single_m_step(
    points: Points, state: State, settings: Settings, poll: Poll | None = None
) -> State:
    """One M-step on the responsibilities kept, or else on those of the current mixture."""
    held = state.m_step_source or single_e_step(points, state, settings, poll).m_step_source
    assert held is not None
    mixture = m_step(
        held,
        state.structure,
        regularisation=settings.regularisation,
        locks=state.locks,
    )
    moved = replace(state.with_mixture(mixture), m_step_source=held, phase="m")
    return evaluate(points, moved, settings, poll)


def advance(
    points: Points, state: State, settings: Settings, n: int = 1, poll: Poll | None = None
) -> Progress:
    """Take n exact EM steps, or fewer if EM converges on the way."""
    return _walk(points, state, settings, poll, lambda taken: taken >= n)


def chunk(
    points: Points, state: State, settings: Settings, seconds: float, poll: Poll | None = None
) -> Progress:
    """Take EM steps for this long (at least one), or until EM converges."""
    end = time.perf_counter() + seconds
    return _walk(points, state, settings, poll, lambda _: time.perf_counter() >= end)


def keeping_held(run: Job, held: Collection[int]) -> Job:
    """Wrap a job so that held components stay as they are; its result never counts as converged."""
    if not held:
        return run

    def run_others(points: Points, state: State, settings: Settings, poll: Poll) -> Progress:
        done = run(points, with_held_locked(state, held), settings, poll=poll)
        assert isinstance(done, Progress)

        def freed(reached: State) -> State:
            return replace(reached, locks=state.locks, converged=False)

        trace = tuple(p._replace(state=p.state and freed(p.state)) for p in done.trace)
        return done._replace(state=freed(done.state), trace=trace)

    return run_others


def with_held_locked(state: State, held: Collection[int]) -> State:
    """The state with held components locked, so that EM moves the others only.

    All of a held component is locked: far away from all points it would otherwise collapse.
    """
    flags = np.isin(state.ids, list(held))
    locks = state.locks
    fixed = (locks.means | flags, locks.covariances | flags, locks.weights | flags)
    return replace(state, locks=Locks(*fixed))


def binned_chunk(
    points: Points, state: State, settings: Settings, seconds: float, poll: Poll | None = None
) -> Progress:
    """As `chunk`, but `points` are bins: the states reached have a lower bound, no exact figure."""
    end = time.perf_counter() + seconds
    on_bins = replace(state, expectation=state.binned_expectation)
    done = _walk(points, on_bins, settings, poll, lambda _: time.perf_counter() >= end)
    trace = tuple(passed(_bare(p.state)) for p in done.trace if p.state)
    found = (trace[-1].state if trace else None) or _bare(done.state)
    return Progress(found, trace, done.ended)


def _bare(state: State) -> State:
    """A state reached on bins, without what holds for the bins only."""
    return replace(state, expectation=None, binned_expectation=state.expectation, converged=False)


def _walk(
    points: Points,
    state: State,
    settings: Settings,
    poll: Poll | None,
    enough: Callable[[int], bool],
) -> Progress:
    trace: tuple[Passed, ...] = ()
    here = state
    try:
        for here in _states(points, state, settings, poll):
            taken = here.steps - state.steps
            if taken:
                trace = thinned((*trace, passed(here)), here)
            if here.converged or (taken and enough(taken)):
                break
        here = evaluate(points, here, settings, poll)
    except Abandoned:
        if not trace:
            raise
    if trace:
        trace = (*trace[:-1], passed(here))
    return Progress(here, trace, here.converged)


def _states(points: Points, state: State, settings: Settings, poll: Poll | None) -> Iterator[State]:
    """The state itself, and then one for each step of the algorithm that the settings ask for."""
    if settings.concentration is not None:
        yield from variational_steps.variational_run(points, state, settings, poll)
        return
    for step in _steps(points, state, settings, poll):
        yield _reached(state, step)


def _steps(points: Points, state: State, settings: Settings, poll: Poll | None) -> Iterator[Step]:
    """The EM steps that the settings ask for."""
    if settings.softness < 1:
        return tempered_steps.softened(points, state, settings, poll)
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

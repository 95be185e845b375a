"""Steps of runs on cells and of Bayesian runs can be gone back to, as those of exact EM can.

What is shown at such a step is the step's own: its log-likelihood is that of an exact pass, never
the bound that the run went by.
"""

import asyncio
import math
import tracemalloc
from functools import cache

import numpy as np
import pytest
from session_help import new_session, poor_start, three_clusters

from gmm_widget import GMMWidget
from gmm_widget.core.binning import bin_points
from gmm_widget.core.defaults import REGULARISATION
from gmm_widget.core.e_step import e_step
from gmm_widget.core.points import Points
from gmm_widget.core.structure import structure
from gmm_widget.protocol.history_view import describe_trace
from gmm_widget.runtime.driver import Driver
from gmm_widget.session import steps
from gmm_widget.session.entry import MAX_STEPS_KEPT, state_bytes
from gmm_widget.session.session import Session
from gmm_widget.session.state import State


@cache
def many() -> Points:
    return Points.of(three_clusters(60_000))


def run_on_cells() -> Session:
    """A session after a run that went on cells first, through the driver."""
    session = Session(many(), State.of(poor_start(), structure("full")))

    async def play() -> None:
        driver = Driver(session, lambda idle: None, print)
        session.set_running(True)
        driver.wake()
        await driver.wait_idle()

    asyncio.run(play())
    return session


def rough_steps(session: Session) -> list[int]:
    """Steps of the run that were taken on cells, from its beginning."""
    entry = session.history.entries[1]
    return [p.steps for p in entry.step_records if math.isnan(p.value)]


def test_a_step_on_cells_is_gone_back_to_and_has_its_own_exact_figure():
    session = run_on_cells()
    entry = session.history.entries[1]
    rough = rough_steps(session)
    assert len(rough) >= 4
    assert [p.steps for p in entry.step_records] == [*range(1, session.state.steps + 1)]
    at = rough[len(rough) // 2]
    session.jump(1, at)
    assert session.state.steps == at
    assert session.state.log_likelihood is None, "a bound is no log-likelihood"
    session.evaluate()
    exact = e_step(many(), session.state.mixture, regularisation=REGULARISATION)
    assert session.state.log_likelihood == exact.log_likelihood
    bound = e_step(bin_points(many()), session.state.mixture, regularisation=REGULARISATION)
    assert bound.log_likelihood < exact.log_likelihood
    shown = describe_trace(session.history)
    row = shown["id"].index(session.history.position)
    assert shown["values"][row][-1] == exact.log_likelihood
    assert shown["values"][row][:-1] == [None] * (at - 1)


def test_a_step_on_cells_is_what_a_run_stopped_there_would_be():
    session, apart = run_on_cells(), Session(many(), State.of(poor_start(), structure("full")))
    at = rough_steps(session)[3]
    session.jump(1, at)
    cells, state = bin_points(many()), apart.state
    while state.steps < at:
        state = steps.binned_chunk(cells, state, apart.settings, 0.0).state
    assert session.state.mixture == state.mixture


def variational_run(n: int = 300) -> Session:
    session = new_session(n=n)
    session.settings = session.settings._replace(concentration=0.01)
    return session


def test_a_bayesian_step_is_gone_back_to_with_its_beliefs():
    session, stepped = variational_run(), variational_run()
    session.fit()
    end = session.state
    assert end.steps > 5
    session.jump(1, 4)
    stepped.step(4)
    there, alone = session.state, stepped.state
    assert there.mixture == alone.mixture
    assert there.elbo == alone.elbo < end.elbo
    np.testing.assert_array_equal(there.posterior.counts, alone.posterior.counts)
    assert there.log_likelihood is None
    session.evaluate()
    exact = e_step(session.points, there.mixture, regularisation=REGULARISATION).log_likelihood
    assert session.state.log_likelihood == exact
    session.redo()
    assert session.state is end
    assert np.isfinite(end.log_likelihood)


def test_the_bound_rises_along_the_steps_that_are_kept():
    session = variational_run()
    session.fit()
    bounds = [p.state.elbo for p in session.history.present.step_records]
    assert np.all(np.diff(bounds) >= -1e-9 * abs(bounds[-1]))


def test_a_bayesian_run_taken_in_small_bites_ends_as_in_one():
    whole, bites = variational_run(), variational_run()
    whole.fit()
    for _ in range(10 * whole.state.steps):
        if bites.state.converged:
            break
        bites.step()
    assert bites.state.steps == whole.state.steps
    assert bites.state.mixture == whole.state.mixture


def test_python_goes_to_a_bayesian_step_and_reads_its_figure():
    w = GMMWidget(three_clusters(), 3, mixture=poor_start())
    w.concentration = 0.01
    run = w.history[-1].id
    w.jump(run, step=2)
    assert w._fit["steps"] == 2
    expected = w.mixture.log_density(three_clusters()).sum()
    assert w.log_likelihood == pytest.approx(expected, rel=1e-12)
    assert run in w._trace["kept"]


def test_a_day_of_runs_stays_small():
    session = variational_run(n=30)
    session.fit()
    session.jump(0)
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    for i in range(60):
        session.edit("place", component=0, mean=[i / 60, 0.0])
        done = steps.advance(session.points, session.state, session.settings, 3)
        session.set_running(True)
        session.set_running(False)
        assert session.accept(session.state, done.state, "run", done.trace)
    grown = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    history = session.history
    assert all(len(e.step_records) <= MAX_STEPS_KEPT for e in history.entries.values())
    assert grown < 4 * len(history.entries) * state_bytes(session.state)

"""Every step of a run can be gone back to, bit by bit what a run stopped there would be."""

import asyncio
import tracemalloc
from itertools import pairwise

import numpy as np
import pytest
from session_help import new_session, poor_start, three_clusters

from gmm_widget import GMMWidget
from gmm_widget.protocol.history_view import describe_trace
from gmm_widget.protocol.incoming import parse
from gmm_widget.runtime.driver import Driver
from gmm_widget.session import entry as entry_file
from gmm_widget.session.edits import Act
from gmm_widget.session.entry import MAX_STEPS_KEPT, StepRecord, thinned


def same(a, b):
    """Whether two states would go on alike, to the last bit."""
    assert a.locks.means.tolist() == b.locks.means.tolist()
    told = ("mixture", "ids", "log_likelihood", "gain", "converged", "steps", "phase")
    return all(getattr(a, name) == getattr(b, name) for name in told)


def test_a_step_inside_a_run_is_what_so_many_steps_lead_to():
    session, stepped = new_session(), new_session()
    session.fit()
    end, trace = session.state, session.history.present.trace
    assert end.steps > 6
    for step in (end.steps - 1, 5, 2, 1):
        session.jump(session.history.branch()[1], step)
        stepped = new_session()
        stepped.step(step)
        assert same(session.state, stepped.state)
    history = session.history
    whole = [history.entries[id] for id in history.branch()]
    assert [str(e.label) for e in whole[1:]] == [
        "run of 1 EM step",
        f"run of {end.steps - 1} EM steps",
    ]
    assert sum((e.trace for e in whole), ()) == trace, "nothing is lost, nothing twice"
    assert [e.steps_before for e in whole[1:]] == [e.state.steps for e in whole[:-1]]
    session.redo()
    assert session.state is end
    assert history.position == 1, "the end keeps its id"
    session.undo()
    assert session.state.steps == 0
    session.jump(1)
    assert session.state is end
    assert history.present.trace == trace


def test_the_parts_of_a_run_branch_like_any_entry_and_em_goes_on_from_them():
    session = new_session()
    session.fit()
    end = session.state
    session.jump(1, 4)
    assert describe_trace(session.history)["id"] == [0, 2, 1]
    session.fit()
    assert session.state.mixture == end.mixture, "the same way again"
    assert [e.parent for e in session.history.entries.values()] == [None, 0, 2, 2]
    session.jump(1, 3)
    assert session.state.steps == 7, "steps count from the beginning of the part"


def test_a_step_that_is_not_kept_is_refused_by_naming_those_that_are():
    session = new_session()
    session.step()
    session.fit()
    before, last = session.history.present, session.state.steps - 1
    with pytest.raises(
        ValueError, match=rf"entry 2 .* step {last + 9}; stored: 1, 2, 3, 4, \.\.\."
    ):
        session.jump(2, last + 9)
    with pytest.raises(ValueError, match="its last state only"):
        session.jump(1, 2)
    assert session.history.present is before
    session.jump(2, last)
    assert session.history.present is before, "the last step is the entry itself"


def test_a_run_under_way_is_stopped_by_a_jump_into_it():
    async def play() -> None:
        session = new_session(n=60)
        driver = Driver(session, lambda idle: None, print)
        driver.post(Act("set_speed", {"steps": 30.0}))
        driver.post(Act("run", {}))
        while session.state.steps < 4:
            await asyncio.sleep(0.005)
        driver.post(Act("jump", {"entry": 1, "step": 2}))
        await driver.wait_idle()
        alone = new_session(n=60)
        alone.step(2)
        assert not session.running
        assert same(session.state, alone.state)

    asyncio.run(play())


def test_a_hand_held_in_a_run_leaves_steps_with_the_locks_that_were_set():
    session = new_session()
    session.do_immediately(Act("place", {"component": 0, "mean": [1.0, 1.0]}, ("me", 1), False))
    session.set_running(True)
    from gmm_widget.session import steps

    walk = steps.with_held(steps.advance, (0,))
    for _ in range(3):
        done = walk(session.points, session.state, session.settings, poll=None)
        assert session.accept(session.state, done.state, "run", done.trace)
    session.jump(1, 2)
    assert str(session.history.present.label) == "held A for 2 EM steps"
    assert not session.state.locks.means.any()
    assert session.state.steps == 2


def test_thinning_keeps_even_steps_and_the_last():
    state, passed = new_session(n=20).state, ()
    for step in range(1, 5000):
        passed = thinned((*passed, StepRecord(step, -1.0 / step, state)), state)
        assert len(passed) <= MAX_STEPS_KEPT
    assert passed[-1].steps == 4999
    assert all(b.steps > a.steps for a, b in pairwise(passed))
    gaps = {b.steps - a.steps for a, b in pairwise(passed[:-1])}
    assert max(gaps) <= 2 * 5000 / MAX_STEPS_KEPT * 2


def test_only_the_newest_runs_keep_their_steps(monkeypatch):
    session = new_session()
    session.fit()
    budget = 2 * len(session.history.present.step_records) * entry_file.state_bytes(session.state)
    monkeypatch.setattr(entry_file, "STATES_BUDGET", 10**6)
    monkeypatch.setattr("gmm_widget.session.history.STATES_BUDGET", budget)
    for _ in range(3):
        session.jump(0)
        session.fit()
    session.edit("place", component=0, mean=[0.0, 0.0])
    runs = [e for e in session.history.entries.values() if e.cause == "run"]
    assert [e.has_states for e in runs] == [False, False, True, True]
    assert len({e.trace for e in runs}) == 1, "what is drawn stays"
    assert describe_trace(session.history)["kept"] == [runs[-1].id, runs[-2].id]


def test_a_long_run_stays_small():
    session = new_session(n=30)
    session.settings = session.settings._replace(tolerance=0.0)
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    for _ in range(60):
        session.tune(tolerance=0.0)
        session.fit()
    grown = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    assert grown < MAX_STEPS_KEPT * 2 * entry_file.state_bytes(session.state) * 60
    assert all(len(e.step_records) <= MAX_STEPS_KEPT for e in session.history.entries.values())


def test_python_goes_to_a_step():
    w = GMMWidget(three_clusters(), 3, mixture=poor_start())
    w.run()
    end = w.mixture
    w.jump(1, step=3)
    other = GMMWidget(three_clusters(), 3, mixture=poor_start())
    other.step(3)
    assert w.mixture == other.mixture
    assert [r.label for r in w.history][1] == "run of 3 EM steps"
    assert w._trace["steps"][1] == [1, 2, 3]
    assert set(w._trace["kept"]) == {1, 2}
    w.redo()
    assert w.mixture == end
    assert np.isfinite(w.log_likelihood)


@pytest.mark.parametrize("step", [0, -1, 1.5, "1", None, True, 2**60])
def test_a_step_from_the_browser_is_checked(step):
    args = {"entry": 1, "step": step}
    with pytest.raises(ValueError, match="'step'"):
        parse({"kind": "command", "name": "jump", "args": args, "client": "me", "seq": 1})

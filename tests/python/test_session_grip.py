"""A hand in mid-run: EM leaves what is held, the others adapt, and letting go frees it again."""

import asyncio

import numpy as np
import pytest
from session_help import new_session

from gmm_widget.core.em import em
from gmm_widget.core.locks import Locks
from gmm_widget.core.mixture import Mixture
from gmm_widget.core.points import Points
from gmm_widget.core.structure import structure
from gmm_widget.runtime import driver as driver_module
from gmm_widget.runtime.driver import Driver
from gmm_widget.session import steps
from gmm_widget.session.edits import Act
from gmm_widget.session.session import Session
from gmm_widget.session.settings import Settings
from gmm_widget.session.state import State

FAR = {"component": 1, "mean": [40.0, 40.0]}  # where no point is: free, it would collapse


def hold(final: bool, **args: object) -> Act:
    return Act("place", args or FAR, ("me", 1), final)


async def until_steps(session: Session, more: int) -> None:
    goal = session.state.steps + more
    while session.state.steps < goal:
        await asyncio.sleep(0.005)


@pytest.mark.parametrize("kind", ["full", "tied"])
def test_em_goes_on_around_a_hand_and_the_drag_is_one_entry(kind):
    async def play() -> None:
        base = new_session(kind)
        session = Session(base.points, base.state, Settings(tolerance=-1.0))
        problems: list[str] = []
        driver = Driver(session, lambda idle: None, problems.append)
        driver.post(Act("run", {}))
        await until_steps(session, 2)
        for x in (20.0, 30.0, 40.0):
            driver.post(hold(False, component=1, mean=[x, x]))
            while session.state.mixture.means[1].tolist() != [x, x]:
                await asyncio.sleep(0.005)
            await until_steps(session, 3)
        assert session.running
        assert session.state.mixture.means[1].tolist() == [40.0, 40.0]
        assert not session.state.converged
        entry = session.history.present
        assert str(entry.label).startswith("held B for ")
        assert [e.cause for e in session.history.entries.values()] == ["start", "run", "place"]
        driver.post(Act("stop", {}))
        driver.post(hold(True, component=1, mean=[6.0, 0.0]))
        await driver.wait_idle()
        assert not session.held_components
        assert not session.state.locks.any()
        assert problems == []
        session.undo()
        assert session.history.present.cause == "run"

    asyncio.run(play())


def test_the_others_reach_the_optimum_that_a_lock_would_give():
    async def play() -> None:
        session = new_session()
        driver = Driver(session, lambda idle: None, print)
        driver.post(hold(False, component=1, mean=[3.0, 3.0]))
        driver.post(Act("run", {}))
        before = session.state
        while session.state.gain is None or session.state.gain > 1e-12:
            driver.post(hold(False, component=1, mean=[3.0, 3.0]))
            await asyncio.sleep(0.02)
        driver.post(Act("stop", {}))
        await driver.wait_idle()
        held = np.array([False, True, False])
        alone = new_session()
        alone.edit("place", component=1, mean=[3.0, 3.0])
        start, locks = alone.state.mixture, Locks(held, held, held)
        *_, last = em(alone.points, start, before.structure, locks=locks, tolerance=1e-13)
        np.testing.assert_allclose(session.state.mixture.means, last.mixture.means, atol=1e-4)
        assert session.state.mixture.means[1].tolist() == [3.0, 3.0]

    asyncio.run(play())


def test_letting_go_sets_it_free_and_the_run_goes_on():
    async def play() -> None:
        session = new_session()
        driver = Driver(session, lambda idle: None, print)
        driver.post(Act("run", {}))
        driver.post(hold(False, component=1, mean=[3.0, 3.0]))
        await until_steps(session, 5)
        driver.post(hold(True, component=1, mean=[5.0, 1.0]))
        await driver.wait_idle()
        assert session.state.converged
        assert session.state.mixture.means[1].tolist() != [5.0, 1.0]
        assert session.history.present.cause == "run"

    asyncio.run(play())


def test_a_hand_that_vanishes_lets_go():
    async def play() -> None:
        session = new_session()
        driver = Driver(session, lambda idle: None, print)
        driver.post(Act("run", {}))
        driver.post(hold(False, component=1, mean=[5.0, 1.0]))
        await asyncio.wait_for(driver.wait_idle(), 30)
        assert not session.held_components
        assert session.state.converged

    asyncio.run(play())


@pytest.mark.parametrize(("d", "passes"), [(2, 1), (3, 4)])
def test_a_moving_hand_is_evaluated_only_where_a_view_cannot_do_so_by_itself(
    monkeypatch, d, passes
):
    """In two columns once, as it lets go; in more after each move that nothing follows at once."""
    monkeypatch.setattr(driver_module, "DRAG_PAUSE", 60.0)
    evaluate, seen = steps.evaluate, []

    def noted(*args, **kwargs):
        seen.append(args)
        return evaluate(*args, **kwargs)

    monkeypatch.setattr(driver_module.steps, "evaluate", noted)

    async def play() -> None:
        rows = np.random.default_rng(1).normal(size=(200, d))
        start = Mixture([0.5, 0.5], np.eye(2, d), np.tile(np.eye(d), (2, 1, 1)))
        session = Session(Points.of(rows), State.of(start, structure("full")))
        driver = Driver(session, lambda idle: None, lambda text: None)
        for x in (1.0, 2.0, 3.0, 4.0):
            driver.post(hold(x == 4.0, component=1, dims=(0, 1), mean=[x, x]))
            while session.state.mixture.means[1][0] != x:
                await asyncio.sleep(0)
            if d == 3:
                await driver.wait_idle()
        await driver.wait_idle()
        assert len(seen) == passes
        assert session.state.expectation is not None

    asyncio.run(play())

"""The speed of a run: each step shown, or as fast as it goes; the way is the same."""

import asyncio

import pytest
import traitlets
from session_help import new_session, poor_start, three_clusters

from gmm_widget import GMMWidget
from gmm_widget.protocol.incoming import parse
from gmm_widget.runtime.driver import Driver
from gmm_widget.session.edits import Act


def test_a_slow_run_shows_every_step_and_passes_where_a_fast_one_passes():
    async def play() -> None:
        session, fast = new_session(n=60), new_session(n=60)
        shown: list[int] = []
        driver = Driver(session, lambda idle: shown.append(session.state.steps), print)
        driver.post(Act("set_speed", {"steps": 30.0}))
        driver.post(Act("run", {}))
        while session.state.steps < 5:
            await asyncio.sleep(0.005)
        driver.post(Act("stop", {}))
        await driver.wait_idle()
        taken = session.state.steps
        assert set(range(1, taken + 1)) <= set(shown)
        fast.step(taken)
        assert session.state.mixture == fast.state.mixture
        assert [e.cause for e in session.history.entries.values()] == ["start", "run"]

    asyncio.run(play())


def test_acts_do_not_wait_for_the_next_beat():
    """At ten seconds a step, a drag, a new speed and Stop are done at once."""

    async def play() -> None:
        session = new_session(n=60)
        driver = Driver(session, lambda idle: None, print)
        session.set_speed(0.1)
        driver.post(Act("run", {}))
        while session.state.steps < 1:
            await asyncio.sleep(0.005)
        answered = asyncio.Event()
        place = Act("place", {"component": 0, "mean": [1.0, 1.0]})
        driver.post(place, lambda error: answered.set())
        await asyncio.wait_for(answered.wait(), 5)
        assert session.state.steps == 1
        driver.post(Act("set_speed", {"steps": None}))
        driver.post(Act("stop", {}))
        await asyncio.wait_for(driver.wait_idle(), 5)
        assert not session.running

    asyncio.run(play())


def test_python_sets_the_speed_and_sees_what_the_browser_set():
    w = GMMWidget(three_clusters(), 3, mixture=poor_start())
    assert w.speed is None
    w.speed = 4
    assert w._fit["speed"] == 4
    w._connection.receive({
        "kind": "command", "name": "set_speed", "args": {"steps": 15}, "client": "me", "seq": 1,
    })  # fmt: skip
    assert w.speed == 15
    with pytest.raises(traitlets.TraitError, match=r"0\.1 to 30"):
        w.speed = 31
    assert w.speed == 15
    w.speed = None
    assert w._fit["speed"] is None
    assert len(w.history) == 1, "a speed is no edit"


@pytest.mark.parametrize("steps", ["4", [4], True, float("nan")])
def test_a_speed_from_the_browser_is_checked(steps):
    message = {
        "kind": "command", "name": "set_speed", "args": {"steps": steps}, "client": "me", "seq": 1,
    }  # fmt: skip
    with pytest.raises(ValueError, match="'steps'"):
        parse(message)

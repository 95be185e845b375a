"""What a driver holds stays bounded, and nothing that it computed of old data outlives them."""

import asyncio
import threading

import numpy as np
import pytest
from session_help import new_session, poor_start, three_clusters

from gmm_widget.core.binning import bin_points
from gmm_widget.core.points import Points
from gmm_widget.core.structure import structure
from gmm_widget.runtime import driver as driver_module
from gmm_widget.runtime import gestures as gestures_module
from gmm_widget.runtime.driver import Driver
from gmm_widget.runtime.event_loop import EventLoop
from gmm_widget.runtime.gestures import Gestures
from gmm_widget.session.edits import Act
from gmm_widget.session.session import MAX_HELD_COMPONENTS, Session
from gmm_widget.session.state import State

SHIFT = np.array([1.5, -1.0])


def frame(gesture: int, x: float = 0.0, final: bool = False) -> Act:
    args = {"component": gesture % 3, "mean": [x, x]}
    return Act("place", args, ("view", gesture), final)


def test_gestures_that_never_end_are_bounded_and_the_oldest_end_first(monkeypatch):
    """Each has a timer, so a page that begins gestures and ends none could fill the kernel."""
    monkeypatch.setattr(driver_module, "DRAG_PAUSE", 0.0)

    async def play() -> None:
        session = new_session()
        driver = Driver(session, lambda _: None, lambda _: None)
        for gesture in range(3 * MAX_HELD_COMPONENTS):
            driver.post(frame(gesture, float(gesture)))
            await driver.wait_idle()
        held = [gesture for _, gesture in session.held_components]
        assert len(held) <= MAX_HELD_COMPONENTS
        assert len(driver._gestures) <= MAX_HELD_COMPONENTS
        assert 3 * MAX_HELD_COMPONENTS - 1 in held, "the newest one holds its component"
        driver.close()

    asyncio.run(play())


def test_a_session_holds_components_for_so_many_gestures_only():
    session = new_session()
    for gesture in range(3 * MAX_HELD_COMPONENTS):
        session.do_immediately(frame(gesture, float(gesture)))
    assert len(session.held_components) == MAX_HELD_COMPONENTS


def test_a_gesture_that_was_ended_to_make_room_is_released():
    async def play() -> None:
        posted: list[Act] = []
        gestures = Gestures(EventLoop(), posted.append)
        for gesture in range(MAX_HELD_COMPONENTS + 2):
            gestures.record(frame(gesture))
        assert [act.args["gesture"] for act in posted] == [("view", 0), ("view", 1)]
        assert {act.name for act in posted} == {"release"}
        gestures.close()
        assert not gestures

    asyncio.run(play())


def test_every_open_gesture_times_out(monkeypatch):
    monkeypatch.setattr(gestures_module, "TIMEOUT", 0.01)

    async def play() -> None:
        session = new_session()
        driver = Driver(session, lambda _: None, lambda _: None)
        for gesture in range(3 * MAX_HELD_COMPONENTS):
            driver.post(frame(gesture, 1.0))
        for _ in range(1000):
            await asyncio.sleep(0.005)
            if not session.held_components:
                break
        assert not session.held_components
        driver.close()

    asyncio.run(play())


def many(at: np.ndarray | float = 0.0) -> Points:
    return Points.of(three_clusters(60_000) + at)


def centre(points: Points) -> np.ndarray:
    """Binning keeps the mean of all points, so it tells whose bins they are."""
    total, weights = np.zeros(points.d), 0.0
    for z, weight in points.blocks(1 << 16):
        raw = z * points.frame.scale[:, None] + points.frame.origin[:, None]
        total += (raw * (1.0 if weight is None else weight)).sum(axis=1)
        weights += z.shape[1] if weight is None else weight.sum()
    return total / weights


def run(session: Session) -> None:
    async def play() -> None:
        driver = Driver(session, lambda _: None, print)
        session.set_running(True)
        driver.wake()
        await driver.wait_idle()

    asyncio.run(play())


def test_a_run_on_other_data_bins_these():
    session = Session(many(), State.of(poor_start(), structure("full")))
    run(session)
    session.replace_data(many(SHIFT))
    assert session.bins is None
    run(session)
    np.testing.assert_allclose(centre(session.bins), centre(session.points), atol=1e-6)


def test_bins_of_data_that_were_replaced_meanwhile_are_dropped(monkeypatch):
    begun, go_on = threading.Event(), threading.Event()

    def slow(points: Points, **options: object) -> Points:
        if not begun.is_set():
            begun.set()
            assert go_on.wait(10)
        return bin_points(points)

    monkeypatch.setattr(driver_module, "bin_points", slow)

    async def play() -> None:
        session = Session(many(), State.of(poor_start(), structure("full")))
        driver = Driver(session, lambda _: None, print)
        session.set_running(True)
        driver.wake()
        while not begun.is_set():
            await asyncio.sleep(0.005)
        session.replace_data(many(SHIFT))
        go_on.set()
        while session.bins is None:
            await asyncio.sleep(0.005)
        np.testing.assert_allclose(centre(session.bins), centre(session.points), atol=1e-6)
        driver.close()

    asyncio.run(asyncio.wait_for(play(), 30))


@pytest.mark.parametrize("running", [True, False])
def test_the_state_that_failed_is_not_evaluated_for_ever(running):
    """Otherwise the task would try again and again, and its caller would wait for ever."""

    async def play() -> None:
        session = new_session()
        problems: list[str] = []
        driver = Driver(session, lambda _: None, problems.append)
        driver._mailbox.poll = _fail  # type: ignore[method-assign]
        driver.post(frame(0, 2.0, final=True))
        if running:
            driver.post(Act("run", {}))
        await asyncio.wait_for(driver.wait_idle(), 10)
        assert problems
        assert not session.running

    asyncio.run(play())


def _fail() -> None:
    raise ValueError("this state can't be evaluated")

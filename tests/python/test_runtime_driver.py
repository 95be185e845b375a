"""The driver: acts in order, Stop in mid-run, edits in mid-run, nothing left behind."""

import asyncio
import threading

import numpy as np
from session_help import new_session

from gmm_widget.core.points import Points
from gmm_widget.runtime.driver import Driver
from gmm_widget.session.coded_text import CodedText
from gmm_widget.session.edits import Act
from gmm_widget.session.session import Session
from gmm_widget.session.settings import Settings
from gmm_widget.session.state import State


class Screen:
    """Keeps what a driver publishes: (at rest?, rev, log-likelihood)."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.shown: list[tuple[bool, int, float | None]] = []
        self.problems: list[CodedText] = []
        self.driver = Driver(session, self.publish, self.problems.append)

    def publish(self, idle: bool) -> None:
        session = self.session
        self.shown.append((idle, session.rev, session.state.log_likelihood))


def endless(n: int = 300) -> Session:
    """A session whose run can't converge by itself."""
    base = new_session(n=n)
    return Session(base.points, base.state, Settings(tolerance=-1.0))


def test_a_run_in_chunks_ends_where_a_run_in_one_go_ends():
    async def play() -> None:
        screen = Screen(new_session())
        screen.driver.post(Act("run", {}))
        await screen.driver.wait_idle()
        alone = new_session()
        alone.fit()
        state = screen.session.state
        assert state.converged
        assert not screen.session.running
        assert abs(state.log_likelihood - alone.state.log_likelihood) < 1e-7
        assert screen.shown[-1][0]
        assert all(rev >= 0 for _, rev, _ in screen.shown)

    asyncio.run(play())


def test_acts_are_done_in_order_and_answered():
    async def play() -> None:
        screen = Screen(new_session())
        answers: list[tuple[int, CodedText | None]] = []
        acts = [
            Act("place", {"component": 0, "mean": [1.0, 1.0]}),
            Act("step", {}),
            Act("delete", {"component": 9}),
            Act("undo", {}),
        ]
        for i, act in enumerate(acts):
            screen.driver.post(act, lambda error, i=i: answers.append((i, error)))
        await screen.driver.wait_idle()
        assert [i for i, _ in answers] == [0, 1, 2, 3]
        assert [error is None for _, error in answers] == [True, True, False, True]
        assert screen.session.state.mixture.means[0].tolist() == [1.0, 1.0]

    asyncio.run(play())


def test_stop_ends_a_run_that_would_go_on_for_ever():
    async def play() -> None:
        screen = Screen(endless())
        screen.driver.post(Act("run", {}))
        while screen.session.state.steps < 3:
            await asyncio.sleep(0.005)
        screen.driver.post(Act("stop", {}))
        await asyncio.wait_for(screen.driver.wait_idle(), 20)
        assert not screen.session.running
        assert screen.session.state.steps >= 3
        assert screen.shown[-1][0]

    asyncio.run(play())


def test_stop_interrupts_a_single_pass():
    """The worker is in the middle of a pass when Stop comes: the pass is given up."""

    async def play() -> None:
        rng = np.random.default_rng(0)
        base = new_session()
        state = State.of(base.state.mixture, base.state.structure)
        big = Session(Points.of(rng.normal(size=(400_000, 2))), state, Settings(tolerance=-1.0))
        screen = Screen(big)
        polls = 0
        poll = screen.driver._mailbox.poll

        def stop_in_mid_pass() -> None:
            nonlocal polls
            polls += 1
            if polls == 2:
                screen.driver.post(Act("stop", {}))
            poll()

        screen.driver._mailbox.poll = stop_in_mid_pass  # type: ignore[method-assign]
        screen.driver.post(Act("run", {}))
        while polls < 2:
            await asyncio.sleep(0.001)
        await asyncio.wait_for(screen.driver.wait_idle(), 20)
        assert not big.running
        assert big.state.steps == 0

    asyncio.run(play())


def test_an_edit_in_mid_run_is_kept_and_em_goes_on_from_it():
    async def play() -> None:
        screen = Screen(endless())
        session = screen.session
        screen.driver.post(Act("run", {}))
        while session.state.steps < 3:
            await asyncio.sleep(0.005)
        screen.driver.post(Act("place", {"component": 1, "mean": [6.0, 0.0]}))
        while len(session.history.entries) < 4:
            await asyncio.sleep(0.005)
        screen.driver.post(Act("stop", {}))
        await screen.driver.wait_idle()
        assert [e.cause for e in session.history.entries.values()] == [
            "start",
            "run",
            "place",
            "run",
        ]
        placed = session.history.entries[2].state.mixture
        assert placed.means[1].tolist() == [6.0, 0.0]

    asyncio.run(play())


def test_a_cell_that_evaluates_while_an_evaluation_is_under_way_leaves_nothing_to_do():
    async def play() -> None:
        screen = Screen(new_session(n=400_000))
        driver, session = screen.driver, screen.session
        driver.wake()
        await asyncio.sleep(0)
        session.edit("place", component=0, mean=[1.0, 1.0])
        session.evaluate()
        driver.interrupt()
        await asyncio.wait_for(driver.wait_idle(), 30)
        assert session.figures().log_likelihood is not None
        assert screen.shown[-1][:2] == (True, session.rev)

    asyncio.run(play())


def test_acts_from_many_threads_all_arrive():
    async def play() -> None:
        screen = Screen(new_session())
        done: list[str | None] = []

        def push(i: int) -> None:
            act = Act("place", {"component": i % 3, "mean": [float(i), 0.0]})
            screen.driver.post(act, done.append)

        threads = [threading.Thread(target=push, args=(i,)) for i in range(30)]
        screen.driver.wake()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        while len(done) < 30:
            await asyncio.sleep(0.005)
        await screen.driver.wait_idle()
        assert done == [None] * 30
        assert len(screen.session.history.entries) == 31

    asyncio.run(play())


def test_every_figure_shown_belongs_to_the_mixture_on_the_table():
    async def play() -> None:
        screen = Screen(new_session())
        for x in range(20):
            args = {"component": 0, "mean": [x / 10, 0.0]}
            screen.driver.post(Act("place", args, ("me", 1), x == 19))
            await asyncio.sleep(0)
        await screen.driver.wait_idle()
        state = screen.session.state
        assert state.expectation is not None
        assert state.expectation.mixture == state.mixture

    asyncio.run(play())


def test_no_task_is_left_at_rest():
    async def play() -> None:
        screen = Screen(new_session())
        screen.driver.post(Act("step", {}))
        await screen.driver.wait_idle()
        assert asyncio.all_tasks() == {asyncio.current_task()}

    asyncio.run(play())


def test_closing_in_mid_run_ends_the_task():
    async def play() -> None:
        screen = Screen(endless())
        screen.driver.post(Act("run", {}))
        while screen.session.state.steps < 1:
            await asyncio.sleep(0.005)
        screen.driver.close()
        shown = len(screen.shown)
        for _ in range(50):
            await asyncio.sleep(0.01)
            if asyncio.all_tasks() == {asyncio.current_task()}:
                break
        assert asyncio.all_tasks() == {asyncio.current_task()}
        assert len(screen.shown) == shown

    asyncio.run(play())


def test_without_a_loop_acts_are_done_at_once_and_runs_to_their_end():
    screen = Screen(new_session())
    answers: list[CodedText | None] = []
    screen.driver.post(Act("run", {}), answers.append)
    assert answers == [None]
    assert screen.session.state.converged
    assert screen.shown[-1][0]


def test_an_em_failure_stops_the_run_and_says_why():
    async def play() -> None:
        session = new_session()
        screen = Screen(session)

        def fail() -> None:
            raise ValueError("component 1 collapsed; undo or delete it")

        screen.driver._mailbox.poll = fail  # type: ignore[method-assign]
        before = session.state.mixture
        screen.driver.post(Act("run", {}))
        await screen.driver.wait_idle()
        assert not session.running
        assert str(screen.problems[0]) == "component 1 collapsed; undo or delete it"
        assert session.state.mixture == before

    asyncio.run(play())


def test_a_component_that_loses_all_its_weight_is_named_by_letter_and_undo_is_at_hand():
    async def play() -> None:
        session = new_session()
        screen = Screen(session)
        start = session.state.mixture
        args = {"component": 1, "mean": [1e6, 1e6], "covariance": [[0.01, 0], [0, 0.01]]}
        screen.driver.post(Act("place", args))
        screen.driver.post(Act("run", {}))
        await screen.driver.wait_idle()
        assert not session.running
        assert screen.problems[0].code == "collapsed"
        assert str(screen.problems[0]).startswith("Component B collapsed")
        assert "undo" in str(screen.problems[0])
        assert session.state.mixture.means[1].tolist() == [1e6, 1e6]
        assert np.isfinite(session.state.log_likelihood)
        session.undo()
        assert session.state.mixture == start

    asyncio.run(play())


def test_a_run_over_many_points_goes_on_cells_and_ends_converged_in_the_exact_sense():
    async def play() -> None:
        exact, rough = new_session(n=60_000), new_session(n=60_000)
        exact.fit()
        screen = Screen(rough)
        screen.driver.post(Act("run", {}))
        await screen.driver.wait_idle()
        assert rough.bins is not None
        assert rough.state.converged
        assert not rough.running
        known = rough.state.expectation
        assert known is not None
        assert known.points is rough.points
        assert abs(rough.state.log_likelihood - exact.state.log_likelihood) < 60_000 * 1e-6
        assert [e.cause for e in rough.history.entries.values()] == ["start", "run"]

    asyncio.run(play())

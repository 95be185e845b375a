"""Errors that nobody expected: each act is answered, and the driver goes on with the next."""

import asyncio

import pytest
from session_help import new_session

from gmm_widget.runtime.background_task import BackgroundTask
from gmm_widget.runtime.driver import Driver
from gmm_widget.session.coded_text import CodedText
from gmm_widget.session.edits import Act


@pytest.mark.parametrize(
    "act",
    [
        Act("place", {"component": 0, "nonsense": 1}),
        Act("step", {"n": "three"}),
        Act("no such act", {}),
        Act("place", {"component": 0, "nonsense": 1}, ("me", 1), False),
    ],
)
@pytest.mark.parametrize("with_loop", [True, False])
def test_an_act_that_fails_as_nobody_expected_is_answered_and_the_next_is_done(
    act, with_loop, caplog
):
    """A fault of ours must not leave a view waiting; the log has the whole of it."""
    answers: list[CodedText | None] = []

    async def play() -> Driver:
        driver = Driver(new_session(), lambda _: None, print)
        driver.post(act, answers.append)
        driver.post(Act("place", {"component": 0, "mean": [1.0, 1.0]}), answers.append)
        await asyncio.wait_for(driver.wait_idle(), 10)
        return driver

    if with_loop:
        driver = asyncio.run(play())
    else:
        driver = Driver(new_session(), lambda _: None, print)
        for each in (act, Act("place", {"component": 0, "mean": [1.0, 1.0]})):
            driver.post(each, answers.append)
    assert answers[0] is not None
    assert "Error" in str(answers[0])
    assert answers[1] is None
    assert driver.session.state.mixture.means[0].tolist() == [1.0, 1.0]
    assert "failed unexpectedly" in caplog.text
    assert caplog.records[0].exc_info is not None
    assert not driver.session.held_components


@pytest.mark.parametrize("error", [RuntimeError("no"), MemoryError("of 3 GB"), TypeError("no")])
def test_a_run_that_fails_as_nobody_expected_ends_and_says_so(error):
    problems: list[CodedText] = []

    async def play() -> None:
        driver = Driver(new_session(), lambda _: None, problems.append)

        def fail() -> None:
            raise error

        driver._mailbox.poll = fail  # type: ignore[method-assign]
        driver.post(Act("run", {}))
        await asyncio.wait_for(driver.wait_idle(), 10)
        assert not driver.session.running
        assert problems[0].code == ("no_memory" if isinstance(error, MemoryError) else "unexpected")
        assert str(error) in str(problems[0])

    asyncio.run(play())


def test_a_search_that_fails_as_nobody_expected_ends_and_says_so():
    def broken(_):
        yield 1
        raise KeyError("odd")

    ends: list[object] = []
    BackgroundTask("test").start(broken, ends.append)
    assert ends[0] == 1
    assert ends[1].problem == "unexpected KeyError: 'odd'"

"""Looks for optima from many starts while the session goes on: what it finds is a map, not an act.

The search runs on a thread of its own, a start at a time, so that the hand and EM are not kept
waiting; it can be called off at any moment. Adopting an optimum is an act like any other.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from typing import final

import numpy as np

from gmm_widget.choose.outcomes import Outcome, Restarts
from gmm_widget.choose.restarts import Options, restarting
from gmm_widget.session.optima import MOST_STARTS, Found, Survey, align, surveyed
from gmm_widget.session.session import Session
from gmm_widget.session.work import Abandoned

METHODS = ("k-means++", "random")  # dealt out in turn: good starts and poor ones


@final
class Scout:
    """One search at a time over the session's points, with its components and structure.

    `show()` is called, on the loop's thread, whenever `session.survey` has changed.
    """

    def __init__(self, session: Session, show: Callable[[], None]) -> None:
        self._session = session
        self._show = show
        self._task: asyncio.Task[None] | None = None
        self._off = threading.Event()

    def start(self, n: int, seed: int | None = None) -> None:
        """Begin a search from n starts; an earlier one is called off."""
        if isinstance(n, bool) or not isinstance(n, int) or not 1 <= n <= MOST_STARTS:
            raise ValueError(f"the number of starts must be 1 to {MOST_STARTS}, got {n!r}")
        self.cancel()
        self._off = threading.Event()
        state = self._session.state
        survey = Survey(n, state.mixture.n_components, state.structure.name)
        self._session.survey = survey
        self._show()
        going = self._going(n, seed)
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            self._drain(going, survey)
            return
        self._task = loop.create_task(self._follow(going, survey, self._off))

    def cancel(self) -> None:
        """Call the search off; what it has found stays."""
        self._off.set()
        self._task = None
        survey = self._session.survey
        if survey is not None and survey.running:
            self._session.survey = survey._replace(running=False)
            self._show()

    async def settled(self) -> None:
        """Wait until no search is under way."""
        while self._task is not None and not self._task.done():
            await asyncio.shield(self._task)

    def _going(self, n: int, seed: int | None) -> Generator[Outcome, None, Restarts]:
        session, off = self._session, self._off
        settings = session.settings
        options = Options(settings.regularisation, settings.tolerance, thorough=True)

        def poll() -> None:
            if off.is_set():
                raise Abandoned

        k, structure = session.state.mixture.n_components, session.state.structure
        rng = np.random.default_rng(seed)
        known = {"methods": METHODS if k > 1 else "k-means++", "rng": rng, "options": options}
        return restarting(session.points, k, structure, n, poll=poll, **known)  # type: ignore[arg-type]

    async def _follow(
        self, going: Generator[Outcome, None, Restarts], survey: Survey, off: threading.Event
    ) -> None:
        loop = asyncio.get_running_loop()
        thread: ThreadPoolExecutor | None = ThreadPoolExecutor(1, "gmm_widget_starts")
        try:
            while survey.running and not off.is_set():
                try:
                    told = await loop.run_in_executor(thread, _next, going)
                except RuntimeError:  # no threads here: between starts the loop has its turn
                    thread = None
                    await asyncio.sleep(0)
                    told = _next(going)
                survey = self._take(survey, told, off)
        finally:
            if thread is not None:
                thread.shutdown(wait=False)

    def _drain(self, going: Generator[Outcome, None, Restarts], survey: Survey) -> None:
        while survey.running:
            survey = self._take(survey, _next(going), self._off)

    def _take(
        self, survey: Survey, told: Outcome | Restarts | str | None, off: threading.Event
    ) -> Survey:
        """Note what the search told; it is at its end with a result, or with a reason."""
        if off.is_set() or told is None:
            return survey._replace(running=False)
        if isinstance(told, Outcome):
            survey = survey.with_outcome(told)
        elif isinstance(told, str):
            survey = survey._replace(running=False, problem=told)
        else:
            reference = self._session.state.mixture
            optima = [Found(align(o.mixture, reference), o) for o in told.optima]
            survey = surveyed(survey, told, optima)
        self._session.survey = survey
        self._show()
        return survey


def _next(going: Generator[Outcome, None, Restarts]) -> Outcome | Restarts | str | None:
    """The next outcome, the result, why there is none, or None when it was called off."""
    try:
        return next(going)
    except StopIteration as end:
        result: Restarts = end.value
        return result
    except Abandoned:
        return None
    except (ValueError, ArithmeticError) as problem:
        return str(problem)

"""Runs the session without blocking the kernel: acts in order, EM in short chunks.

Messages may arrive on any thread, so `post` only appends to a locked queue and wakes the loop.
One asyncio task on that loop is the only one to touch the session; it ends when there is nothing
left to do. Computation runs on a worker thread, on frozen values and in chunks of 30 ms, so that
Stop and the next edit take effect at once.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from functools import partial
from typing import final

from gmm_widget.core.binning import bin_points
from gmm_widget.core.points import Points
from gmm_widget.runtime.event_loop import EventLoop, in_worker
from gmm_widget.runtime.frame_pacing import FramePacing
from gmm_widget.runtime.gestures import Gestures
from gmm_widget.runtime.mailbox import Callback, Mailbox
from gmm_widget.runtime.weak_callback import weakly
from gmm_widget.session import steps
from gmm_widget.session.coded_text import CodedText
from gmm_widget.session.commands import COMMANDS, Pass
from gmm_widget.session.edits import Act
from gmm_widget.session.session import Session
from gmm_widget.session.state import State
from gmm_widget.session.steps import Abandoned, Progress

CHUNK = 0.03  # seconds of EM between two checks of the queue
CONVERGED_WAIT = 0.1  # seconds between steps once a run has converged around held components
DRAG_PAUSE = 0.1  # seconds without a frame of a drag before the exact figures are computed


@final
class Driver:
    """The one task that drives a session.

    `publish(idle)` is called on the loop whenever there is something new to show:
    with False for an intermediate frame, with True when nothing is under way.
    `report(text)` is called with the reason, coded, when EM itself fails.
    """

    def __init__(
        self,
        session: Session,
        publish: Callable[[bool], None],
        report: Callable[[CodedText], None],
        loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        self.session = session
        self._publish = publish
        self._report = report
        self.loop = EventLoop(loop)
        self._mailbox = Mailbox()
        self._task: asyncio.Task[None] | None = None
        self._gestures = Gestures(self.loop, weakly(self.post))
        self._next_step = 0.0
        self._frames = FramePacing(session, publish)
        self._closed = False
        self._failed_state: State | None = None  # its evaluation failed: not to be tried again

    def post(self, act: Act, callback: Callback | None = None) -> None:
        """Queue an act, from any thread; `callback(error or None)` is called on the loop."""
        self._mailbox.put(act, callback)
        loop = self.loop.find()
        if loop is None:
            self._drain_without_loop()
        else:
            loop.call_soon_threadsafe(self.wake)

    def wake(self) -> None:
        """Start the task unless it is running (on the loop's thread only)."""
        if self._closed:
            return
        self._mailbox.notify()
        if self._task is not None and not self._task.done():
            return
        loop = self.loop.find()
        if loop is None:
            self._drain_without_loop()
        else:
            self._task = loop.create_task(self._work())

    def interrupt(self) -> None:
        """Cancel the chunk under way: the session was changed or stopped from Python."""
        self._mailbox.cancel_pass()
        self._mailbox.notify()

    async def wait_idle(self) -> None:
        """Wait until every act is done, EM has stopped and the figures are exact."""
        await asyncio.sleep(0)
        while self._task is not None and not self._task.done():
            await asyncio.shield(self._task)

    def close(self) -> None:
        """End the task, from any thread; nothing is done or published after this."""
        self._closed = True
        self._mailbox.cancel_pass()
        loop = self.loop.find()
        if loop is None or self.loop.on_own_thread:
            self._end()
        elif not loop.is_closed():  # the garbage collector may call on any thread
            loop.call_soon_threadsafe(self._end)

    def _end(self) -> None:
        self._gestures.close()
        self.loop.close()
        if self._task is not None:
            self._task.cancel()

    async def _work(self) -> None:
        session = self.session
        while not self._closed:
            item = self._mailbox.take()
            if item is not None:
                await self._perform(*item)
            elif session.running:
                await self._run_chunk()
            elif session.state.expectation is None and session.state is not self._failed_state:
                await self._evaluate()
            else:
                break
            self._show(idle=False)
            await asyncio.sleep(0)  # many acts in a row must not block the kernel
        self._show(idle=True)

    async def _perform(self, act: Act, callback: Callback | None) -> None:
        session, error = self.session, None
        try:
            does = COMMANDS[act.name].does
            if isinstance(does, Pass):
                await self._compute(partial(does.function, **act.args), does.cause)
            else:
                session.do_immediately(act)
        except Exception as problem:  # noqa: BLE001 without an answer its view would wait for ever
            error = self._explain(problem)
        self._gestures.record(act)
        if callback is not None:
            callback(error)

    async def _run_chunk(self) -> None:
        session = self.session
        left = self._next_step - time.perf_counter() if session.speed else 0
        if left > 0:
            await self._mailbox.wait(left)
            return
        try:
            if session.on_bins:
                progress = await self._run_on_bins()
            else:
                chunk = partial(steps.chunk, seconds=0 if session.speed else CHUNK)
                progress = await self._compute(chunk, "run")
        except Exception as problem:  # noqa: BLE001 the task must live on to do other acts
            session.set_running(False)
            self._report(self._explain(problem))
            return
        self._next_step = time.perf_counter() + (1 / session.speed if session.speed else 0)
        if progress is not None and progress.ended:
            if session.held_components:
                await self._mailbox.wait(CONVERGED_WAIT)
            elif session.on_bins:
                session.on_bins = False
            else:
                session.set_running(False)

    async def _run_on_bins(self) -> Progress | None:
        session = self.session
        if session.bins is None:
            if not self._mailbox.start_pass():
                return None
            points = session.points
            try:
                bins = await in_worker(partial(bin_points, points, poll=self._mailbox.poll))
            except Abandoned:
                return None
            if session.points is not points:
                return None  # the data were replaced meanwhile
            session.bins = bins
        chunk = partial(steps.binned_chunk, seconds=CHUNK)
        return await self._compute(chunk, "run", session.bins)

    async def _evaluate(self) -> None:
        # During a drag in two columns the browser computes the figures itself, and a pass over all
        # points, cancelled by the next frame, would compete with its drawing.
        if self._gestures and self.session.points.d == 2 and await self._mailbox.wait(DRAG_PAUSE):
            return
        try:
            await self._compute(steps.evaluate, None)
        except Exception as problem:  # noqa: BLE001 the task must live on to do other acts
            self._failed_state = self.session.state
            self._report(self._explain(problem))

    async def _compute(
        self,
        function: steps.Job,
        cause: str | None,
        points: Points | None = None,
    ) -> Progress | None:
        """Compute on the worker and accept the result; None if Stop came first."""
        session = self.session
        while not self._closed:
            base = session.state
            if not self._mailbox.start_pass():
                return None
            rows = points or session.points
            if cause == "run":
                held = tuple(session.held_components.values())
                job = partial(steps.with_held(function, held), rows, base, session.settings)
            else:
                job = partial(function, rows, base, session.settings)
            try:
                result: State | Progress | None = await in_worker(
                    partial(job, poll=self._mailbox.poll)
                )
            except Abandoned:
                result = None
            if cause == "run" and not session.running:
                return None  # stopped from Python meanwhile: keep the state that `stop` left
            if result is None:
                continue
            if result is base:
                return None  # done from Python meanwhile
            done = result if isinstance(result, Progress) else Progress(result, (), True)
            if session.accept(base, done.state, cause, done.trace):
                return done
        return None

    def _explain(self, problem: Exception) -> CodedText:
        """What an error is for the views; one that is a fault of ours is logged in full."""
        if not isinstance(problem, ValueError | ArithmeticError):
            logging.getLogger(__name__).error("an act failed unexpectedly", exc_info=problem)
        return self.session.state.explain(problem)

    def _show(self, idle: bool) -> None:
        if not self._closed:
            self._frames.show(idle, bool(self._gestures), bool(self._mailbox))

    def _drain_without_loop(self) -> None:
        """Without an event loop (a plain script): do the acts at once, runs to their end."""
        item = self._mailbox.take()
        if item is None:
            self.session.do(None)
        while item is not None:
            act, callback = item
            error = None
            try:
                self.session.do(act)
            except Exception as problem:  # noqa: BLE001 as in `_perform`
                error = self._explain(problem)
            if callback is not None:
                callback(error)
            item = self._mailbox.take()
        self._publish(True)

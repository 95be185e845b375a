"""Mixin of `GMMWidget`: EM steps, runs, restarts and the history."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Self

from gmm_widget.core.random_state import RandomState, generator
from gmm_widget.core.renamed import renamed
from gmm_widget.runtime.background_restarts import BackgroundRestarts
from gmm_widget.runtime.background_selection import BackgroundSelection
from gmm_widget.runtime.driver import Driver
from gmm_widget.session.create import whole_number
from gmm_widget.session.history_table import Records
from gmm_widget.session.restart_survey import RestartSurvey
from gmm_widget.session.session import Session


class SteeringMethods:
    """Methods that change the fit; each returns when its result is shown, `run` at once.

    A mixin: `GMMWidget` has the attributes and overrides the methods declared first.
    """

    _session: Session
    _driver: Driver
    _background_restarts: BackgroundRestarts
    _background_selection: BackgroundSelection

    def _do(self, act: Callable[..., None], *args: Any) -> None:
        """Call the act, evaluate the state that it led to, and publish it."""
        raise NotImplementedError

    def _publish(self, idle: bool) -> None:
        """Publish the current state."""
        raise NotImplementedError

    def e_step(self) -> None:
        """Compute the responsibilities of the current mixture and show them.

        Examples
        --------
        >>> from gmm_widget import GMMWidget
        >>> from gmm_widget.datasets import old_faithful
        >>> w = GMMWidget(old_faithful(), 2, random_state=0)
        >>> before = w.mixture
        >>> w.e_step()
        >>> w.mixture == before
        True
        """
        self._do(self._session.e_step)

    def m_step(self) -> None:
        """Move the components to fit the responsibilities of the last E-step.

        Examples
        --------
        >>> from gmm_widget import GMMWidget
        >>> from gmm_widget.datasets import old_faithful
        >>> w = GMMWidget(old_faithful(), 2, random_state=0)
        >>> before = w.log_likelihood
        >>> w.e_step()
        >>> w.m_step()
        >>> w.log_likelihood > before
        True
        """
        self._do(self._session.m_step)

    def step(self, n: int = 1) -> None:
        """Take n EM steps (fewer if they converge).

        Examples
        --------
        >>> from gmm_widget import GMMWidget
        >>> from gmm_widget.datasets import old_faithful
        >>> w = GMMWidget(old_faithful(), 2, random_state=0)
        >>> w.step(3)
        >>> w.converged
        False
        """
        self._do(self._session.step, whole_number(n, "n", 1))

    def run(self) -> None:
        """Let EM run until it converges. Returns at once; `await w.settled()` waits.

        Examples
        --------
        >>> from gmm_widget import GMMWidget
        >>> from gmm_widget.datasets import old_faithful
        >>> w = GMMWidget(old_faithful(), 2, random_state=0)
        >>> w.run()
        >>> w.converged
        True
        >>> w.mixture.weights.round(3)
        array([0.356, 0.644])
        """
        self._session.set_running(True)
        self._publish(idle=False)
        self._driver.wake()

    async def settled(self) -> Self:
        """Wait until every act is done and no run or search is under way; returns the widget.

        Examples
        --------
        >>> from gmm_widget import GMMWidget
        >>> from gmm_widget.datasets import old_faithful
        >>> w = GMMWidget(old_faithful(), 2, random_state=0)
        >>> import asyncio
        >>> w.run()
        >>> asyncio.run(w.settled()).converged
        True
        """
        self._driver.wake()
        await self._driver.wait_idle()
        await self._background_restarts.wait_idle()
        await self._background_selection.wait_idle()
        return self

    def stop(self) -> None:
        """Stop a run where it is.

        Examples
        --------
        >>> from gmm_widget import GMMWidget
        >>> from gmm_widget.datasets import old_faithful
        >>> w = GMMWidget(old_faithful(), 2, random_state=0)
        >>> w.run()
        >>> w.stop()
        >>> w.running
        False
        """
        self._session.set_running(False)
        self._driver.interrupt()
        self._publish(idle=True)

    @renamed(n="n_init", seed="random_state")
    def restart(self, n_init: int = 20, *, random_state: RandomState = None) -> None:
        """Fit from `n_init` starts (1 to 100) in the background; `restarts` holds the optima found.

        Returns at once (in a plain script when it is done); `await w.settled()` waits, and
        `cancel_restart` cancels. The mixture stays as it is until you `adopt` an optimum.
        ValueError while a softness, a concentration or locks are set, which a search can't keep.

        Examples
        --------
        >>> from gmm_widget import GMMWidget
        >>> from gmm_widget.datasets import old_faithful
        >>> w = GMMWidget(old_faithful(), 2, random_state=0)
        >>> w.restart(5, random_state=0)
        >>> round(w.restarts.optima[0].optimum.log_likelihood, 3)
        -1130.264
        """
        self._background_restarts.start(n_init, generator(random_state))

    def cancel_restart(self) -> None:
        """Cancel the restarts under way; what they have found so far stays.

        Examples
        --------
        >>> from gmm_widget import GMMWidget
        >>> from gmm_widget.datasets import old_faithful
        >>> w = GMMWidget(old_faithful(), 2, random_state=0)
        >>> w.restart(5, random_state=0)
        >>> w.cancel_restart()
        """
        self._background_restarts.cancel()

    @property
    def restarts(self) -> RestartSurvey | None:
        """The results of `restart`: `outcomes` by start, and `optima`, the highest first."""
        return self._session.survey

    def adopt(self, optimum: int = 0) -> None:
        """Replace mixture and structure by an optimum that `restart` found; 0 is the highest.

        Examples
        --------
        >>> from gmm_widget import GMMWidget
        >>> from gmm_widget.datasets import old_faithful
        >>> w = GMMWidget(old_faithful(), 2, random_state=0)
        >>> w.restart(5, random_state=0)
        >>> w.adopt()
        >>> round(w.log_likelihood, 3)
        -1130.264
        """
        self._do(self._session.adopt, optimum)

    def undo(self) -> None:
        """Go back to the exact mixture before the last act.

        Examples
        --------
        >>> from gmm_widget import GMMWidget
        >>> from gmm_widget.datasets import old_faithful
        >>> w = GMMWidget(old_faithful(), 2, random_state=0)
        >>> start = w.mixture
        >>> w.split("A")
        >>> w.undo()
        >>> w.mixture == start
        True
        """
        self._do(self._session.undo)

    def redo(self) -> None:
        """Do again what was undone.

        Examples
        --------
        >>> from gmm_widget import GMMWidget
        >>> from gmm_widget.datasets import old_faithful
        >>> w = GMMWidget(old_faithful(), 2, random_state=0)
        >>> w.split("A")
        >>> w.undo()
        >>> w.redo()
        >>> w.n_components
        3
        """
        self._do(self._session.redo)

    def jump(self, entry: int, *, step: int | None = None) -> None:
        """Go to a history entry by its `id`: the exact mixture, locks and structure.

        `step` is one on the way, so many EM steps from the entry's beginning. While you are there,
        and for good if you do something there, the entry is two: `redo` leads on to its end, and
        `undo` back to where you came from. Long and old runs keep fewer steps, or none: ValueError
        names those that there are.

        Examples
        --------
        >>> from gmm_widget import GMMWidget
        >>> from gmm_widget.datasets import old_faithful
        >>> w = GMMWidget(old_faithful(), 2, random_state=0)
        >>> start = w.mixture
        >>> w.run()
        >>> w.jump(0)
        >>> w.mixture == start
        True
        """
        self._do(self._session.jump, entry, step)

    @property
    def history(self) -> Records:
        """All history entries, undone branches included, with the `id` that `jump` takes."""
        return Records(self._session.history)

    @property
    def icl(self) -> float:
        """BIC - 2 sum_n log max_k r_nk, lower is better (mclust's ICL): a pass over the points."""
        return self._session.icl()

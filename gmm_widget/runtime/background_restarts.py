"""Fits from many starts in the background, without changing the current mixture.

The user adopts one of the optima found by an act of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import final

from gmm_widget.core.random_state import RandomState, generator
from gmm_widget.runtime.background_task import BackgroundTask, TaskEnded, with_unchanged_rows
from gmm_widget.search.outcomes import Outcome, Restarts
from gmm_widget.search.restarts import Options, iterate_restarts
from gmm_widget.session.restart_survey import (
    MAX_STARTS,
    RestartSurvey,
    SurveyedOptimum,
    align,
    restart_survey,
)
from gmm_widget.session.session import Session
from gmm_widget.session.settings import Poll

METHODS = ("k-means++", "random")  # in turn: "random" shows how poor starts fare


@final
class BackgroundRestarts:
    """One search at a time over the session's points, for its number of components and structure.

    `show()` is called on the loop's thread whenever `session.survey` has changed.
    """

    def __init__(self, session: Session, show: Callable[[], None]) -> None:
        self._session = session
        self._show = show
        self._task: BackgroundTask[Outcome] = BackgroundTask("gmm_widget_restarts")

    def start(self, n: int, random_state: RandomState = None) -> None:
        """Start a search from n starts, cancelling an earlier one.

        ValueError if n is out of range, or locks or settings are set that a search can't keep.
        """
        if isinstance(n, bool) or not isinstance(n, int) or not 1 <= n <= MAX_STARTS:
            raise ValueError(f"the number of starts must be 1 to {MAX_STARTS}, got {n!r}")
        state = self._session.state
        options = self._session.settings.search_options(thorough=True)
        state.refuse_locks("restarts")
        self.cancel()
        self._session.survey = RestartSurvey(
            n, state.mixture.n_components, state.structure.name, options
        )
        self._show()
        self._task.start(lambda poll: self._search(n, options, random_state, poll), self._on_item)

    def handle_request(self, n: int) -> None:
        """Start a search from n starts, or cancel it (0), as a view asks."""
        if n:
            self.start(n)
        else:
            self.cancel()

    def cancel(self) -> None:
        """Cancel the search; what it has found stays."""
        self._task.cancel()
        survey = self._session.survey
        if survey is not None and survey.running:
            self._session.survey = survey._replace(running=False)
            self._show()

    async def wait_idle(self) -> None:
        """Wait until no search is under way."""
        await self._task.wait_idle()

    def _search(
        self, n: int, options: Options, random_state: RandomState, poll: Poll
    ) -> Generator[Outcome, None, Restarts]:
        session = self._session
        k, structure = session.state.mixture.n_components, session.state.structure
        rng = generator(random_state)
        known = {"methods": METHODS if k > 1 else "k-means++", "rng": rng, "options": options}
        points = session.points
        outcomes = iterate_restarts(points, k, structure, n, poll=poll, **known)  # type: ignore[arg-type]
        return with_unchanged_rows(points, outcomes)

    def _on_item(self, item: Outcome | TaskEnded) -> None:
        """Record the outcome of a start, or the end of the search."""
        survey = self._session.survey
        if survey is None:
            return
        if isinstance(item, Outcome):
            survey = survey.with_outcome(item)
        elif item.problem is not None:
            survey = survey._replace(running=False, problem=item.problem)
        else:
            reference = self._session.state.mixture
            optima = [SurveyedOptimum(align(o.mixture, reference), o) for o in item.result.optima]
            survey = restart_survey(survey, item.result, optima)
        self._session.survey = survey
        self._show()

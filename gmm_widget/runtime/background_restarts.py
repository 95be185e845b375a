"""Looks for optima from many starts while the session goes on: what it finds is a map, not an act.

The search is an errand beside the hand and EM; it can be called off at any moment. Adopting an
optimum is an act like any other.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import final

import numpy as np

from gmm_widget.runtime.background_task import BackgroundTask, TaskEnded
from gmm_widget.search.outcomes import Outcome, Restarts
from gmm_widget.search.restarts import Options, iterate_restarts
from gmm_widget.session.restart_survey import (
    MOST_STARTS,
    RestartSurvey,
    SurveyedOptimum,
    align,
    restart_survey,
)
from gmm_widget.session.session import Session
from gmm_widget.session.settings import Poll

METHODS = ("k-means++", "random")  # dealt out in turn: good starts and poor ones


@final
class BackgroundRestarts:
    """One search at a time over the session's points, with its components and structure.

    `show()` is called, on the loop's thread, whenever `session.survey` has changed.
    """

    def __init__(self, session: Session, show: Callable[[], None]) -> None:
        self._session = session
        self._show = show
        self._errand: BackgroundTask[Outcome] = BackgroundTask("gmm_widget_starts")

    def start(self, n: int, seed: int | None = None) -> None:
        """Begin a search from n starts; an earlier one is called off."""
        if isinstance(n, bool) or not isinstance(n, int) or not 1 <= n <= MOST_STARTS:
            raise ValueError(f"the number of starts must be 1 to {MOST_STARTS}, got {n!r}")
        self.cancel()
        state = self._session.state
        self._session.survey = RestartSurvey(n, state.mixture.n_components, state.structure.name)
        self._show()
        self._errand.start(lambda poll: self._going(n, seed, poll), self._take)

    def cancel(self) -> None:
        """Call the search off; what it has found stays."""
        self._errand.cancel()
        survey = self._session.survey
        if survey is not None and survey.running:
            self._session.survey = survey._replace(running=False)
            self._show()

    async def settled(self) -> None:
        """Wait until no search is under way."""
        await self._errand.settled()

    def _going(self, n: int, seed: int | None, poll: Poll) -> Generator[Outcome, None, Restarts]:
        session = self._session
        settings = session.settings
        options = Options(settings.regularisation, settings.tolerance, thorough=True)
        k, structure = session.state.mixture.n_components, session.state.structure
        rng = np.random.default_rng(seed)
        known = {"methods": METHODS if k > 1 else "k-means++", "rng": rng, "options": options}
        return iterate_restarts(session.points, k, structure, n, poll=poll, **known)  # type: ignore[arg-type]

    def _take(self, told: Outcome | TaskEnded) -> None:
        """Note what the search told; it is at its end with a result, or with a reason."""
        survey = self._session.survey
        if survey is None:
            return
        if isinstance(told, Outcome):
            survey = survey.with_outcome(told)
        elif told.problem is not None:
            survey = survey._replace(running=False, problem=told.problem)
        else:
            reference = self._session.state.mixture
            optima = [SurveyedOptimum(align(o.mixture, reference), o) for o in told.result.optima]
            survey = restart_survey(survey, told.result, optima)
        self._session.survey = survey
        self._show()

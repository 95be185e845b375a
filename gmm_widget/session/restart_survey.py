"""Results of the restarts: the outcome of each start and the optima that they reached."""

from __future__ import annotations

import html
import math
from collections.abc import Sequence
from typing import Any, NamedTuple, final

import numpy as np

from gmm_widget.core.mixture import Mixture
from gmm_widget.search.outcomes import Optimum, Outcome, Restarts
from gmm_widget.search.polish import Options

MAX_STARTS = 100
MAX_OPTIMA = 12  # sent to the browser with their mixtures, the highest first
MAX_NUMBERS = 20_000  # in all these mixtures


@final
class SurveyedOptimum(NamedTuple):
    """An optimum, with its components matched to those of the current mixture."""

    mixture: Mixture
    optimum: Optimum


@final
class RestartSurvey(NamedTuple):
    """A search from n starts for k components, running or ended.

    `optima` are known once it has ended, the highest first; `problem` is the error that ended it,
    `options` are those of its EM.
    """

    n: int
    k: int
    structure: str
    options: Options = Options()
    running: bool = True
    outcomes: tuple[Outcome, ...] = ()
    optima: tuple[SurveyedOptimum, ...] = ()
    problem: str | None = None

    def with_outcome(self, outcome: Outcome) -> RestartSurvey:
        """With the outcome of one start; a later one of the same start replaces it."""
        others = tuple(o for o in self.outcomes if o.start != outcome.start)
        return self._replace(outcomes=(*others, outcome))

    def __repr__(self) -> str:
        rows = [f"{len(self.outcomes)} of {self.n} starts, {self.k} components, {self.structure}"]
        for i, (_, found) in enumerate(self.optima):
            note = f"; spurious: {found.spurious}" if found.spurious else ""
            starts = f"{len(found.starts)} start{'s' * (len(found.starts) != 1)}"
            rows.append(f"  optimum {i}: {found.log_likelihood:,.3f} from {starts}{note}")
        failed = (o for o in self.outcomes if o.status == "failed")
        rows.extend(f"  start {o.start} failed: {o.reason}" for o in failed)
        return "\n".join([*rows, *([self.problem] if self.problem else [])])

    def _repr_html_(self) -> str:
        return f"<pre>{html.escape(repr(self))}</pre>"


def restart_survey(
    survey: RestartSurvey, result: Restarts, optima: Sequence[SurveyedOptimum]
) -> RestartSurvey:
    """The survey of a search that has ended."""
    return survey._replace(running=False, outcomes=result.outcomes, optima=tuple(optima))


def align(mixture: Mixture, reference: Mixture) -> Mixture:
    """The mixture with its components in the order of the nearest ones of the reference."""
    if mixture.n_components != reference.n_components:
        return mixture
    from scipy.optimize import linear_sum_assignment

    spread = np.sqrt(np.einsum("kii->ki", reference.covariances)).mean(axis=0)
    distances = (reference.means[:, None] - mixture.means[None]) / spread
    _, order = linear_sum_assignment((distances**2).sum(axis=2))
    parts = (mixture.weights, mixture.means, mixture.covariances)
    return Mixture(*(part[order] for part in parts))


def describe_survey(survey: RestartSurvey | None) -> dict[str, Any]:
    """The survey as values for the browser; `n` is 0 where there is none."""
    if survey is None:
        return {"n": 0}
    size = sum(f.mixture.covariances.size for f in survey.optima[:1]) or 1
    shown = survey.optima[: max(1, min(MAX_OPTIMA, MAX_NUMBERS // size))]
    return {
        "n": survey.n,
        "running": survey.running,
        "problem": survey.problem,
        "starts": [_describe_outcome(outcome) for outcome in survey.outcomes[: 2 * MAX_STARTS]],
        "optima": [
            {
                "mixture": found.mixture.to_json(),
                "log_likelihood": found.optimum.log_likelihood,
                "spurious": (found.optimum.spurious or "")[:200] or None,
            }
            for found in shown
        ],
    }


def _describe_outcome(outcome: Outcome) -> dict[str, Any]:
    value = outcome.log_likelihood
    return {
        "log_likelihood": value if math.isfinite(value) else None,
        "status": outcome.status,
        "optimum": outcome.optimum,
        "reason": (outcome.reason or "")[:200] or None,
    }

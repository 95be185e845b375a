"""Polishing the candidates of a search with exact EM steps on all points."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import NamedTuple, final

import numpy as np

from gmm_widget.core.binning import Algorithm
from gmm_widget.core.defaults import REGULARISATION, TOLERANCE
from gmm_widget.core.e_step import e_step
from gmm_widget.core.em import Step, em
from gmm_widget.core.errors import CollapseError
from gmm_widget.core.mixture import Mixture
from gmm_widget.core.points import Points
from gmm_widget.core.squarem import accelerated
from gmm_widget.core.structure import Structure

from .ascent import COLLAPSED, CONVERGED, ActiveRuns, BatchEM, DroppedRun
from .batch import mixture_of
from .batched_em import BatchData
from .newton import newton_maximum, polished, serves
from .outcomes import Optimum, Outcome
from .spurious import suspicions

_REMEDY = "use more regularisation, a simpler covariance structure, or fewer components"

#: Most batched EM steps for a single member or for several; beyond, accelerated steps are quicker.
ALONE, TOGETHER = 60, 300
_CONFIRM = 3
#: In more columns the coarsest bins are so wide that their optimum is not the points'.
_FINE = 2
#: Mean gain that may be left at the optimum over bins.
_NEWTON_TOLERANCE = 1e-7
#: Most Newton steps on bins, and exact passes guided by them.
_NEWTON_PASSES, _EXACT_PASSES = 40, 8


class Options(NamedTuple):
    """How EM runs, when it stops, and which optima may be chosen: see `restarts` and `em`."""

    regularisation: float = REGULARISATION
    tolerance: float = TOLERANCE
    max_steps: int | None = None
    allow_spurious: bool = False
    thorough: bool = False
    algorithm: Algorithm = "auto"
    #: Whether dropped starts get a log-likelihood on all points.
    score_dropped: bool = True


@final
@dataclass(frozen=True, eq=False)
class Polisher:
    """Polishes candidates on all points; `whole` says that the search ran on these, not on a
    sample.
    """

    points: Points
    structure: Structure
    options: Options
    batch_em: BatchEM
    whole: bool
    poll: Callable[[], object] | None
    levels: tuple[Points, ...] = ()
    errors: list[CollapseError] = field(default_factory=list)

    def converge_on_rows(self, runs: ActiveRuns, steps: int = ALONE) -> list[ActiveRuns]:
        """Run each member on the rows of the search, to convergence or for that many steps."""
        if self.uses_newton:
            return [self.newton(runs.take([i])) for i in range(len(runs.ids))]
        tolerance = self.options.tolerance if self.whole else max(1e-6, self.options.tolerance)
        return self.batch_em.run_to_convergence(runs, tolerance, steps)

    @property
    def holds_all(self) -> bool:
        """Whether the search ran on rows or bins that hold all points, not on a sample."""
        return self.whole or bool(self.levels)

    @property
    def uses_newton(self) -> bool:
        """Whether the search ran on bins so fine that their optimum predicts the points'."""
        fine = bool(self.levels) and self.points.d <= _FINE
        return fine and not self.whole and serves(self.batch_em.data)

    def newton(self, one: ActiveRuns) -> ActiveRuns:
        """Return the one member at the maximum over the search's bins, its trace one entry longer.

        Only where `uses_newton`.
        """
        data = self.batch_em.data
        tolerance, most = _NEWTON_TOLERANCE * data.total, _NEWTON_PASSES
        trace = self.batch_em.traces[one.ids[0]]
        if self.options.max_steps is not None:
            most = max(1, min(most, self.options.max_steps + 1 - len(trace)))
        found = newton_maximum(data, one.batch, tolerance, most, self.poll)
        trace.append(found.look.log_likelihood)
        objective, gain = np.array([found.look.objective]), np.array([found.gained])
        return ActiveRuns(found.batch, found.batch, one.ids, objective, gain)

    def trace_before(self, one: ActiveRuns) -> tuple[list[float], float]:
        """The log-likelihoods before a converged member's last, and its last mean gain."""
        before = self.batch_em.traces[one.ids[0]][:-1]
        gain = float(one.gain[0]) / self.batch_em.data.total if self.whole else np.nan
        return before, gain

    def polished_optimum(
        self, mixture: Mixture, before: list[float], gain: float, start: int
    ) -> Optimum:
        """Return the maximum reached from a mixture. Raises CollapseError.

        `before` is the trace of the search so far; `gain` the mean gain of its last step, NaN if
        unknown.
        """
        trace = list(before) if self.whole else []
        most = self.options.max_steps
        step: Step | None = None
        for step in self._steps(mixture, gain, None if most is None else max(0, most - len(trace))):
            trace.append(step.log_likelihood)
        assert step is not None
        return Optimum(
            step.mixture,
            step.log_likelihood,
            step.objective,
            step.converged,
            np.array(trace),
            (start,),
            suspicions(self.points, step.mixture, self.structure),
        )

    def _steps(self, mixture: Mixture, gain: float, most: int | None) -> Iterator[Step]:
        """Exact steps: a few EM steps confirm convergence; otherwise accelerated steps follow."""
        step: Step | None = None
        taken, levels = 0, self.levels
        if self.uses_newton:
            for step in self._newton_steps(mixture, most):
                yield step
                if self._is_rejected(step.mixture):
                    return
            levels = () if step is not None and step.n_steps else levels
        elif not np.isnan(gain):
            for step in self._confirming(mixture, gain, most):
                yield step
        if step is not None:
            mixture, taken = step.mixture, step.n_steps
            if step.converged or taken == most:
                return
        most = None if most is None else most - taken
        for level in levels:
            for step_ in self._accelerated(level, mixture, most):
                mixture = step_.mixture
        yield from islice(
            self._accelerated(self.points, mixture, most), int(step is not None), None
        )

    def _confirming(self, mixture: Mixture, gain: float, most: int | None) -> Iterator[Step]:
        """The few EM steps that show whether a candidate has converged on all points."""
        return em(
            self.points,
            mixture,
            self.structure,
            regularisation=self.options.regularisation,
            tolerance=self.options.tolerance,
            max_steps=_CONFIRM if most is None else min(_CONFIRM, most),
            gain=gain,
            poll=self.poll,
        )

    def _is_rejected(self, mixture: Mixture) -> bool:
        """Whether a spurious mixture was reached that must not be chosen, so that polishing can
        end.
        """
        spurious = not self.options.allow_spurious
        return spurious and bool(suspicions(self.points, mixture, self.structure))

    def _newton_steps(self, mixture: Mixture, most: int | None) -> Iterator[Step]:
        """Exact passes guided by Newton's steps on bins."""
        eps, data = self.options.regularisation, self.batch_em.data
        finer = (BatchData.of(level, self.structure, eps) for level in self.levels[1:])
        return polished(
            self.points,
            chain([data], finer),
            mixture,
            tolerance=self.options.tolerance,
            regularisation=eps,
            most=_EXACT_PASSES if most is None else min(_EXACT_PASSES, most),
            poll=self.poll,
        )

    def _accelerated(self, points: Points, mixture: Mixture, most: int | None) -> Iterator[Step]:
        """Accelerated EM steps on points or bins."""
        return accelerated(
            points,
            mixture,
            self.structure,
            regularisation=self.options.regularisation,
            tolerance=self.options.tolerance,
            max_steps=most,
            poll=self.poll,
        )

    def dropped(self, member: DroppedRun, start: int) -> Outcome:
        """The outcome of a start that was dropped, with the reason if it collapsed."""
        trace, method = self.batch_em.traces[member.id], self.batch_em.origins[member.id]
        try:
            if member.status == COLLAPSED:
                raise self._reason(member)
            mixture = mixture_of(self.points, member.batch, 0)
        except CollapseError as error:
            return self.failed(start, method, len(trace) - 1, error)
        log_likelihood, objective = trace[-1], member.objective
        if not self.whole and not self.options.score_dropped:
            log_likelihood = objective = np.nan
        elif not self.whole:
            found = e_step(self.points, mixture, regularisation=self.options.regularisation)
            log_likelihood, objective = found.log_likelihood, found.objective
        reason = "; ".join(map(str, suspicions(self.points, mixture, self.structure))) or None
        return Outcome(
            start,
            method,
            "spurious" if reason else "level" if member.status == CONVERGED else "behind",
            mixture,
            log_likelihood,
            objective,
            len(trace) - 1,
            None,
            reason,
        )

    def failed(self, start: int, method: str, steps: int, error: CollapseError) -> Outcome:
        """The outcome of a start that collapsed."""
        self.errors.append(error)
        return Outcome(start, method, "failed", None, np.nan, np.nan, steps, None, str(error))

    def all_collapsed(self, n_starts: int) -> CollapseError:
        """The error of a search all of whose starts collapsed."""
        first = self.errors[0] if self.errors else None
        if first is None:
            return CollapseError(
                0,
                f"a component lost its weight or its covariance in all {n_starts} starts",
                "use fewer components, a simpler covariance_type or more regularisation",
            )
        cause = f"{first.cause} (in the first of {n_starts} starts; all collapsed)"
        return CollapseError(first.component, cause, first.remedy)

    def _reason(self, member: DroppedRun) -> CollapseError:
        """Why a member collapsed: the core takes the same step again and names the component."""
        eps = self.options.regularisation
        try:
            mixture = mixture_of(self.points, member.batch, 0)
            for _ in em(self.points, mixture, self.structure, regularisation=eps, max_steps=50):
                pass
        except CollapseError as error:
            return error
        smallest = int(np.argmin(mixture.weights))
        return CollapseError(
            smallest, "it lost nearly all its weight or its covariance became singular", _REMEDY
        )

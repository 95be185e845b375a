"""From where a climb got to, to what can be reported: the core's exact steps on all the points."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import NamedTuple, final

import numpy as np

from gmm_widget.core.e_step import e_step
from gmm_widget.core.em import Step, em
from gmm_widget.core.errors import CollapseError
from gmm_widget.core.fit import Algorithm
from gmm_widget.core.m_step import REGULARISATION
from gmm_widget.core.mixture import Mixture
from gmm_widget.core.points import Points
from gmm_widget.core.squarem import accelerated
from gmm_widget.core.structure import Structure

from .ascent import ARRIVED, COLLAPSED, ActiveRuns, BatchEM, DroppedRun
from .batch import mixture_of
from .batched_em import BatchData
from .newton import newton_maximum, polished, serves
from .outcomes import Optimum, Outcome
from .spurious import suspicions

_REMEDY = "use more regularisation, a simpler covariance structure, or fewer components"

#: Steps of a flock in which a member alone, or several, should settle; beyond that, strides of
#: the core's accelerated steps are quicker.
_ALONE, _TOGETHER = 60, 300
_CONFIRM = 3
#: With more columns the coarsest cells are so wide that their top is elsewhere than the points'.
_FINE = 2
#: What may be left to gain (mean) at the top of cells.
_TOP = 1e-7
#: Passes of Newton's climb over cells, and over the points after it.
_STRIDES, _PASSES = 40, 8


class Options(NamedTuple):
    """How to climb, when to stop, and what may be chosen: see `restarts` and `em`."""

    regularisation: float = REGULARISATION
    tolerance: float = 1e-8
    max_steps: int | None = None
    allow_spurious: bool = False
    thorough: bool = False
    algorithm: Algorithm = "auto"
    #: Whether the log-likelihood of starts that were left is worked out on all points.
    told: bool = True


@final
@dataclass(frozen=True, eq=False)
class Polisher:
    """Finishes members of a climb on all the points; `whole` says that it climbed on these."""

    points: Points
    structure: Structure
    options: Options
    climber: BatchEM
    whole: bool
    poll: Callable[[], object] | None
    levels: tuple[Points, ...] = ()
    errors: list[CollapseError] = field(default_factory=list)

    def settled(self, herd: ActiveRuns) -> list[ActiveRuns]:
        """The members, each as far as it gets on the climber's own rows."""
        if self.knows_tops:
            return [self.top(herd.take([i])) for i in range(len(herd.ids))]
        tolerance = self.options.tolerance if self.whole else max(1e-6, self.options.tolerance)
        steps = _ALONE if len(herd.ids) == 1 else _TOGETHER
        return self.climber.settle(herd, tolerance, steps)

    @property
    def knows_tops(self) -> bool:
        """Whether the climber is on cells, fine enough for their top to tell of the points'."""
        fine = bool(self.levels) and self.points.d <= _FINE
        return fine and not self.whole and serves(self.climber.ground)

    def top(self, one: ActiveRuns) -> ActiveRuns:
        """A herd of one at the top of the climber's cells, one entry further in its trace.

        Only where `knows_tops`.
        """
        ground = self.climber.ground
        tolerance, most = _TOP * ground.total, _STRIDES
        trace = self.climber.traces[one.ids[0]]
        if self.options.max_steps is not None:
            most = max(1, min(most, self.options.max_steps + 1 - len(trace)))
        found = newton_maximum(ground, one.flock, tolerance, most, self.poll)
        trace.append(found.look.log_likelihood)
        height, gain = np.array([found.look.objective]), np.array([found.gained])
        return ActiveRuns(found.flock, found.flock, one.ids, height, gain)

    def way(self, one: ActiveRuns) -> tuple[list[float], float]:
        """The log-likelihoods before a settled member's last, and the last mean gain."""
        before = self.climber.traces[one.ids[0]][:-1]
        gain = float(one.gain[0]) / self.climber.ground.total if self.whole else np.nan
        return before, gain

    def climbed(self, mixture: Mixture, before: list[float], gain: float, start: int) -> Optimum:
        """The maximum above a mixture, which took `before` to reach. Raises CollapseError.

        `gain` is what the last step there gained (mean), NaN if unknown.
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
        """Exact steps: one or two confirm that a climb has settled, else it goes on in strides."""
        step: Step | None = None
        taken, levels = 0, self.levels
        if self.knows_tops:
            for step in self._guided(mixture, most):
                yield step
                if self._lost(step.mixture):
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
            for stride in self._strides(level, mixture, most):
                mixture = stride.mixture
        yield from islice(self._strides(self.points, mixture, most), int(step is not None), None)

    def _confirming(self, mixture: Mixture, gain: float, most: int | None) -> Iterator[Step]:
        """The few steps of EM that show whether a climb has settled."""
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

    def _lost(self, mixture: Mixture) -> bool:
        """Whether a climb need not be followed: it has come to what should not be chosen."""
        spurious = not self.options.allow_spurious
        return spurious and bool(suspicions(self.points, mixture, self.structure))

    def _guided(self, mixture: Mixture, most: int | None) -> Iterator[Step]:
        """Steps on the points to where cells tell that the top is."""
        eps, ground = self.options.regularisation, self.climber.ground
        finer = (BatchData.of(level, self.structure, eps) for level in self.levels[1:])
        return polished(
            self.points,
            chain([ground], finer),
            mixture,
            tolerance=self.options.tolerance,
            regularisation=eps,
            most=_PASSES if most is None else min(_PASSES, most),
            poll=self.poll,
        )

    def _strides(self, points: Points, mixture: Mixture, most: int | None) -> Iterator[Step]:
        """Accelerated steps on points or cells."""
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
        """The outcome of a start that was left on the way, or the reason why it collapsed."""
        if member.fate == COLLAPSED:
            steps, method = len(self.climber.traces[member.id]) - 1, self.climber.origins[member.id]
            return self.failed(start, method, steps, self._reason(member))
        mixture = mixture_of(self.points, member.flock, 0)
        trace = self.climber.traces[member.id]
        log_likelihood, objective = trace[-1], member.objective
        if not self.whole and not self.options.told:
            log_likelihood = objective = np.nan
        elif not self.whole:
            found = e_step(self.points, mixture, regularisation=self.options.regularisation)
            log_likelihood, objective = found.log_likelihood, found.objective
        reason = "; ".join(map(str, suspicions(self.points, mixture, self.structure))) or None
        return Outcome(
            start,
            self.climber.origins[member.id],
            "spurious" if reason else "level" if member.fate == ARRIVED else "behind",
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

    def _reason(self, member: DroppedRun) -> CollapseError:
        """Why a member collapsed, in the words of the core, which takes the same step again."""
        mixture = mixture_of(self.points, member.flock, 0)
        eps = self.options.regularisation
        try:
            for _ in em(self.points, mixture, self.structure, regularisation=eps, max_steps=50):
                pass
        except CollapseError as error:
            return error
        smallest = int(np.argmin(mixture.weights))
        return CollapseError(smallest, "it nearly lost all its weight or width", _REMEDY)

"""From where a climb got to, to what can be reported: the core's exact steps on all the points."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import NamedTuple, final

import numpy as np

from ..core.accelerate import accelerated
from ..core.climb import Algorithm
from ..core.em import Step, em
from ..core.errors import CollapseError
from ..core.expectation import e_step
from ..core.maximise import REGULARISATION
from ..core.mixture import Mixture
from ..core.points import Points
from ..core.structure import Structure
from .climb import ARRIVED, COLLAPSED, Climber, Herd, Parted
from .flock import mixture_of
from .outcomes import Optimum, Outcome
from .spurious import suspicions

_REMEDY = "use more regularisation, a simpler covariance structure, or fewer components"

#: Steps of a flock in which a member alone, or several, should settle; beyond that, strides of
#: the core's accelerated steps are quicker.
_ALONE, _TOGETHER = 60, 300
_CONFIRM = 3


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
class Finisher:
    """Finishes members of a climb on all the points; `whole` says that it climbed on these."""

    points: Points
    structure: Structure
    options: Options
    climber: Climber
    whole: bool
    poll: Callable[[], object] | None
    levels: tuple[Points, ...] = ()
    errors: list[CollapseError] = field(default_factory=list)

    def settled(self, herd: Herd) -> list[Herd]:
        """The members, each as far as it gets on the climber's own rows."""
        tolerance = self.options.tolerance if self.whole else max(1e-6, self.options.tolerance)
        steps = _ALONE if len(herd.ids) == 1 else _TOGETHER
        return self.climber.settle(herd, tolerance, steps)

    def way(self, one: Herd) -> tuple[list[float], float]:
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
        options, known = self.options, not np.isnan(gain)
        if known:
            few = _CONFIRM if most is None else min(_CONFIRM, most)
            step: Step | None = None
            for step in em(
                self.points,
                mixture,
                self.structure,
                regularisation=options.regularisation,
                tolerance=options.tolerance,
                max_steps=few,
                gain=gain,
                poll=self.poll,
            ):
                yield step
            assert step is not None
            if step.converged or few == most:
                return
            mixture, most = step.mixture, None if most is None else most - few
        for level in self.levels:
            for step in self._strides(level, mixture, most):
                mixture = step.mixture
        yield from islice(self._strides(self.points, mixture, most), int(known), None)

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

    def parted(self, member: Parted, start: int) -> Outcome:
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

    def _reason(self, member: Parted) -> CollapseError:
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

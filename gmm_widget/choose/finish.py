"""From where a climb got to, to what can be reported: the core's exact steps on all the points."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple, final

import numpy as np

from ..core.em import Step, em
from ..core.errors import CollapseError
from ..core.expectation import e_step
from ..core.mixture import Mixture
from ..core.points import Points
from ..core.structure import Structure
from .climb import ARRIVED, COLLAPSED, Climber, Herd, Parted
from .flock import mixture_of
from .outcomes import Optimum, Outcome
from .spurious import suspicions

_REMEDY = "use more regularisation, a simpler covariance structure, or fewer components"


class Limits(NamedTuple):
    """When EM stops. `max_steps` counts from the start, or from the move, that led there."""

    regularisation: float
    tolerance: float
    max_steps: int | None


@final
@dataclass(frozen=True, eq=False)
class Finisher:
    """Finishes members of a climb on all the points; `whole` says that it climbed on these."""

    points: Points
    structure: Structure
    limits: Limits
    climber: Climber
    whole: bool
    poll: Callable[[], object] | None
    errors: list[CollapseError] = field(default_factory=list)

    def settled(self, herd: Herd) -> list[Herd]:
        """The members, each as far as it gets on the climber's own rows."""
        tolerance = self.limits.tolerance if self.whole else max(1e-6, self.limits.tolerance)
        return self.climber.settle(herd, tolerance, self.limits.max_steps)

    def optimum(self, one: Herd, start: int) -> Optimum:
        """The maximum above a settled member. Raises CollapseError."""
        before = self.climber.traces[one.ids[0]]
        gain = float(one.gain[0]) / self.climber.ground.total if self.whole else np.nan
        return self.climbed(mixture_of(self.points, one.flock, 0), before[:-1], gain, start)

    def climbed(self, mixture: Mixture, before: list[float], gain: float, start: int) -> Optimum:
        """The maximum above a mixture, which took `before` to reach. Raises CollapseError."""
        limits = self.limits
        left = None if limits.max_steps is None else max(0, limits.max_steps - len(before))
        steps: list[Step] = []
        trace = list(before) if self.whole else []
        for step in em(
            self.points,
            mixture,
            self.structure,
            regularisation=limits.regularisation,
            tolerance=limits.tolerance,
            max_steps=left,
            gain=gain,
            poll=self.poll,
        ):
            steps[:] = [step]
            trace.append(step.log_likelihood)
        found = suspicions(self.points, steps[0].mixture, self.structure)
        return Optimum(steps[0], np.array(trace), (start,), found)

    def parted(self, member: Parted, start: int) -> Outcome:
        """The outcome of a start that was left on the way, or the reason why it collapsed."""
        if member.fate == COLLAPSED:
            return self.failed(member.id, start, self._reason(member))
        mixture = mixture_of(self.points, member.flock, 0)
        trace = self.climber.traces[member.id]
        log_likelihood, objective = trace[-1], member.objective
        if not self.whole:
            found = e_step(self.points, mixture, regularisation=self.limits.regularisation)
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

    def failed(self, member: int, start: int, error: CollapseError) -> Outcome:
        """The outcome of a start that collapsed."""
        self.errors.append(error)
        steps, method = len(self.climber.traces[member]) - 1, self.climber.origins[member]
        return Outcome(start, method, "failed", None, np.nan, np.nan, steps, None, str(error))

    def _reason(self, member: Parted) -> CollapseError:
        """Why a member collapsed, in the words of the core, which takes the same step again."""
        mixture = mixture_of(self.points, member.flock, 0)
        eps = self.limits.regularisation
        try:
            for _ in em(self.points, mixture, self.structure, regularisation=eps, max_steps=50):
                pass
        except CollapseError as error:
            return error
        smallest = int(np.argmin(mixture.weights))
        return CollapseError(smallest, "it nearly lost all its weight or width", _REMEDY)

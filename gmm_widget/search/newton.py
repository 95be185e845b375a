"""The last stretch: Newton's steps on cells, held back where the slope bends, then exact passes.

On cells a step costs little, so the top is found there. The points' own top is elsewhere by as
much as the cells blur it: one pass over the points tells their gradient, and the cells, tilted so
as to have the same, tell where the points' top must be. Two or three passes suffice, each from
the place where the last one said (the full approximation scheme of Brandt 1977, "Multi-level
adaptive solutions to boundary-value problems").
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple, final

import numpy as np

from gmm_widget.core.e_step import Expectation, e_step
from gmm_widget.core.em import Step
from gmm_widget.core.linalg import Array
from gmm_widget.core.mixture import Mixture
from gmm_widget.core.moments import Moments
from gmm_widget.core.passes import natural_parameters
from gmm_widget.core.passes.threads import Poll
from gmm_widget.core.points import Points

from .batch import MixtureBatch, batch_of, mixture_of
from .batched_em import BatchData, Evaluation
from .hessian import Curvature, shapes

#: Steps are held back by at least this, in shares of the curvature if labels were known.
_LEAST_HOLD = 1e-4
_HARDEST = 1e3
#: A step is good if it gains this share of what it promised, at the least.
_LEAST_KEPT = 1e-3
#: Passes over tilted cells between two over the points.
_TILTED = 12


class NewtonResult(NamedTuple):
    """Where the climb ended, what it gained, and whether less was promised than was asked for."""

    flock: MixtureBatch
    look: Evaluation
    gained: float
    reached: bool


def serves(ground: BatchData) -> bool:
    """Whether the structure has precisions that Newton's steps can move among."""
    return shapes(ground.structure, ground.scale) is not None


def newton_maximum(
    ground: BatchData,
    flock: MixtureBatch,
    tolerance: float,
    most: int,
    poll: Poll | None = None,
    tilt: Array | None = None,
) -> NewtonResult:
    """Climb with the first member until less than `tolerance` (total) can be gained.

    The objective never falls. At most `most` passes; `tilt` (K, F) is added to the sums of each.
    """
    climb = _NewtonAscent(ground, flock, poll, tilt)
    start = climb.here.objective
    while climb.stepped(tolerance, most):
        pass
    return NewtonResult(climb.flock, climb.here, climb.here.objective - start, climb.reached)


@final
class _NewtonAscent:
    """Where a climb stands, and how much its steps are held back.

    Held back, a step is one of Newton's with a share of the curvature that there were if labels
    were known; with much of it, one of EM's but shorter (Levenberg 1944, Marquardt 1963).
    """

    def __init__(
        self, ground: BatchData, flock: MixtureBatch, poll: Poll | None, tilt: Array | None
    ) -> None:
        basis = shapes(ground.structure, ground.scale)
        assert basis is not None
        self._ground, self._basis, self._poll, self._tilt = ground, basis, poll, tilt
        self._hold, self._passes, self.reached = 0.0, 0, False
        self.flock, self.here = flock, self._look(flock)

    def stepped(self, tolerance: float, most: int) -> bool:
        """Take the next step; False if there is none to take."""
        at = Curvature.at(self._ground, self.flock, self._basis)
        known, gradient = at.complete(self.here.sums), at.gradient(self.here.sums)
        bend = known - at.unknown(self._ground, self.here.theta)
        saddle = refused = False
        while self._passes < most and self._hold < _HARDEST:
            step = _ascent(bend + self._hold * known, gradient)
            if step is None:
                saddle = True
                self._hold = max(4 * self._hold, _LEAST_HOLD)
                continue
            promised = float(gradient @ step - step @ bend @ step / 2)
            if promised >= tolerance:
                if self._gains(at.moved(step), promised):
                    return True
                refused = True
                self._hold = max(4 * self._hold, _LEAST_HOLD)
            elif self._hold == 0.0 or saddle or refused:
                self.reached = not refused
                return False
            else:
                self._hold = 0.0
        return False

    def _gains(self, moments: Moments | None, promised: float) -> bool:
        """Go there if that keeps a share of the promise."""
        new = None if moments is None else self._ground.at(moments)
        if new is None:
            self._passes += 1
            return False
        there = self._look(new)
        if self._tilt is not None and not self._ground.follows(there.sums):
            return False
        kept = (there.objective - self.here.objective) / promised
        if not kept > _LEAST_KEPT:
            return False
        self.flock, self.here = new, there
        self._hold *= max(0.2, 1 - (2 * min(kept, 1.0) - 1) ** 3)
        self._hold = self._hold if self._hold > _LEAST_HOLD / 10 else 0.0
        return True

    def _look(self, flock: MixtureBatch) -> Evaluation:
        if self._poll is not None:
            self._poll()
        self._passes += 1
        found = self._ground.look(flock)
        if self._tilt is None:
            return found
        lift = float((self._tilt * found.theta).sum())
        return found._replace(sums=found.sums + self._tilt, objective=found.objective + lift)


def _ascent(bend: Array, gradient: Array) -> Array | None:
    """The step to the top of a slope that bends down all round; None if it doesn't."""
    try:
        np.linalg.cholesky(bend)
    except np.linalg.LinAlgError:
        return None
    return np.asarray(np.linalg.solve(bend, gradient))


def polished(
    points: Points,
    grounds: Iterator[BatchData],
    mixture: Mixture,
    *,
    tolerance: float,
    regularisation: float,
    most: int,
    poll: Poll | None = None,
) -> Iterator[Step]:
    """Steps of one pass over all the points, to the top as cells tell where it is.

    `grounds` are from coarse to fine; the next is asked when one has told wrong. The objective
    never falls. The last step has converged, by less than a tenth of `tolerance` (mean) left to
    gain, unless no ground leads higher or there were `most` steps.
    """
    guide = _CoarseModel(grounds, tolerance * points.total_weight, poll)
    here, gain = e_step(points, mixture, regularisation=regularisation, poll=poll), np.nan
    for taken in range(most + 1):
        there, done = guide.onward(here)
        yield Step(here.mixture, here.log_likelihood, here.objective, gain, done, here, taken)
        if there is here:
            return
        gain = (there.objective - here.objective) / points.total_weight
        here = there


@final
class _CoarseModel:
    """Tells from cells where the top of all the points is: from the coarsest, while they do."""

    def __init__(self, grounds: Iterator[BatchData], least: float, poll: Poll | None) -> None:
        self._grounds, self._asked, self._least, self._poll = grounds, least, least / 10, poll
        self._ground, self._before = next(grounds, None), np.inf

    def onward(self, here: Expectation) -> tuple[Expectation, bool]:
        """A higher place, or the same if there is none; and whether there is none to speak of."""
        while self._ground is not None:
            ahead = self._ahead(self._ground, here)
            left = ahead.gained / (1 - min(ahead.gained / self._before, 0.99))
            if ahead.reached and left < self._least:
                return here, True
            mixture, eps = mixture_of(here.points, ahead.flock, 0), here.regularisation
            there = e_step(here.points, mixture, regularisation=eps, poll=self._poll)
            rise = there.objective - here.objective
            if not ahead.gained / 2 < rise < 2 * ahead.gained:
                self._ground = next(self._grounds, None)
            if rise > 0:
                self._least, self._before = self._asked, ahead.gained
                return there, False
        return here, False

    def _ahead(self, ground: BatchData, here: Expectation) -> NewtonResult:
        """The top of the cells, tilted so that their gradient is that of the points."""
        flock = batch_of(here.points, [here.mixture])
        tilt = natural_parameters.sums(here.moments)[:, ground.kept] - ground.look(flock).sums
        return newton_maximum(ground, flock, self._asked / 100, _TILTED, self._poll, tilt)

"""Newton's method on bins, damped where the Hessian is not negative definite, then exact passes.

A step over bins costs little, so the optimum is found there. The points' optimum differs by the
blur of the bins: one pass over the points gives their gradient, and the bins' objective, corrected
to have the same gradient, predicts the points' optimum. Two or three passes suffice, each from
where the last one ended (the full approximation scheme of Brandt 1977, "Multi-level adaptive
solutions to boundary-value problems").
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

#: Smallest non-zero damping, relative to the complete-data information.
_MIN_DAMPING = 1e-4
_MAX_DAMPING = 1e3
#: A step is accepted if it gains at least this share of the prediction.
_MIN_GAIN_RATIO = 1e-3
#: Passes over bins between two exact passes.
_CORRECTED_PASSES = 12


class NewtonResult(NamedTuple):
    """Where Newton's method ended, its gain, and whether the predicted gain fell below the
    tolerance.
    """

    batch: MixtureBatch
    look: Evaluation
    gained: float
    reached: bool


def serves(data: BatchData) -> bool:
    """Whether the structure's precisions form a linear space, in which Newton's method works."""
    return shapes(data.structure, data.scale) is not None


def newton_maximum(
    data: BatchData,
    batch: MixtureBatch,
    tolerance: float,
    most: int,
    poll: Poll | None = None,
    gradient_correction: Array | None = None,
) -> NewtonResult:
    """Maximise from the first member until less than `tolerance` (total) is predicted to be
    gained.

    The objective never falls. At most `most` passes; `gradient_correction` (K, F) is added to the
    sums of each.
    """
    ascent = _NewtonAscent(data, batch, poll, gradient_correction)
    start = ascent.here.objective
    while ascent.stepped(tolerance, most):
        pass
    return NewtonResult(ascent.batch, ascent.here, ascent.here.objective - start, ascent.reached)


@final
class _NewtonAscent:
    """Position and damping of Newton's method.

    A damped step adds a share of the complete-data information to the observed information; with
    much damping it is a short EM step (Levenberg 1944, Marquardt 1963).
    """

    def __init__(
        self,
        data: BatchData,
        batch: MixtureBatch,
        poll: Poll | None,
        gradient_correction: Array | None,
    ) -> None:
        basis = shapes(data.structure, data.scale)
        assert basis is not None
        self._data, self._basis, self._poll, self._gradient_correction = (
            data,
            basis,
            poll,
            gradient_correction,
        )
        self._damping, self._passes, self.reached = 0.0, 0, False
        self.batch, self.here = batch, self._look(batch)

    def stepped(self, tolerance: float, most: int) -> bool:
        """Take the next step; False if there is none to take."""
        at = Curvature.at(self._data, self.batch, self._basis)
        known, gradient = at.complete(self.here.sums), at.gradient(self.here.sums)
        information = known - at.missing(self._data, self.here.theta)
        saddle = refused = False
        while self._passes < most and self._damping < _MAX_DAMPING:
            step = _ascent(information + self._damping * known, gradient)
            if step is None:
                saddle = True
                self._damping = max(4 * self._damping, _MIN_DAMPING)
                continue
            predicted = float(gradient @ step - step @ information @ step / 2)
            if predicted >= tolerance:
                if self._gains(at.moved(step), predicted):
                    return True
                refused = True
                self._damping = max(4 * self._damping, _MIN_DAMPING)
            elif self._damping == 0.0 or saddle or refused:
                self.reached = not refused
                return False
            else:
                self._damping = 0.0
        return False

    def _gains(self, moments: Moments | None, predicted: float) -> bool:
        """Move there if the gain is at least a share of the prediction."""
        new = None if moments is None else self._data.at(moments)
        if new is None:
            self._passes += 1
            return False
        there = self._look(new)
        if self._gradient_correction is not None and not self._data.is_valid(there.sums):
            return False
        kept = (there.objective - self.here.objective) / predicted
        if not kept > _MIN_GAIN_RATIO:
            return False
        self.batch, self.here = new, there
        self._damping *= max(0.2, 1 - (2 * min(kept, 1.0) - 1) ** 3)
        self._damping = self._damping if self._damping > _MIN_DAMPING / 10 else 0.0
        return True

    def _look(self, batch: MixtureBatch) -> Evaluation:
        if self._poll is not None:
            self._poll()
        self._passes += 1
        found = self._data.look(batch)
        if self._gradient_correction is None:
            return found
        correction = float((self._gradient_correction * found.theta).sum())
        return found._replace(
            sums=found.sums + self._gradient_correction, objective=found.objective + correction
        )


def _ascent(information: Array, gradient: Array) -> Array | None:
    """The Newton step; None if the information matrix is not positive definite."""
    try:
        np.linalg.cholesky(information)
    except np.linalg.LinAlgError:
        return None
    return np.asarray(np.linalg.solve(information, gradient))


def polished(
    points: Points,
    levels_data: Iterator[BatchData],
    mixture: Mixture,
    *,
    tolerance: float,
    regularisation: float,
    most: int,
    poll: Poll | None = None,
) -> Iterator[Step]:
    """Steps of one exact pass over all points, guided by Newton's method on bins.

    `levels_data` go from coarse to fine; the next level is used when one has predicted badly. The
    objective never falls. The last step has converged, with less than a tenth of `tolerance`
    (mean) left to gain, unless no level improves or `most` steps were taken.
    """
    guide = _CoarseModel(levels_data, tolerance * points.total_weight, poll)
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
    """Predicts the optimum over all points from bins: the coarsest level, while it predicts
    well.
    """

    def __init__(self, levels_data: Iterator[BatchData], least: float, poll: Poll | None) -> None:
        self._levels, self._asked, self._least, self._poll = levels_data, least, least / 10, poll
        self._data, self._before = next(levels_data, None), np.inf

    def onward(self, here: Expectation) -> tuple[Expectation, bool]:
        """A better position, or the same one if there is none; and whether that has converged."""
        while self._data is not None:
            ahead = self._ahead(self._data, here)
            left = ahead.gained / (1 - min(ahead.gained / self._before, 0.99))
            if ahead.reached and left < self._least:
                return here, True
            mixture, eps = mixture_of(here.points, ahead.batch, 0), here.regularisation
            there = e_step(here.points, mixture, regularisation=eps, poll=self._poll)
            rise = there.objective - here.objective
            if not ahead.gained / 2 < rise < 2 * ahead.gained:
                self._data = next(self._levels, None)
            if rise > 0:
                self._least, self._before = self._asked, ahead.gained
                return there, False
        return here, False

    def _ahead(self, data: BatchData, here: Expectation) -> NewtonResult:
        """The optimum over bins, with the gradient corrected to that of the points."""
        batch = batch_of(here.points, [here.mixture])
        gradient_correction = (
            natural_parameters.sums(here.moments)[:, data.kept] - data.look(batch).sums
        )
        return newton_maximum(
            data, batch, self._asked / 100, _CORRECTED_PASSES, self._poll, gradient_correction
        )

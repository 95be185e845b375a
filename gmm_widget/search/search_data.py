"""Where the searches of one set of points take place, made once and shared by all of them.

Few points are searched as they are. Of many, a search sees a sample; where they have few columns
it sees coarse cells instead, which hold all of them. What it finds there is climbed from on finer
and finer cells, where each needs few steps more, before the points themselves are passed over.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

import numpy as np
from numpy.typing import NDArray

from gmm_widget.core.cells import Cells
from gmm_widget.core.fit import Algorithm, uses_cells
from gmm_widget.core.passes.threads import Poll
from gmm_widget.core.points import Points
from gmm_widget.core.structure import Structure

from .batched_em import BatchData

#: Rows beyond this many are searched in a sample or in cells.
SAMPLE = 2048
#: Cells a side, by the number of columns: in the first about as many as SAMPLE are in use. The
#: core's own number a side comes after these.
_SIDES = {1: (1024,), 2: (64, 128), 3: (16, 24)}


@final
@dataclass(frozen=True, eq=False)
class SearchData:
    """`rows` are what searches climb on; `levels` what is climbed on from there before `points`.

    `whole` says that the rows are the points themselves.
    """

    points: Points
    rows: Points
    whole: bool
    levels: tuple[Points, ...]

    @classmethod
    def of(
        cls,
        points: Points,
        rng: np.random.Generator,
        algorithm: Algorithm = "auto",
        poll: Poll | None = None,
    ) -> SearchData:
        """A few passes over the points if they are many; ValueError as for `climb`."""
        levels: tuple[Points, ...] = ()
        if uses_cells(points, algorithm):
            levels = _levels(points, poll)
        if points.n <= SAMPLE:
            return cls(points, points, True, levels)
        if levels:
            return cls(points, levels[0], False, levels)
        chosen = np.sort(rng.choice(points.n, SAMPLE, replace=False))
        return cls(points, _sampled(points, chosen), False, ())

    def ground(self, structure: Structure, regularisation: float) -> BatchData:
        """The rows made ready for climbing under a structure."""
        return BatchData.of(self.rows, structure, regularisation)


def _levels(points: Points, poll: Poll | None) -> tuple[Points, ...]:
    """Cells from coarse to fine: one pass over the points, each coarser level from the next."""
    levels = [Cells.of(points, poll=poll).means]
    for side in reversed(_SIDES[points.d]):
        levels.append(Cells.of(levels[-1], side, poll).means)
    return tuple(reversed(levels))


def _sampled(points: Points, chosen: NDArray[np.intp]) -> Points:
    """These rows with the frame and the spread of all of them."""
    weight = None if points.sample_weight is None else points.sample_weight[chosen]
    total = float(len(chosen)) if weight is None else float(weight.sum())
    rows = points.rows[chosen]
    return Points(rows, weight, total, points.frame, points.spread, points.constant)

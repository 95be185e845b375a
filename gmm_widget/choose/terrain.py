"""Where the searches of one set of points take place, made once and shared by all of them.

Few points are searched as they are. Of many, a search sees a sample; where they have few columns
it sees cells instead, which hold all of them, and what it finds is finished on finer cells before
the points themselves are passed over.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

import numpy as np
from numpy.typing import NDArray

from ..core.cells import Cells
from ..core.climb import Algorithm, uses_cells
from ..core.points import Points
from ..core.structure import Structure
from ..core.threads import Poll
from .ground import Ground

#: Rows beyond this many are searched in a sample or in cells.
SAMPLE = 2048
#: Cells a side, by the number of columns, so that about as many as SAMPLE are in use.
_COARSE = {1: 1024, 2: 64, 3: 16}


@final
@dataclass(frozen=True, eq=False)
class Terrain:
    """`rows` are what searches climb on; `cells`, if any, what is finished on before `points`.

    `whole` says that the rows are the points themselves.
    """

    points: Points
    rows: Points
    whole: bool
    cells: Cells | None

    @classmethod
    def of(
        cls,
        points: Points,
        rng: np.random.Generator,
        algorithm: Algorithm = "auto",
        poll: Poll | None = None,
    ) -> Terrain:
        """One or two passes over the points if they are many; ValueError as for `climb`."""
        cells = Cells.of(points, poll=poll) if uses_cells(points, algorithm) else None
        if points.n <= SAMPLE:
            return cls(points, points, True, cells)
        if cells is not None:
            coarse = Cells.of(points, _COARSE[points.d], poll)
            return cls(points, coarse.means, False, cells)
        chosen = np.sort(rng.choice(points.n, SAMPLE, replace=False))
        return cls(points, _sampled(points, chosen), False, cells)

    def ground(self, structure: Structure, regularisation: float) -> Ground:
        """The rows made ready for climbing under a structure."""
        return Ground.of(self.rows, structure, regularisation)


def _sampled(points: Points, chosen: NDArray[np.intp]) -> Points:
    """These rows with the frame and the spread of all of them."""
    weight = None if points.sample_weight is None else points.sample_weight[chosen]
    total = float(len(chosen)) if weight is None else float(weight.sum())
    rows = points.rows[chosen]
    return Points(rows, weight, total, points.frame, points.spread, points.constant)

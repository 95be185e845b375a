"""The data of a search at several resolutions, prepared once and shared by all its starts.

Small data are searched as they are. Of larger data a search sees a random sample or, in up to three
columns, coarse bins that hold all rows; its results are refined on finer and finer bins before the
exact passes over all points.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import final

import numpy as np
from numpy.typing import NDArray

from gmm_widget.core.binning import Algorithm, bin_points, uses_bins
from gmm_widget.core.passes.threads import Poll
from gmm_widget.core.points import Points
from gmm_widget.core.structure import Structure

from .batched_em import BatchData

#: Rows beyond this many are searched in a sample or in cells, if that has ROWS_PER_PARAMETER rows
#: for each free parameter or MAX_SAMPLE in all. With fewer, a sample has optima of its own.
SAMPLE, MAX_SAMPLE = 2048, 1 << 15
ROWS_PER_PARAMETER = 20
#: A sample of a larger share would save little.
_NEARLY_ALL = 0.6
#: Bins a side by number of columns. About SAMPLE of the coarsest are occupied; the core's own
#: finest resolution follows these.
_SIDES = {1: (1024,), 2: (64, 128), 3: (16, 24)}


@final
@dataclass(frozen=True, eq=False)
class SearchData:
    """`rows` are searched; `levels` (coarse to fine bins) refine the result before `points`.

    `whole` says that the rows are the points themselves. `order` lists rows in random order, for
    samples of which the smaller are part of the larger.
    """

    points: Points
    rows: Points
    whole: bool
    levels: tuple[Points, ...]
    order: NDArray[np.intp] | None = None

    @classmethod
    def of(
        cls,
        points: Points,
        rng: np.random.Generator,
        algorithm: Algorithm = "auto",
        poll: Poll | None = None,
    ) -> SearchData:
        """Prepare the points, with a few passes if they are many; ValueError for a bad
        `algorithm`.
        """
        levels: tuple[Points, ...] = ()
        if uses_bins(points, algorithm):
            levels = _levels(points, poll)
        if points.n <= SAMPLE:
            return cls(points, points, True, levels)
        if levels:
            return cls(points, levels[0], False, levels)
        order = rng.choice(points.n, min(points.n, MAX_SAMPLE), replace=False)
        return cls(points, _sampled(points, order[:SAMPLE]), False, (), order)

    def for_parameters(self, count: int) -> SearchData:
        """The same with as many rows in its sample as so many free parameters need."""
        least = min(MAX_SAMPLE, ROWS_PER_PARAMETER * count)
        if self.order is None or least <= self.rows.n:
            return self
        if least >= self.points.n * _NEARLY_ALL:
            return replace(self, rows=self.points, whole=True, order=None)
        return replace(self, rows=_sampled(self.points, self.order[:least]))

    def prepared(self, structure: Structure, regularisation: float) -> BatchData:
        """Prepare the rows for batched EM under a structure."""
        return BatchData.of(self.rows, structure, regularisation)


def _levels(points: Points, poll: Poll | None) -> tuple[Points, ...]:
    """Bins from coarse to fine: one pass over the points, each coarser level from the finer one."""
    levels = [bin_points(points, poll=poll)]
    for side in reversed(_SIDES[points.d]):
        levels.append(bin_points(levels[-1], side, poll))
    return tuple(reversed(levels))


def _sampled(points: Points, order: NDArray[np.intp]) -> Points:
    """These rows, with the scaling of all of them."""
    chosen = np.sort(order)
    weight = None if points.sample_weight is None else points.sample_weight[chosen]
    total = float(len(chosen)) if weight is None else float(weight.sum())
    rows = points.rows[chosen]
    return replace(points, rows=rows, sample_weight=weight, total_weight=total, checksum=None)

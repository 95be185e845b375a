"""From a start to the optimum in the least time: on cells first, then exactly, with long strides.

Steps on cells cost nothing next to a pass over many points and end within the bound's gap of the
optimum, so that a few exact steps finish. The result is converged in the exact sense either way.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, get_args

from gmm_widget.core.passes.threads import Poll

from .cells import MOST_COLUMNS, Cells
from .em import REGULARISATION, Step
from .locks import Locks
from .mixture import Mixture
from .points import Points
from .squarem import accelerated
from .structure import Structure

Algorithm = Literal["auto", "exact", "cells"]

#: From this many points on, summing them up in cells takes less time than it saves.
MANY = 50_000


def climb(
    points: Points,
    mixture: Mixture,
    structure: Structure,
    *,
    algorithm: Algorithm = "auto",
    cells: Cells | None = None,
    regularisation: float = REGULARISATION,
    locks: Locks | None = None,
    tolerance: float = 1e-8,
    max_steps: int | None = None,
    poll: Poll | None = None,
) -> Iterator[Step]:
    """Exact steps, the last of which has converged unless `max_steps` came first.

    With `algorithm` "cells" (or "auto", where the points are many and have at most three columns)
    the first of them is where EM on cells ended. `cells`, if given, are not gathered again.
    ValueError for an unknown algorithm, or for cells of more than three columns.
    """
    how = {"regularisation": regularisation, "tolerance": tolerance}
    if uses_cells(points, algorithm):
        cells = Cells.of(points, poll=poll) if cells is None else cells
        for step in accelerated(
            cells.means, mixture, structure, locks=locks, max_steps=max_steps, poll=poll, **how
        ):
            mixture = step.mixture
    yield from accelerated(
        points, mixture, structure, locks=locks, max_steps=max_steps, poll=poll, **how
    )


def uses_cells(points: Points, algorithm: str = "auto") -> bool:
    """Whether `climb` would begin on cells."""
    if algorithm not in get_args(Algorithm):
        raise ValueError(
            f"unknown algorithm {algorithm!r}; choose one of {', '.join(get_args(Algorithm))}"
        )
    if algorithm == "auto":
        return points.n >= MANY and points.d <= MOST_COLUMNS
    return algorithm == "cells"

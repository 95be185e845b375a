"""The result of fitting many numbers of components and structures: a table that can be read."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, final

from gmm_widget.core.renamed import renamed

from .cell import FITTED, Cell
from .plot import draw
from .text import as_html, as_text

if TYPE_CHECKING:
    import pandas as pd


@final
@dataclass(frozen=True, eq=False)
class Selection:
    """Cells by structure and number of components, the criteria, and the rows they were fitted to.

    `n` is the total weight of the rows and `columns` their names, if any.
    """

    cells: tuple[Cell, ...]
    criteria: tuple[str, ...]
    n: float
    columns: tuple[str, ...] = ()

    @property
    def structures(self) -> tuple[str, ...]:
        """Names of the structures, in their order."""
        return tuple(dict.fromkeys(cell.covariance_type for cell in self.cells))

    @property
    def counts(self) -> tuple[int, ...]:
        """Numbers of components, ascending."""
        return tuple(sorted({cell.n_components for cell in self.cells}))

    @renamed(k="n_components", structure="covariance_type")
    def cell(self, n_components: int, covariance_type: str) -> Cell:
        """The cell of so many components of a structure; KeyError if it was not asked for."""
        for cell in self.cells:
            if cell.key == (covariance_type, n_components):
                return cell
        raise KeyError(
            f"no {n_components} components under {covariance_type!r}; there are "
            f"{list(self.counts)} under {list(self.structures)}"
        )

    def ranked(self, criterion: str | None = None) -> tuple[Cell, ...]:
        """Cells from the best by a criterion to the worst; only those that can be trusted.

        The first of the criteria by default. A cell that collapsed, is spurious or has no score
        is left out. ValueError for a criterion that was not asked for.
        """
        name = self.named(criterion)
        sound = [c for c in self.cells if c.status == FITTED and math.isfinite(c.scores[name])]
        return tuple(sorted(sound, key=lambda cell: cell.scores[name]))

    def best(self, criterion: str | None = None) -> Cell:
        """The best cell by a criterion, the first of them by default.

        Raises ValueError, with the reasons, if no cell can be trusted.
        """
        order = self.ranked(criterion)
        if order:
            return order[0]
        whys = "; ".join(
            f"{c.covariance_type}/{c.n_components}: {c.reason or c.lost}" for c in self.cells[:5]
        )
        raise ValueError(f"no cell can be chosen by {self.named(criterion)}: {whys}")

    def named(self, criterion: str | None) -> str:
        """A criterion that there is; ValueError lists them otherwise."""
        name = self.criteria[0] if criterion is None else criterion
        if name not in self.criteria:
            raise ValueError(
                f"{name!r} was not computed here; there are {', '.join(self.criteria)}"
            )
        return name

    def to_frame(self) -> pd.DataFrame:
        """The table as a pandas data frame, a row for each cell. ImportError without pandas."""
        import pandas as pd

        return pd.DataFrame(
            [
                {
                    "covariance_type": cell.covariance_type,
                    "n_components": cell.n_components,
                    "n_parameters": cell.n_parameters,
                    "log_likelihood": cell.log_likelihood,
                    **cell.scores,
                    "status": cell.status,
                    "reason": cell.reason or "; ".join(cell.lost) or None,
                }
                for cell in self.cells
            ]
        )

    def plot(self, ax: Any = None, criterion: str | None = None) -> Any:
        """Draw a criterion: curves over the number of components, and a map of all cells.

        `ax` may be one matplotlib axes, which gets the curves, or a pair. Returns what was drawn
        on. See `chart.draw`.
        """
        return draw(self, ax, self.named(criterion))

    def __repr__(self) -> str:
        return as_text(self)

    def _repr_html_(self) -> str:
        return as_html(self)


def collected(
    cells: Iterable[Cell],
    structures: Iterable[str],
    criteria: tuple[str, ...],
    n: float,
    columns: tuple[str, ...] = (),
) -> Selection:
    """A selection of the last cell of each key; structures in the order given.

    It need not be complete: this is also how the cells of a search that was given up are shown.
    """
    last = {cell.key: cell for cell in cells}
    order = {name: i for i, name in enumerate(structures)}
    found = sorted(last.values(), key=lambda cell: (order[cell.covariance_type], cell.n_components))
    return Selection(tuple(found), criteria, n, columns)

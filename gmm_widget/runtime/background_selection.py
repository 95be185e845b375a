"""Fills the table of fits while the session goes on; it can be called off, and gone on with.

It is an errand like the search from many starts. Each cell is told to the views as it comes;
none of it is saved, so a view that has come later is told everything.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, final

from gmm_widget.core.structure import STRUCTURES
from gmm_widget.estimator.model_selection import asked
from gmm_widget.runtime.background_task import BackgroundTask, TaskEnded
from gmm_widget.selection.cell import Cell
from gmm_widget.selection.fit_cells import Question, choosing
from gmm_widget.selection.selection import Selection
from gmm_widget.session.selection_grid import SelectionGrid, checked, describe_grid
from gmm_widget.session.session import Session


@final
class BackgroundSelection:
    """One table at a time over the session's points.

    `tell(content)` is called, on the loop's thread, with what the views are to know of it.
    """

    def __init__(
        self, session: Session, columns: tuple[str, ...], tell: Callable[[dict[str, Any]], None]
    ) -> None:
        self._session = session
        self._columns = columns
        self._tell = tell
        self._searches = 0
        self._errand: BackgroundTask[Cell] = BackgroundTask("gmm_widget_grid")

    def answer(self, what: str, most: int, criteria: tuple[str, ...]) -> None:
        """Do what a view asks for: cancel, resume, or start a table of 1 to `most` components."""
        if what == "cancel":
            self.cancel()
        elif what == "resume":
            self.resume()
        else:
            self.start(asked(range(1, most + 1), tuple(STRUCTURES), criteria, seed=0))

    def start(self, question: Question, known: Iterable[Cell] = ()) -> None:
        """Begin a table; an earlier one is called off and forgotten."""
        self.cancel()
        session = self._session
        self._searches += 1
        names = question.criteria, session.points.total_weight, self._columns
        session.grid = SelectionGrid(
            checked(question), Selection(tuple(known), *names), self._searches
        )
        self.show()
        self._errand.start(
            lambda poll: choosing(session.points, question, known=_kept(session.grid), poll=poll),
            partial(self._take, self._searches),
        )

    def resume(self) -> None:
        """Go on with a table that was called off; its cells are not fitted again."""
        grid = self._session.grid
        if grid is None or grid.running or grid.complete:
            raise ValueError("there is no table that was called off: start one with select()")
        self.start(grid.question, grid.selection.cells)

    def cancel(self) -> None:
        """Call it off; the cells so far stay."""
        self._errand.cancel()
        grid = self._session.grid
        if grid is not None and grid.running:
            self._session.grid = grid._replace(running=False)
            self.show(())

    def close(self) -> None:
        """Call it off without a word: the widget is going."""
        self._errand.cancel()

    def show(self, cells: Iterable[Cell] | None = None) -> None:
        """Tell the views of these cells, or of all."""
        self._tell(describe_grid(self._session.grid, cells))

    async def settled(self) -> None:
        """Wait until no table is being filled."""
        await self._errand.settled()

    def _take(self, search: int, told: Cell | TaskEnded) -> None:
        grid = self._session.grid
        if grid is None or grid.search != search:
            return
        if isinstance(told, Cell):
            self._session.grid = grid.with_cell(told)
            self.show((told,))
            return
        over = grid._replace(running=False, complete=told.problem is None, problem=told.problem)
        self._session.grid = over
        self.show(())


def _kept(grid: SelectionGrid | None) -> tuple[Cell, ...]:
    return () if grid is None else grid.selection.cells

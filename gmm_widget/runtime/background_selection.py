"""A model selection that runs in the background, and can be cancelled and resumed.

Each cell is sent to the views as it comes; none is saved, so a view that opens later gets them all.
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
    """One selection at a time over the session's points.

    `send(content)` is called on the loop's thread with what the views should know of it.
    """

    def __init__(
        self, session: Session, columns: tuple[str, ...], send: Callable[[dict[str, Any]], None]
    ) -> None:
        self._session = session
        self._columns = columns
        self._send = send
        self._searches = 0
        self._task: BackgroundTask[Cell] = BackgroundTask("gmm_widget_grid")

    def answer(self, what: str, most: int, criteria: tuple[str, ...]) -> None:
        """Do what a view asks for: cancel, resume, or select from 1 to `most` components."""
        if what == "cancel":
            self.cancel()
        elif what == "resume":
            self.resume()
        else:
            self.start(asked(range(1, most + 1), tuple(STRUCTURES), criteria, seed=0))

    def start(self, question: Question, known: Iterable[Cell] = ()) -> None:
        """Begin a selection; an earlier one is cancelled and dropped."""
        self.cancel()
        session = self._session
        self._searches += 1
        names = question.criteria, session.points.total_weight, self._columns
        session.grid = SelectionGrid(
            checked(question), Selection(tuple(known), *names), self._searches
        )
        self.show()
        self._task.start(
            lambda poll: choosing(session.points, question, known=_kept(session.grid), poll=poll),
            partial(self._take, self._searches),
        )

    def resume(self) -> None:
        """Continue a cancelled selection; its cells are not fitted again."""
        grid = self._session.grid
        if grid is None or grid.running or grid.complete:
            raise ValueError("there is no cancelled selection to resume: start one with select()")
        self.start(grid.question, grid.selection.cells)

    def cancel(self) -> None:
        """Cancel it; the cells so far stay."""
        self._task.cancel()
        grid = self._session.grid
        if grid is not None and grid.running:
            self._session.grid = grid._replace(running=False)
            self.show(())

    def close(self) -> None:
        """Cancel it without notice: the widget is closing."""
        self._task.cancel()

    def show(self, cells: Iterable[Cell] | None = None) -> None:
        """Send these cells to the views, or all."""
        self._send(describe_grid(self._session.grid, cells))

    async def settled(self) -> None:
        """Wait until no selection is running."""
        await self._task.settled()

    def _take(self, search: int, item: Cell | TaskEnded) -> None:
        grid = self._session.grid
        if grid is None or grid.search != search:
            return
        if isinstance(item, Cell):
            self._session.grid = grid.with_cell(item)
            self.show((item,))
            return
        over = grid._replace(running=False, complete=item.problem is None, problem=item.problem)
        self._session.grid = over
        self.show(())


def _kept(grid: SelectionGrid | None) -> tuple[Cell, ...]:
    return () if grid is None else grid.selection.cells

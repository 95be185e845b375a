"""Fits the cells of the model selection in the background; it can be cancelled and resumed.

Each cell is sent to the views as it is fitted. Nothing of it is stored in traits, so a view that
opens later is sent all cells.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, final

from gmm_widget.estimator.model_selection import asked
from gmm_widget.runtime.background_task import BackgroundTask, TaskEnded, with_unchanged_rows
from gmm_widget.selection.cell import Cell
from gmm_widget.selection.fit_cells import Question, choosing
from gmm_widget.selection.selection import Selection
from gmm_widget.session.selection_grid import SelectionGrid, checked, describe_grid
from gmm_widget.session.session import Session


@final
class BackgroundSelection:
    """One table at a time over the session's points.

    `send(content, buffers)` is called on the loop's thread with messages for the views.
    """

    def __init__(
        self,
        session: Session,
        columns: tuple[str, ...],
        send: Callable[[dict[str, Any], list[memoryview]], None],
    ) -> None:
        self._session = session
        self._columns = columns
        self._send = send
        self._count = 0
        self._task: BackgroundTask[Cell] = BackgroundTask("gmm_widget_selection")

    def handle_request(self, what: str, most: int, criteria: tuple[str, ...]) -> None:
        """Cancel, resume or start a table of 1 to `most` components, as a view asks."""
        if what == "cancel":
            self.cancel()
        elif what == "resume":
            self.resume()
        else:
            self.ask(range(1, most + 1), None, criteria)

    def ask(
        self,
        n_components: int | Iterable[int],
        covariance_type: str | Iterable[str] | None,
        criteria: str | Iterable[str],
        **search: int,
    ) -> None:
        """Start a table under the session's settings of EM; `search` is `n_init`, `cv`, `seed`.

        ValueError for a wrong argument, or if locks or settings are set that it can't keep.
        """
        options = self._session.settings.search_options()
        self._session.state.refuse_locks("model selection")
        self.start(asked(n_components, covariance_type, criteria, **search, options=options))

    def start(self, question: Question, known: Iterable[Cell] = ()) -> None:
        """Start a table; an earlier one is cancelled and discarded."""
        self.cancel()
        session = self._session
        self._count += 1
        names = question.criteria, session.points.total_weight, self._columns
        session.grid = SelectionGrid(
            checked(question), Selection(tuple(known), *names), self._count
        )
        self.show()
        self._task.start(
            lambda poll: with_unchanged_rows(
                session.points,
                choosing(session.points, question, known=_cells(session.grid), poll=poll),
            ),
            partial(self._on_item, self._count),
        )

    def resume(self) -> None:
        """Resume a cancelled table; its cells are not fitted again."""
        grid = self._session.grid
        if grid is None or grid.running or grid.complete:
            raise ValueError("no cancelled selection to resume: call select() first")
        self.start(grid.question, grid.selection.cells)

    def cancel(self) -> None:
        """Cancel; the cells so far stay."""
        self._task.cancel()
        grid = self._session.grid
        if grid is not None and grid.running:
            self._session.grid = grid._replace(running=False)
            self.show(())

    def close(self) -> None:
        """Cancel without a message: the widget is closing."""
        self._task.cancel()

    def show(self, cells: Iterable[Cell] | None = None) -> None:
        """Send these cells, or all, to the views."""
        self._send(describe_grid(self._session.grid, cells), [])

    async def wait_idle(self) -> None:
        """Wait until no table is being fitted."""
        await self._task.wait_idle()

    def _on_item(self, search: int, item: Cell | TaskEnded) -> None:
        grid = self._session.grid
        if grid is None or grid.search != search:
            return
        if isinstance(item, Cell):
            self._session.grid = grid.with_cell(item)
            self.show((item,))
            return
        ended = grid._replace(running=False, complete=item.problem is None, problem=item.problem)
        self._session.grid = ended
        self.show(())


def _cells(grid: SelectionGrid | None) -> tuple[Cell, ...]:
    return () if grid is None else grid.selection.cells

"""Methods of the widget for its data and the columns shown: both can be changed from Python."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from gmm_widget.protocol import outgoing
from gmm_widget.protocol.connection import Connection
from gmm_widget.runtime.background_restarts import BackgroundRestarts
from gmm_widget.runtime.background_selection import BackgroundSelection
from gmm_widget.runtime.driver import Driver
from gmm_widget.session.create import open_points, shown_dims
from gmm_widget.session.plane import Plane
from gmm_widget.session.session import Session


class DataMethods:
    """A mixin: the rows, their weights and the columns shown. The widget supplies the rest."""

    _session: Session
    _driver: Driver
    _background_restarts: BackgroundRestarts
    _background_selection: BackgroundSelection
    _connection: Connection
    _columns: tuple[str, ...]

    def _do(self, act: Callable[..., None], *args: Any) -> None:
        """Call the command, evaluate the result, and show it."""
        raise NotImplementedError

    def _publish(self, at_rest: bool) -> None:
        """Show the current state."""
        raise NotImplementedError

    def _show_survey(self) -> None:
        """Send the results of `restart` to the views, or that there are none."""
        raise NotImplementedError

    @property
    def data(self) -> np.ndarray:
        """The rows that are fitted, (N, D). `w.data = other` is `w.set_data(other)`."""
        return self._connection.plane.values

    @data.setter
    def data(self, data: Any) -> None:
        self.set_data(data)

    @property
    def sample_weight(self) -> np.ndarray | None:
        """The weight of each row (N,), read-only; None where each counts once."""
        weight = self._session.points.sample_weight
        if weight is None:
            return None
        shown = weight.view()
        shown.flags.writeable = False  # changing weights needs set_data
        return shown

    def set_data(self, data: Any, sample_weight: Any = None) -> None:
        """Replace the rows by others of the same columns, with a weight (N,) each if given.

        The mixture, its letters and locks stay, and a run goes on; the history begins anew,
        since log-likelihoods of different data can't be compared. The old weights go with the
        old rows: without `sample_weight` each row counts once. To change the weights only:
        `w.set_data(w.data, sample_weight)`. ValueError, and nothing has changed, if the columns
        are others, a value is not finite, or the weights don't fit the rows.
        """
        values, points = open_points(data, self._columns, sample_weight)
        self._background_restarts.cancel()
        self._background_selection.cancel()
        lost = self._session.grid is not None
        self._do(self._session.renew, points)
        self._connection.replace(Plane(values, self._connection.plane.dims, 0))
        self._show_survey()
        self._background_selection.show()
        self._connection.announce(*outgoing.data_replaced_notice(lost))
        self._publish(at_rest=not self._session.running)
        self._driver.wake()

    @property
    def dims(self) -> tuple[str, ...]:
        """The names of the two columns shown. Set it (names or positions) to show others."""
        return tuple(self._columns[j] for j in self._connection.plane.dims)

    @dims.setter
    def dims(self, dims: Sequence[Any]) -> None:
        self._connection.show_columns(shown_dims(dims, self._columns))

    def _shown(self) -> tuple[int, ...]:
        return self._connection.plane.dims

    def _plane(self) -> Plane:
        return self._connection.plane

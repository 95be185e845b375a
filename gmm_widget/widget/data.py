"""What an open session is fed with and which columns it shows: both can be changed from Python.

`DataMethods` is an interface, as `SteeringMethods` is; the widget is one.
"""

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
    """The rows, their weights and the plane on show.

    To be supplied: what the widget consists of, and the methods that come first.
    """

    _session: Session
    _driver: Driver
    _scout: BackgroundRestarts
    _chooser: BackgroundSelection
    _link: Connection
    _columns: tuple[str, ...]

    def _do(self, act: Callable[..., None], *args: Any) -> None:
        """Call the act, evaluate what it led to, and show that."""
        raise NotImplementedError

    def _publish(self, at_rest: bool) -> None:
        """Show the present state."""
        raise NotImplementedError

    def _show_survey(self) -> None:
        """Show what many starts have found, or that there is nothing yet."""
        raise NotImplementedError

    @property
    def data(self) -> np.ndarray:
        """The rows that are fitted, (N, D). `w.data = other` is `w.set_data(other)`."""
        return self._link.plane.values

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
        shown.flags.writeable = False  # another weight needs another fit: see set_data
        return shown

    def set_data(self, data: Any, sample_weight: Any = None) -> None:
        """Go on with other rows of the same columns, each with its weight (N,) if there are any.

        The mixture, its letters and locks stay, and a run goes on; the history begins anew,
        since log-likelihoods of different data can't be compared. The old weights go with the
        old rows: without `sample_weight` each row counts once. To weigh the same rows anew:
        `w.set_data(w.data, sample_weight)`. ValueError, and nothing has changed, if the columns
        are others, a value is not finite, or the weights don't fit the rows.
        """
        values, points = open_points(data, self._columns, sample_weight)
        self._scout.cancel()
        self._chooser.cancel()
        lost = self._session.grid is not None
        self._do(self._session.renew, points)
        self._link.replace(Plane(values, self._link.plane.dims, 0))
        self._show_survey()
        self._chooser.show()
        self._link.announce(*outgoing.renewed(lost))
        self._publish(at_rest=not self._session.running)
        self._driver.wake()

    @property
    def dims(self) -> tuple[str, ...]:
        """The names of the two columns shown. Set it (names or positions) to show others."""
        return tuple(self._columns[j] for j in self._link.plane.dims)

    @dims.setter
    def dims(self, dims: Sequence[Any]) -> None:
        self._link.turn(shown_dims(dims, self._columns))

    def _shown(self) -> tuple[int, ...]:
        return self._link.plane.dims

    def _plane(self) -> Plane:
        return self._link.plane

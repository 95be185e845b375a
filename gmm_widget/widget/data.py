"""Mixin of `GMMWidget`: the data, their weights and the two columns shown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from gmm_widget.protocol import outgoing
from gmm_widget.protocol.connection import Connection
from gmm_widget.runtime.background_restarts import BackgroundRestarts
from gmm_widget.runtime.background_selection import BackgroundSelection
from gmm_widget.runtime.driver import Driver
from gmm_widget.session.create import read_points, remarks_on, resolve_dims
from gmm_widget.session.plane import Plane
from gmm_widget.session.session import Session


class DataMethods:
    """Methods that read or replace the data and the columns shown.

    A mixin: `GMMWidget` has the attributes and overrides the methods declared first.
    """

    _session: Session
    _driver: Driver
    _background_restarts: BackgroundRestarts
    _background_selection: BackgroundSelection
    _connection: Connection
    _columns: tuple[str, ...]
    _resolution: Any

    def _do(self, act: Callable[..., None], *args: Any) -> None:
        """Call the act, evaluate the state that it led to, and publish it."""
        raise NotImplementedError

    def _publish(self, idle: bool) -> None:
        """Publish the current state."""
        raise NotImplementedError

    def _show_survey(self) -> None:
        """Publish the results of the restarts, or that there are none."""
        raise NotImplementedError

    @property
    def data(self) -> np.ndarray:
        """The rows that are fitted, (N, D), read-only. `w.data = other` is `w.set_data(other)`.

        A copy of what was passed in, up to 256 MB. Larger data are not copied: if they are
        written into, a checksum after each pass (0.3 s per GB) finds it, which is an error.
        """
        return self._connection.plane.values

    @data.setter
    def data(self, data: Any) -> None:
        self.set_data(data)

    @property
    def sample_weight(self) -> np.ndarray | None:
        """The weight of each row (N,), read-only; None where each counts once.

        Other weights need `set_data`.
        """
        return self._session.points.sample_weight

    def set_data(self, data: Any, sample_weight: Any = None) -> None:
        """Replace the rows by others with the same columns, with `sample_weight` (N,) if given.

        The mixture, its letters and locks stay, and a run goes on; the history starts again, since
        log-likelihoods of different data can't be compared. Without `sample_weight` each row
        counts once; for other weights of the same rows: `w.set_data(w.data, sample_weight)`.
        ValueError, and nothing changes, if the columns differ, a value is not finite, or the
        weights don't match the rows.

        Examples
        --------
        >>> from gmm_widget import GMMWidget
        >>> from gmm_widget.datasets import old_faithful
        >>> w = GMMWidget(old_faithful(), 2, random_state=0)
        >>> w.set_data(old_faithful(as_frame=True)[:100])
        >>> len(w.data)
        100
        """
        values, points = read_points(data, self._columns, sample_weight, self._resolution)
        self._background_restarts.cancel()
        self._background_selection.cancel()
        lost, remark = self._session.grid is not None, remarks_on(values, points, self._columns)
        self._do(self._session.replace_data, points)
        self._connection.replace(Plane(values, self._connection.plane.dims, 0))
        self._show_survey()
        self._background_selection.show()
        self._connection.announce(outgoing.data_replaced_notice(lost, remark))
        self._publish(idle=not self._session.running)
        self._driver.wake()

    @property
    def resolution(self) -> dict[str, float]:
        """The step to which each column is rounded, 0 for none; no component gets narrower."""
        known = self._session.points.resolution
        steps = np.zeros(len(self._columns)) if known is None else known
        return dict(zip(self._columns, steps.tolist(), strict=True))

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns that are fitted."""
        return self._columns

    @property
    def dims(self) -> tuple[str, ...]:
        """The names of the two columns shown. Set it (names or positions) to show others."""
        return tuple(self._columns[j] for j in self._connection.plane.dims)

    @dims.setter
    def dims(self, dims: Sequence[Any]) -> None:
        self._connection.show_columns(resolve_dims(dims, self._columns))

    def _shown(self) -> tuple[int, ...]:
        return self._connection.plane.dims

    def _plane(self) -> Plane:
        return self._connection.plane

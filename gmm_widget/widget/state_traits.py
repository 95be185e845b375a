"""The traits of the widget, and how the state of its session is written to them.

Traits that only travel to the views, and are no values to work with in Python, are private. Only
the kernel writes the synced traits (but for `_released`, and `height` from Python), and only
while the session is idle. Intermediate frames are messages, because hosts throttle trait updates.
"""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any

import anywidget
import traitlets as t

from gmm_widget.core.mixture import Mixture
from gmm_widget.protocol import outgoing
from gmm_widget.protocol.bundle import bundled
from gmm_widget.protocol.connection import Connection
from gmm_widget.protocol.history_view import describe_trace
from gmm_widget.session.plane import Plane
from gmm_widget.session.restart_survey import describe_survey
from gmm_widget.session.session import Session


class StateTraits(anywidget.AnyWidget):
    """The base of `GMMWidget`, which supplies session, connection and columns."""

    # As text: given a path, anywidget watches the file and keeps every widget alive.
    _esm = bundled("widget.js")
    _css = bundled("widget.css")

    mixture = t.Instance(Mixture).tag(sync=True, **outgoing.MIXTURE)
    covariance_type = t.Unicode("full").tag(sync=True)
    running = t.Bool(False, read_only=True).tag(sync=True)
    _fit = t.Dict(read_only=True).tag(sync=True)
    _trace = t.Dict(read_only=True).tag(sync=True)
    _view = t.Dict(read_only=True).tag(sync=True)
    _preview = t.Dict(read_only=True).tag(sync=True)
    _survey = t.Dict(read_only=True).tag(sync=True)
    _released = t.Int(0).tag(sync=True)
    height = t.Int(420, min=160, max=4000).tag(sync=True)

    speed = t.Float(None, allow_none=True)
    log_likelihood = t.Float(None, allow_none=True, read_only=True)
    bic = t.Float(None, allow_none=True, read_only=True)
    aic = t.Float(None, allow_none=True, read_only=True)
    converged = t.Bool(False, read_only=True)

    _session: Session
    _connection: Connection
    _columns: tuple[str, ...]
    _sync_hold: ExitStack
    _frames_open: bool
    _writing: bool

    def _write_all(self) -> None:
        """Write the traits for the first time, before there is anybody to send them to."""
        self._sync_hold = ExitStack()
        self._frames_open = False
        self._writing = True
        self._write_traits()
        self._write_history()
        plane = self._connection.plane
        self.set_trait("_view", outgoing.describe_view(self._session, plane, self._columns))
        self.set_trait("_preview", plane.preview())
        self._writing = False

    def _publish(self, idle: bool) -> None:
        """Publish the current state: as traits when idle, else as a message.

        Until the session is idle, traits change in Python only: one `hold_sync` spans all
        intermediate frames, and the traits are sent at its end.
        """
        self._writing = True
        try:
            if idle:
                with self._sync_hold, self.hold_sync():
                    self._write_traits()
                    self._write_history()
                self._frames_open = False
                return
            if not self._frames_open:
                self._sync_hold.enter_context(self.hold_sync())
                self._frames_open = True
            self._write_traits()
            self._send_frame()
        finally:
            self._writing = False

    def _end_frames(self) -> None:
        """Send what changed since the last idle state; `hold_sync` refers to the widget."""
        with self._sync_hold:
            self._frames_open = False

    def _send_frame(self) -> None:
        """Send the current state as a message, which no host holds back."""
        content = {"kind": "state", "running": self.running, "fit": self._fit}
        self.send({**content, "mixture": self.mixture.to_json()}, [])

    def _show_plane(self, plane: Plane, preview: dict[str, Any]) -> None:
        """Show these columns in all views, also during a run or a drag."""
        with self.hold_sync():
            self.set_trait("_view", outgoing.describe_view(self._session, plane, self._columns))
            self.set_trait("_preview", preview)
        if self._frames_open:
            self.send_state(["_view", "_preview"])

    def _show_survey(self) -> None:
        self.set_trait("_survey", describe_survey(self._session.survey))
        if self._frames_open:
            self.send_state(["_survey"])

    def _write_traits(self) -> None:
        for name, value in outgoing.traits(
            self._session, self._connection.acks, self._connection.notice
        ).items():
            self.set_trait(name, value)

    def _write_history(self) -> None:
        """Not part of a frame: with a long history it would be most of the work."""
        self.set_trait("_trace", describe_trace(self._session.history))

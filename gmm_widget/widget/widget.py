"""GMMWidget: the session as an ipywidgets widget.

State travels as traits and acts as custom messages. Messages from the browser may arrive on any
thread, so `_receive` only checks them and passes them to the driver.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Self, final

import numpy as np
import traitlets as t

from gmm_widget.core.defaults import REGULARISATION, TOLERANCE
from gmm_widget.core.mixture import Mixture
from gmm_widget.core.structure import structure as structure_named
from gmm_widget.protocol.connection import Connection
from gmm_widget.protocol.outgoing import Notice
from gmm_widget.runtime.background_restarts import BackgroundRestarts
from gmm_widget.runtime.background_selection import BackgroundSelection
from gmm_widget.runtime.driver import Driver
from gmm_widget.runtime.weak_callback import weakly
from gmm_widget.session import serialise
from gmm_widget.session.coded_text import CodedText
from gmm_widget.session.create import create_session
from gmm_widget.session.edits import Act, fitting
from gmm_widget.session.plane import Plane
from gmm_widget.session.settings import Settings, checked_speed
from gmm_widget.widget.choosing import ChoosingMethods
from gmm_widget.widget.data import DataMethods
from gmm_widget.widget.editing import EditingMethods
from gmm_widget.widget.lifetime import Lifetime
from gmm_widget.widget.results import ResultMethods
from gmm_widget.widget.state_traits import StateTraits
from gmm_widget.widget.steering import SteeringMethods

# Traits that Python may assign, each with the act that this is and the name of its argument.
ASSIGNED = {
    "mixture": ("assign", "mixture"),
    "covariance_type": ("set_covariance_type", "name"),
    "speed": ("set_speed", "steps"),
}


@final
class GMMWidget(
    StateTraits, DataMethods, EditingMethods, SteeringMethods, ChoosingMethods, ResultMethods
):
    """A Gaussian mixture that is fitted to data by user edits and EM together.

    Parameters
    ----------
    data : array (N, D), data frame, mapping of columns, or list of rows
        The points. Arrays may be masked or structured, frames of pandas, polars, Arrow, DuckDB,
        Dask or any other library that narwhals reads. Rows with missing (NaN, null, masked) or
        infinite values are refused and named. The widget works on a copy up to 256 MB; larger data
        are not copied, and writing into them afterwards is noticed and an error (see `data`).
    n_components : int, default 2
        Number of components at the start, 1 to 200.
    covariance_type : {"full", "tied", "diag", "spherical"}
        Covariance structure.
    columns : sequence of names or positions, optional
        The columns to fit; by default all of numbers. A notice names those left out.
    dims : pair of names or positions, optional
        The two columns shown; by default the first two that are fitted.
    sample_weight : array (N,), optional
        Weight of each row; 2 counts a row twice. `set_data` replaces rows and weights.
    mixture : Mixture, optional
        The start; by default k-means++ from `random_state`.
    random_state : int or numpy.random.Generator, optional
        Seeds the start.
    regularisation : float, default 1e-8
        Added to each component's variances, relative to the data's variance; 0 for none.
    resolution : "auto", None, number, one per column, or mapping from names
        The step to which columns are rounded; "auto" finds it in the values. No component
        becomes narrower than rounding explains (resolution^2 / 12).
    tolerance : float, default 1e-8
        EM has converged when a step gains less than this (nats per point).
    height : int, default 420
        Height of the plot in pixels.

    Raises
    ------
    ValueError
        What was wrong, where (row, column, component), and what to do.

    Notes
    -----
    `mixture`, `log_likelihood` (total, nats), `bic`, `aic`, `converged` and
    `running` are traits and can be observed. `log_likelihood`, `bic` and `aic` are None
    until they have been computed for the current mixture.
    `mixture`, `covariance_type` and `speed` (of a run, in EM steps a second; None for no
    limit) can be assigned and linked.

    Examples
    --------
    >>> from gmm_widget import GMMWidget
    >>> from gmm_widget.datasets import old_faithful
    >>> w = GMMWidget(old_faithful(), 2, random_state=0)
    >>> w.run()
    >>> w.place("A", mean=[2.0, 54.0])
    >>> w
    <GMMWidget: 272 rows of eruptions, waiting; 2 components, full,
    log-likelihood -1,131..., not converged>
    """

    def __init__(
        self,
        data: Any,
        n_components: int = 2,
        covariance_type: str = "full",
        *,
        columns: Sequence[Any] | None = None,
        dims: Sequence[Any] | None = None,
        sample_weight: Any = None,
        mixture: Mixture | None = None,
        random_state: int | np.random.Generator | None = None,
        regularisation: float = REGULARISATION,
        tolerance: float = TOLERANCE,
        resolution: Any = "auto",
        height: int = 420,
    ) -> None:
        settings = Settings(regularisation, tolerance).checked()
        choice = (columns, dims, sample_weight, mixture, random_state, settings, resolution)
        self._session, plane, names, remark = create_session(
            data, n_components, covariance_type, *choice
        )
        self._columns, self._resolution = names, resolution
        self._connect(plane)
        if remark:
            self._connection.notice = Notice("info", (CodedText("remark", (remark,)),))
        self._write_all()
        super().__init__(height=height)
        self.on_msg(weakly(self._receive))

    def _connect(self, plane: Plane) -> None:
        """Make the parts of the widget; they refer to it weakly, so that it can be let go."""
        send = weakly(self.send)
        self._driver = Driver(self._session, weakly(self._publish), weakly(self._report))
        self._lifetime = Lifetime(self, self._driver.loop.after)
        self._connection = Connection(self._driver, plane, send, weakly(self._show_plane))
        self._background_restarts = BackgroundRestarts(self._session, weakly(self._show_survey))
        self._background_selection = BackgroundSelection(self._session, self._columns, send)
        self._connection.search = self._background_restarts.handle_request
        self._connection.choose = self._background_selection.handle_request
        self._connection.on_hello = weakly(self._greet)
        self._connection.on_goodbye = self._lifetime.goodbye
        self._connection.on_missed = weakly(self._send_frame)

    def _greet(self, view: str) -> None:
        self._lifetime.hello(view)
        self._background_selection.show()

    def _report(self, problem: CodedText) -> None:
        self._connection.announce(Notice("error", (problem,)))

    @t.observe("comm")
    def _comm_changed(self, change: t.Bunch) -> None:
        super()._comm_changed(change)
        if change.new is not None:
            self._lifetime.connect()

    @classmethod
    def from_json(cls, content: str | Mapping[str, Any], data: Any, **options: Any) -> Self:
        """A widget on these data with the fit that `to_json` gave (as text or values).

        `options` are further arguments of the constructor. ValueError says what is wrong.

        Examples
        --------
        >>> from gmm_widget import GMMWidget
        >>> from gmm_widget.datasets import old_faithful
        >>> w = GMMWidget(old_faithful(), 2, random_state=0)
        >>> w.step(5)
        >>> GMMWidget.from_json(w.to_json(), old_faithful()).mixture == w.mixture
        True
        """
        fit = serialise.read(content)
        names = [fit.columns[j] for j in fit.dims]
        kept = {"columns": list(fit.columns), "dims": names, **fit.settings._asdict()}
        kept["resolution"] = fit.resolution
        for name in ("max_steps", "softness", "concentration"):
            kept.pop(name)
        made = cls(data, 1, fit.state.structure.name, mixture=fit.state.mixture, **kept | options)
        made._do(made._session.replace_data, made._session.points, fit.state)
        return made

    def __repr__(self) -> str:
        state, total = self._session.state, self.log_likelihood
        figures = "" if total is None else f", log-likelihood {total:,.3f}"
        stage = "running" if self.running else "converged" if state.converged else "not converged"
        return (
            f"<GMMWidget: {self._session.points.n:,} rows of {', '.join(self._columns)}; "
            f"{state.mixture.n_components} components, {state.structure.name}{figures}, {stage}>"
        )

    def _repr_mimebundle_(self, **options: Any) -> tuple[dict[str, Any], dict[str, Any]] | None:
        bundle = super()._repr_mimebundle_(**options)
        if bundle is not None:
            self._lifetime.display()
            try:
                bundle[0]["image/png"] = self._picture()
            except Exception as problem:  # noqa: BLE001 whatever fails there, the widget is shown
                warnings.warn(f"no static picture of the widget: {problem}", stacklevel=2)
        return bundle

    def close(self) -> None:
        """Close the widget: its computations, its views and its connection to the browser.

        Examples
        --------
        >>> from gmm_widget import GMMWidget
        >>> from gmm_widget.datasets import old_faithful
        >>> w = GMMWidget(old_faithful(), 2, random_state=0)
        >>> w.close()
        """
        if hasattr(self, "_driver"):
            self._driver.close()
            self._background_restarts.cancel()
            self._background_selection.close()
        super().close()

    def __del__(self, _is_ending: Callable[[], bool] = sys.is_finalizing) -> None:
        if not _is_ending():  # at the end of the process, modules are gone that `close` needs
            self.close()

    # Assignments from Python (or a link) are edits like any other.

    @t.validate("mixture")
    def _check_mixture(self, proposal: t.Bunch) -> Mixture:
        try:
            return fitting(self._session.state, proposal.value)
        except ValueError as problem:
            raise t.TraitError(str(problem)) from None

    @t.validate("covariance_type")
    def _check_covariance_type(self, proposal: t.Bunch) -> str:
        try:
            return structure_named(proposal.value).name
        except ValueError as problem:
            raise t.TraitError(str(problem)) from None

    @t.validate("speed")
    def _check_speed(self, proposal: t.Bunch) -> float | None:
        try:
            return checked_speed(proposal.value)
        except ValueError as problem:
            raise t.TraitError(str(problem)) from None

    @t.observe(*ASSIGNED)
    def _assigned(self, change: t.Bunch) -> None:
        if self._writing:
            return
        name, argument = ASSIGNED[change.name]
        act = Act(name, {argument: change.new})
        if self._driver.loop.on_own_thread:
            self._do(self._session.do_immediately, act)
        else:
            self._driver.post(act)

    def _do(self, act: Callable[..., None], *args: Any) -> None:
        self._connection.notice = None
        try:
            act(*args)
            self._session.evaluate()
        finally:  # of several steps the first may have succeeded
            self._driver.interrupt()
            self._publish(idle=not self._session.running)

    def _edit(self, name: str, /, **args: Any) -> None:
        self._do(partial(self._session.edit, name, **args))

    def _receive(self, _: Any, message: Any, __: Any) -> None:
        self._connection.receive(message)

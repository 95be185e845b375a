"""Mixin of `GMMWidget`: results as an estimator, source code, figures, HTML and JSON."""

from __future__ import annotations

import base64
import io
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gmm_widget.estimator import GaussianMixture
from gmm_widget.protocol.bundle import bundled
from gmm_widget.protocol.handout_state import handout_state
from gmm_widget.report import figure as figures
from gmm_widget.report import html
from gmm_widget.report.source import Fit, source
from gmm_widget.session import serialise
from gmm_widget.session.coded_text import letter
from gmm_widget.session.edits import LOCKABLE
from gmm_widget.session.session import Session
from gmm_widget.session.state import State

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from gmm_widget.session.plane import Plane

MAX_PICTURE_ROWS = 5_000  # in the static picture that a saved notebook contains


class ResultMethods:
    """Methods that export the fit.

    A mixin: `GMMWidget` has the attributes and overrides the method declared first.
    """

    _session: Session
    _columns: tuple[str, ...]
    height: int

    def _plane(self) -> Plane:
        """The plane shown."""
        raise NotImplementedError

    def estimator(self) -> GaussianMixture:
        """The mixture as a fitted `GaussianMixture`, ready to predict, score and sample.

        It has the widget's settings, and its `fit` would start from this mixture. It has no locks:
        a warning names those that `fit` would not keep.

        Examples
        --------
        >>> from gmm_widget import GMMWidget
        >>> from gmm_widget.datasets import old_faithful
        >>> w = GMMWidget(old_faithful(), 2, random_state=0)
        >>> w.run()
        >>> w.estimator().predict([[2.0, 54.0], [4.3, 80.0]])
        array([0, 1])
        """
        session, state = self._session, self._session.state
        locked = _locks(state)
        if locked:
            names = ", ".join(f"{letter(state.ids[i])}'s {what}" for i, what in locked)
            warnings.warn(
                f"locks are lost: fit() of the estimator would move {names}", stacklevel=2
            )
        mixture = state.mixture
        made = GaussianMixture(
            mixture.n_components,
            covariance_type=state.structure.name,
            tol=session.settings.tolerance,
            reg_covar=session.settings.regularisation,
            resolution=self._steps(),
            weights_init=mixture.weights,
            means_init=mixture.means,
            covariances_init=mixture.covariances,
        )
        session.evaluate()
        made.mixture_, made.converged_ = mixture, session.state.converged
        made.n_iter_, made.n_features_in_ = state.steps, mixture.n_features
        total = session.state.log_likelihood
        if total is not None:
            made.lower_bound_ = total / session.points.total_weight
        return made

    def code(self) -> str:
        """Python source that recreates this mixture, its start and its locks.

        Examples
        --------
        >>> from gmm_widget import GMMWidget
        >>> from gmm_widget.datasets import old_faithful
        >>> w = GMMWidget(old_faithful(), 2, random_state=0)
        >>> made = {}
        >>> exec(w.code(), made)
        >>> made["widget"](old_faithful()).mixture == w.mixture
        True
        """
        state, history = self._session.state, self._session.history
        first = history.entries[history.path(history.position)[0]].state
        kept = self._session.settings
        settings: dict[str, Any] = {
            "regularisation": kept.regularisation,
            "tolerance": kept.tolerance,
            "resolution": self._steps(),
        }
        fit = Fit(
            state.mixture,
            first.mixture,
            state.structure.name,
            self._columns,
            _locks(state),
            {"columns": list(self._columns), **settings},
            "; ".join(str(history.entries[i].label) for i in history.path(history.position)[-12:]),
        )
        return source(fit)

    def _steps(self) -> list[float] | None:
        """The resolution of each column, None if no column is rounded."""
        known = self._session.points.resolution
        return None if known is None else known.tolist()

    def figure(self, kind: str = "clusters", *, axes: Axes | None = None) -> Figure:
        """A matplotlib figure of the two columns shown, in the widget's colours.

        `kind` is "clusters" (points by component), "density", "outliers" (rows in the outer 1% of
        the mixture) or "uncertainty" (entropy of the responsibilities, pink at one bit).

        Examples
        --------
        >>> from gmm_widget import GMMWidget
        >>> from gmm_widget.datasets import old_faithful
        >>> w = GMMWidget(old_faithful(), 2, random_state=0)
        >>> w.figure("density").axes[0].get_xlabel()
        'eruptions'
        """
        state, plane = self._session.state, self._plane()
        letters = [letter(i) for i in state.ids]
        shown = (state.ids, letters, plane.dims, self._columns)
        return figures.figure(figures.Picture(plane.values, state.mixture, *shown), kind, axes)

    def save_html(self, path: str | Path, title: str = "Gaussian mixture") -> None:
        """Save the current state as one interactive HTML file.

        It needs neither network nor kernel. It contains up to 50,000 points, in the two columns
        shown and with their names; of more points, counts on a grid. OSError if the file can't
        be written.

        Examples
        --------
        >>> from gmm_widget import GMMWidget
        >>> from gmm_widget.datasets import old_faithful
        >>> w = GMMWidget(old_faithful(), 2, random_state=0)
        >>> from pathlib import Path
        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as folder:
        ...     w.save_html(Path(folder) / "fit.html")
        """
        state = handout_state(self._session, self._plane(), self._columns, self.height)
        html.save(path, state, title, (bundled("widget.js"), bundled("widget.css")))

    def _picture(self) -> str:
        """The figure as a small PNG in base64, for pages that can't show a widget."""
        state, plane = self._session.state, self._plane()
        rows = plane.values[:: -(-len(plane.values) // MAX_PICTURE_ROWS)]
        shown = (state.ids, [letter(i) for i in state.ids], plane.dims, self._columns)
        picture = io.BytesIO()
        figures.figure(figures.Picture(rows, state.mixture, *shown)).savefig(picture, dpi=80)
        return base64.b64encode(picture.getvalue()).decode("ascii")

    def to_json(self) -> dict[str, Any]:
        """The fit as plain values for `json.dumps`, without the data; see `from_json`.

        Examples
        --------
        >>> from gmm_widget import GMMWidget
        >>> from gmm_widget.datasets import old_faithful
        >>> w = GMMWidget(old_faithful(), 2, random_state=0)
        >>> import json
        >>> text = json.dumps(w.to_json())
        >>> GMMWidget.from_json(text, old_faithful()).mixture == w.mixture
        True
        """
        return serialise.describe(self._session, self._columns, self._plane().dims)


def _locks(state: State) -> list[tuple[int, str]]:
    """Each lock as (position, what)."""
    flags = (state.locks.means, state.locks.covariances, state.locks.weights)
    return [
        (i, what)
        for i in range(state.mixture.n_components)
        for what, flag in zip(LOCKABLE, flags, strict=True)
        if flag[i]
    ]

"""The fit in progress: points, current state, history, and the figures computed from it.

One owner at a time changes a session (the driver on the kernel's event loop, or a notebook cell on
the same thread), so it needs no locks. What takes time is computed elsewhere on frozen values and
handed to `accept`, which refuses it when the state has changed meanwhile.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import replace
from typing import Any, NamedTuple, final

from numpy.typing import ArrayLike

from gmm_widget.core.binning import uses_bins
from gmm_widget.core.information_criteria import aic, bic
from gmm_widget.core.points import Points
from gmm_widget.core.structure import structure as structure_named
from gmm_widget.session import edits, entry_labels, steps
from gmm_widget.session.edits import Act
from gmm_widget.session.entry import Passed
from gmm_widget.session.history import History
from gmm_widget.session.polygon_edits import carve
from gmm_widget.session.restart_survey import RestartSurvey
from gmm_widget.session.selection_grid import SelectionGrid, state_from_cell
from gmm_widget.session.settings import Settings, checked_speed
from gmm_widget.session.slow_acts import SLOW_ACTS
from gmm_widget.session.state import State

MAX_HELD = 32
IMMEDIATE = ("undo", "redo", "jump", "adopt", "adopt_cell", "set_speed", "tune", "release")


@final
class Figures(NamedTuple):
    """Total log-likelihood (nats) and criteria of the current mixture; None until computed."""

    log_likelihood: float | None
    bic: float | None
    aic: float | None
    n_parameters: int


@final
class Session:
    """A mixture that a person and EM fit to points together.

    A run over many points uses their bins (`cells`) while `on_bins`, and all points from there
    on. `speed` limits a run to so many steps a second, None for no limit. `held_components` are
    the components that open gestures hold, by gesture: a run leaves them as they are. `rev`
    grows by one with every change that a view could show.
    """

    def __init__(self, points: Points, state: State, settings: Settings | None = None) -> None:
        if state.mixture.n_features != points.d:
            raise ValueError(
                f"the mixture has {state.mixture.n_features} columns, the data have {points.d}"
            )
        self.points = points
        self.settings = settings or Settings()
        self.history = History.of(state)
        self.running = False
        self.speed: float | None = None
        self.rev = 0
        self._runs = 0
        self.held_components: dict[Hashable, int] = {}
        self.survey: RestartSurvey | None = None
        self.grid: SelectionGrid | None = None
        self.cells: Points | None = None
        self.on_bins = False

    @property
    def state(self) -> State:
        """The current state."""
        return self.history.present.state

    def edit(self, name: str, /, gesture: Hashable = None, **args: Any) -> None:
        """Apply an edit of `edits.EDITS`; all frames of one gesture make one entry of the history.

        On an error (ValueError) the session stays as it was.
        """
        state = edits.EDITS[name](self.state, **args)
        history = self.history
        if gesture is None or not history.continues(gesture):
            label = entry_labels.of_edit(name, args, self.state, state)
            history.push(state, name, label, gesture)
        elif state.mixture == self.state.mixture:
            return  # nothing has moved since the last frame
        elif state.mixture == history.before.state.mixture:
            history.withdraw()
        else:
            label = entry_labels.of_edit(name, args, history.before.state, state)
            history.amend(state, label=label)
        self._update_on_bins()
        self.rev += 1

    def undo(self) -> None:
        """Return to the exact state before the last entry; a run stops."""
        self.running = False
        self.history.undo()
        self.rev += 1

    def redo(self) -> None:
        """Repeat what was undone; a run stops."""
        self.running = False
        self.history.redo()
        self.rev += 1

    def jump(self, entry: int, step: int | None = None) -> None:
        """Go to the exact state of an entry of the history, or of one of its EM steps; a run
        stops.
        """
        self.history.jump(entry, step)
        self.running = False
        self.rev += 1

    def adopt(self, optimum: int) -> None:
        """Make an optimum found by `restart` the current mixture, with its structure: one entry."""
        survey = self.survey
        if survey is None or not 0 <= optimum < len(survey.optima):
            known = 0 if survey is None else len(survey.optima)
            raise ValueError(f"no optimum {optimum}: {known} found; call restart() to search")
        self.running = False
        state = edits.assign(self.state, mixture=survey.optima[optimum].mixture)
        state = replace(state, structure=structure_named(survey.structure))
        self.history.push(state, "adopt", f"adopted optimum {optimum + 1} of {len(survey.optima)}")
        self.rev += 1

    def adopt_cell(self, k: int, structure: str) -> None:
        """Make the fit of a cell of the model selection the current mixture: one entry."""
        state = state_from_cell(self.state, self.grid, k, structure)
        self.running = False
        self.history.push(state, "chosen", f"chose {structure}, {k} components")
        self.rev += 1

    def set_running(self, on: bool) -> None:
        """Start a run from the current state, or stop it."""
        if self.running != on:
            self.running = on
            self._update_on_bins()
            self._runs += on
            self.rev += 1

    def _update_on_bins(self) -> None:
        """A run uses bins at full speed, with plain EM, over very many points."""
        by = self.settings
        plain = self.speed is None and by.softness == 1 and by.concentration is None
        self.on_bins = self.running and plain and uses_bins(self.points)

    def tune(self, **settings: Any) -> None:
        """Change settings; the mixture stays, and counts as not converged under the new ones."""
        before, self.settings = self.settings, self.settings._replace(**settings).checked()
        fresh = {
            "m_step_source": None,
            "phase": "rest",
            "gain": None,
            "converged": False,
            "elbo": None,
        }
        self.history.amend(replace(self.state, **fresh))  # type: ignore[arg-type]
        if settings.get("concentration") is not None:
            self.set_running(True)
        elif before.concentration is not None and self.settings.concentration is None:
            self.running = False
            self.history.push(replace(self.state, posterior=None), "expected", "expected mixture")
        self._update_on_bins()
        self.rev += 1

    def set_speed(self, steps: float | None) -> None:
        """Limit a run to so many steps a second, each of them shown; None: no limit."""
        self.speed = checked_speed(steps)
        self._update_on_bins()
        self.rev += 1

    def accept(
        self, base: State, result: State, cause: str | None, trace: tuple[Passed, ...] = ()
    ) -> bool:
        """Take in what was computed from `base`; False if the state has changed since.

        A `cause` of None amends the current entry (figures, an E-step, a run that continues);
        any other makes an entry of its own.
        """
        if self.state is not base:
            return False
        if result is base:
            return True
        history = self.history
        gesture: Hashable = ("run", self._runs) if cause == "run" else None
        if gesture is not None and history.present.gesture in self.held_components:
            gesture = history.present.gesture  # EM around a held component
        if cause is not None and (gesture is None or not history.continues(gesture)):
            history.push(result, cause, gesture=gesture)
        taken = result.steps - history.before.state.steps
        label = entry_labels.of_steps(cause, taken) if cause else ""
        if gesture in self.held_components:
            label = entry_labels.of_hold(self.held_components[gesture], taken)
        history.amend(result, trace, label)
        self.rev += 1
        return True

    def evaluate(self) -> None:
        """Compute the log-likelihood of the current mixture."""
        self.accept(self.state, steps.evaluate(self.points, self.state, self.settings), None)

    def e_step(self) -> None:
        """Compute the responsibilities of the current mixture and keep them for an M-step."""
        self.accept(self.state, steps.single_e_step(self.points, self.state, self.settings), None)

    def m_step(self) -> None:
        """Fit the components to the responsibilities of the last E-step."""
        result = steps.single_m_step(self.points, self.state, self.settings)
        self.accept(self.state, result, "m_step")

    def step(self, n: int = 1) -> None:
        """Take n EM steps, each an entry of the history."""
        for _ in range(n):
            done = steps.advance(self.points, self.state, self.settings)
            self.accept(self.state, done.state, "step", done.trace)
            if done.ended:
                return

    def renew(self, points: Points, state: State | None = None) -> None:
        """Replace the points by others of as many columns: the history begins anew, a run goes
        on.
        """
        if points.d != self.points.d:
            raise ValueError(
                f"the new data have {points.d} columns, the mixture has {self.points.d}; "
                "choose columns, or open another widget"
            )
        state = state or self.state
        self.points = points
        self.history = History.of(state.with_mixture(state.mixture))
        self.held_components.clear()
        self.survey = self.cells = self.grid = None
        self._update_on_bins()
        self.rev += 1

    def carve(self, polygon: ArrayLike, dims: Sequence[int], component: int | None = None) -> None:
        """Make a component of the rows inside a polygon, or split one by it."""
        known = (self.points, self.state, self.settings)
        result = carve(*known, polygon=polygon, dims=dims, component=component)
        self.accept(self.state, result, "carve")

    def fit(self) -> None:
        """Take EM steps until convergence."""
        done = steps.advance(self.points, self.state, self.settings, self.settings.max_steps)
        self.accept(self.state, done.state, "run", done.trace)

    def do_immediately(self, act: Act) -> None:
        """Do a command that needs no pass over the points; a run is only started."""
        if act.name in IMMEDIATE:
            getattr(self, act.name)(**act.args)
        elif act.name in ("run", "stop"):
            self.set_running(act.name == "run")
        else:
            if act.final:  # refused or not
                self.release(act.gesture)
            self.edit(act.name, act.gesture, **act.args)
            if act.gesture is not None and not act.final and len(self.held_components) < MAX_HELD:
                self.held_components[act.gesture] = act.args["component"]

    def release(self, gesture: Hashable) -> None:
        """End a gesture: a run may move its component again."""
        self.held_components.pop(gesture, None)

    def do(self, act: Act | None) -> None:
        """Do any command to its end, a run included, and evaluate: for a caller without event
        loop.
        """
        if act is not None and act.name in SLOW_ACTS:
            getattr(self, act.name)(**act.args)
        elif act is not None:
            self.do_immediately(act)
        if self.running:
            self.set_running(False)
            self.fit()
        self.evaluate()

    def icl(self) -> float:
        """ICL of the current mixture, BIC - 2 sum_n log max_k r_nk (mclust's); lower is better."""
        self.evaluate()
        bic, known = self.figures().bic, self.state.expectation
        assert bic is not None
        assert known is not None
        return bic - 2 * known.log_max_responsibility

    def figures(self) -> Figures:
        """Log-likelihood and criteria of the current mixture; lower criteria are better."""
        state = self.state
        mixture = state.mixture
        p = state.structure.n_parameters(mixture.n_components, mixture.n_features)
        known = state.expectation
        if known is None:
            return Figures(None, None, None, p)
        total = known.log_likelihood
        by_bic = bic(total, p, self.points.total_weight)
        return Figures(total, by_bic, aic(total, p), p)

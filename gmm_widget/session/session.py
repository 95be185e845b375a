"""The session: points, the current state, its history and its figures.

Only the event loop's thread changes a session (the driver's task or a notebook cell), so it needs
no locks. Slow computations run elsewhere on frozen values; `accept` takes their results, unless
the state has changed meanwhile.
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
from gmm_widget.session import edits, steps
from gmm_widget.session.coded_text import CodedText
from gmm_widget.session.commands import COMMANDS, Edit, OnSession, Pass
from gmm_widget.session.edits import Act
from gmm_widget.session.entry import StepRecord
from gmm_widget.session.history import History
from gmm_widget.session.labels import of_steps
from gmm_widget.session.polygon_edits import carve
from gmm_widget.session.restart_survey import RestartSurvey
from gmm_widget.session.selection_grid import SelectionGrid, state_of_cell
from gmm_widget.session.settings import Settings, checked_speed
from gmm_widget.session.state import State

MAX_HELD_COMPONENTS = 32


@final
class Figures(NamedTuple):
    """Total log-likelihood (nats) and criteria of the current mixture; None until computed."""

    log_likelihood: float | None
    bic: float | None
    aic: float | None
    n_parameters: int


@final
class Session:
    """A mixture that is fitted to points by user edits and EM.

    Attributes
    ----------
    rev : counts the changes that a view could show.
    speed : of a run, in EM steps a second; None for no limit.
    held_components : id of the component that each open gesture drags; a run leaves them fixed.
    bins, on_bins : a run over very many points goes on binned points first, then on all.
    survey, grid : results of the restarts and of the model selection.
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
        self.bins: Points | None = None
        self.on_bins = False

    @property
    def state(self) -> State:
        """The current state."""
        return self.history.present.state

    def edit(self, name: str, /, gesture: Hashable = None, **args: Any) -> None:
        """Do an edit of `COMMANDS`; the frames of one gesture make one history entry.

        On a ValueError the session stays unchanged.
        """
        does = COMMANDS[name].does
        assert isinstance(does, Edit)
        state = does.function(self.state, **args)
        history = self.history
        if gesture is None or not history.continues(gesture):
            label = does.label(args, self.state, state)
            history.push(state, name, label, gesture)
        elif state.mixture == self.state.mixture:
            return  # this frame changes nothing
        elif state.mixture == history.before.state.mixture:
            history.withdraw()
        else:
            label = does.label(args, history.before.state, state)
            history.amend(state, label=label)
        self._choose_bins()
        self.rev += 1

    def undo(self) -> None:
        """Go back to the exact state before the last act; a run stops."""
        self.running = False
        self.history.undo()
        self.rev += 1

    def redo(self) -> None:
        """Do again what was undone; a run stops."""
        self.running = False
        self.history.redo()
        self.rev += 1

    def jump(self, entry: int, step: int | None = None) -> None:
        """Go to the exact state of a history entry or of a step within it; a run stops."""
        self.history.jump(entry, step)
        self.running = False
        self.rev += 1

    def adopt(self, optimum: int) -> None:
        """Replace mixture and structure by an optimum that the restarts found."""
        survey = self.survey
        if survey is None or not 0 <= optimum < len(survey.optima):
            known = 0 if survey is None else len(survey.optima)
            advice = f"there are {known}, from 0" if known else "call restart() first"
            raise ValueError(f"no optimum {optimum}: {advice}")
        self.running = False
        found = survey.optima[optimum]
        state = replace(
            edits.assign(self.state, mixture=found.mixture),
            structure=structure_named(survey.structure),
            converged=found.optimum.converged and self.settings.keep_converged(survey.options),
        )
        self.history.push(state, "adopt", CodedText("adopted", (optimum + 1, len(survey.optima))))
        self.rev += 1

    def adopt_cell(self, k: int, structure: str) -> None:
        """Replace mixture and structure by the fit of a cell of the model selection."""
        state = state_of_cell(self.state, self.settings, self.grid, k, structure)
        self.running = False
        self.history.push(state, "chosen", CodedText("chosen", (structure, k)))
        self.rev += 1

    def set_running(self, on: bool) -> None:
        """Start or stop a run."""
        if self.running != on:
            self.running = on
            self._choose_bins()
            self._runs += on
            self.rev += 1

    def _choose_bins(self) -> None:
        """A run goes on bins if it is plain EM at full speed over very many points."""
        settings = self.settings
        plain = settings.softness == 1 and settings.concentration is None
        self.on_bins = self.running and plain and self.speed is None and uses_bins(self.points)

    def tune(self, **settings: Any) -> None:
        """Change settings; the mixture stays, but has not converged under the new ones."""
        before, self.settings = self.settings, self.settings._replace(**settings).checked()
        self.history.amend(self.state.not_converged())
        if settings.get("concentration") is not None:
            self.set_running(True)
        elif before.concentration is not None and self.settings.concentration is None:
            self.running = False
            maximum = replace(self.state, posterior=None)
            self.history.push(maximum, "expected", CodedText("expected"))
        self._choose_bins()
        self.rev += 1

    def set_speed(self, steps: float | None) -> None:
        """Limit a run to so many exact steps a second, each of them shown; None for no limit."""
        self.speed = checked_speed(steps)
        self._choose_bins()
        self.rev += 1

    def accept(
        self, base: State, result: State, cause: str | None, trace: tuple[StepRecord, ...] = ()
    ) -> bool:
        """Take a result that was computed from `base`; False if the state has changed since.

        A `cause` of None amends the current entry (figures, an E-step); any other makes a new
        entry, unless the run that the current entry is of goes on.
        """
        if self.state is not base:
            return False
        if result is base:
            return True
        history = self.history
        gesture: Hashable = ("run", self._runs) if cause == "run" else None
        if gesture is not None and history.present.gesture in self.held_components:
            gesture = history.present.gesture  # EM during a drag belongs to the entry of the drag
        if cause is None:
            history.amend(result, trace)
        else:
            new = gesture is None or not history.continues(gesture)
            before = base if new else history.before.state
            label = of_steps(cause, result.steps - before.steps, self.held_components.get(gesture))
            if new:
                history.push(result, cause, label, gesture)
            history.amend(result, trace, label)
        self.rev += 1
        return True

    # The slow acts, computed synchronously: for Python callers.

    def evaluate(self) -> None:
        """Compute the log-likelihood of the current mixture."""
        self.accept(self.state, steps.evaluate(self.points, self.state, self.settings), None)

    def e_step(self) -> None:
        """Compute the responsibilities of the current mixture and keep them for an M-step."""
        self.accept(self.state, steps.single_e_step(self.points, self.state, self.settings), None)

    def m_step(self) -> None:
        """Take the M-step on the responsibilities of the last E-step."""
        result = steps.single_m_step(self.points, self.state, self.settings)
        self.accept(self.state, result, "m_step")

    def step(self, n: int = 1) -> None:
        """Take n EM steps, each a history entry."""
        for _ in range(n):
            done = steps.advance(self.points, self.state, self.settings)
            self.accept(self.state, done.state, "step", done.trace)
            if done.ended:
                return

    def replace_data(self, points: Points, state: State | None = None) -> None:
        """Replace the points by others of as many columns; the history starts again."""
        if points.d != self.points.d:
            raise ValueError(
                f"the new data have {points.d} columns, the mixture has {self.points.d}; "
                "choose columns, or make another widget"
            )
        state = state or self.state
        self.points = points
        self.history = History.of(state.with_mixture(state.mixture))
        self.held_components.clear()
        self.survey = self.bins = self.grid = None
        self._choose_bins()
        self.rev += 1

    def carve(self, polygon: ArrayLike, dims: Sequence[int], component: int | None = None) -> None:
        """Make a component of the rows inside a polygon, or split `component` along it."""
        inputs = (self.points, self.state, self.settings)
        result = carve(*inputs, polygon=polygon, dims=dims, component=component)
        self.accept(self.state, result, "carve")

    def fit(self) -> None:
        """Take EM steps until they converge, at most `settings.max_steps`."""
        done = steps.advance(self.points, self.state, self.settings, self.settings.max_steps)
        self.accept(self.state, done.state, "run", done.trace)

    def do_immediately(self, act: Act) -> None:
        """Do an act that needs no pass over the points; a run is only started."""
        does = COMMANDS[act.name].does
        if isinstance(does, OnSession):
            getattr(self, does.method)(*does.given, **act.args)
            return
        if act.final:  # even if the edit is refused
            self.release(act.gesture)
        self.edit(act.name, act.gesture, **act.args)
        if act.gesture is None or act.final or len(self.held_components) >= MAX_HELD_COMPONENTS:
            return
        self.held_components[act.gesture] = act.args["component"]

    def release(self, gesture: Hashable) -> None:
        """End a gesture: a run may move its component again."""
        self.held_components.pop(gesture, None)

    def do(self, act: Act | None) -> None:
        """Do any act to its end, a run included, and evaluate: without an event loop."""
        if act is not None and isinstance(COMMANDS[act.name].does, Pass):
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
        score, expectation = self.figures().bic, self.state.expectation
        assert score is not None
        assert expectation is not None
        return score - 2 * expectation.log_max_responsibility

    def figures(self) -> Figures:
        """Log-likelihood, BIC and AIC of the current mixture; of the criteria, lower is better."""
        state = self.state
        mixture = state.mixture
        p = state.structure.n_parameters(mixture.n_components, mixture.n_features)
        if state.expectation is None:
            return Figures(None, None, None, p)
        total = state.expectation.log_likelihood
        return Figures(total, bic(total, p, self.points.total_weight), aic(total, p), p)

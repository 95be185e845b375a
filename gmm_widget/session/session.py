"""The session: points, the present state, its history, and the figures read off it.

One owner at a time changes a session (the driver on the kernel's loop, or a cell on
the same thread), so it holds no locks; what takes time is computed elsewhere on frozen
values and handed to `accept`, which refuses it when the state has moved on.
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
from gmm_widget.session.selection_grid import SelectionGrid, chosen
from gmm_widget.session.settings import Settings, checked_speed
from gmm_widget.session.slow_acts import SLOW_ACTS
from gmm_widget.session.state import State

MOST_GRIPS = 32
AT_ONCE = ("undo", "redo", "jump", "adopt", "adopt_cell", "set_speed", "tune", "let_go")


@final
class Figures(NamedTuple):
    """Total log-likelihood (nats) and scores of the present mixture; None while unknown."""

    log_likelihood: float | None
    bic: float | None
    aic: float | None
    n_parameters: int


@final
class Session:
    """A mixture being fitted to points by a person and EM together.

    A run over many points goes on their `cells` while `on_cells`, and exactly from there.
    `speed` is that of a run in steps a second, None for as fast as it goes.
    `grips` are the components that hands hold at this moment, by gesture: a run leaves them.
    `rev` grows by one with every change that a screen could show.
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
        self.grips: dict[Hashable, int] = {}
        self.survey: RestartSurvey | None = None
        self.grid: SelectionGrid | None = None
        self.cells: Points | None = None
        self.on_cells = False

    @property
    def state(self) -> State:
        """What is on the table."""
        return self.history.present.state

    def edit(self, name: str, /, gesture: Hashable = None, **args: Any) -> None:
        """Do an act of `acts.EDITS`; frames of one gesture make one entry of the history.

        On an error (ValueError) the session stays as it was.
        """
        state = edits.EDITS[name](self.state, **args)
        history = self.history
        if gesture is None or not history.goes_on(gesture):
            said = entry_labels.of_edit(name, args, self.state, state)
            history.push(state, name, said, gesture)
        elif state.mixture == self.state.mixture:
            return  # the hand rests
        elif state.mixture == history.before.state.mixture:
            history.withdraw()
        else:
            said = entry_labels.of_edit(name, args, history.before.state, state)
            history.amend(state, words=said)
        self._look_at_cells()
        self.rev += 1

    def undo(self) -> None:
        """Back to the exact state before the last act; EM stops."""
        self.running = False
        self.history.undo()
        self.rev += 1

    def redo(self) -> None:
        """Forward again; EM stops."""
        self.running = False
        self.history.redo()
        self.rev += 1

    def jump(self, entry: int, step: int | None = None) -> None:
        """To the exact state of an entry of the history, or of a step on its way; EM stops."""
        self.history.jump(entry, step)
        self.running = False
        self.rev += 1

    def adopt(self, optimum: int) -> None:
        """Put an optimum that a search found on the table, with the structure it is of."""
        survey = self.survey
        if survey is None or not 0 <= optimum < len(survey.optima):
            known = 0 if survey is None else len(survey.optima)
            raise ValueError(f"there is no optimum {optimum}; {known} are known: search for some")
        self.running = False
        state = edits.assign(self.state, mixture=survey.optima[optimum].mixture)
        state = replace(state, structure=structure_named(survey.structure))
        self.history.push(state, "adopt", f"adopted optimum {optimum + 1} of {len(survey.optima)}")
        self.rev += 1

    def adopt_cell(self, k: int, structure: str) -> None:
        """Put the fit of a cell of the table on the table where EM works: one entry."""
        state = chosen(self.state, self.grid, k, structure)
        self.running = False
        self.history.push(state, "chosen", f"chose {structure}, {k} components")
        self.rev += 1

    def set_running(self, on: bool) -> None:
        """Let EM go on from the present state, or stop it."""
        if self.running != on:
            self.running = on
            self._look_at_cells()
            self._runs += on
            self.rev += 1

    def _look_at_cells(self) -> None:
        """Whether a run goes on cells: at full speed, by plain EM, over very many points."""
        by = self.settings
        plain = self.speed is None and by.softness == 1 and by.concentration is None
        self.on_cells = self.running and plain and uses_bins(self.points)

    def tune(self, **settings: Any) -> None:
        """Go on under other settings; the mixture stays, and has not converged by these."""
        before, self.settings = self.settings, self.settings._replace(**settings).checked()
        fresh = {"held": None, "phase": "rest", "gain": None, "converged": False, "elbo": None}
        self.history.amend(replace(self.state, **fresh))  # type: ignore[arg-type]
        if settings.get("concentration") is not None:
            self.set_running(True)
        elif before.concentration is not None and self.settings.concentration is None:
            self.running = False
            self.history.push(replace(self.state, posterior=None), "expected", "expected mixture")
        self._look_at_cells()
        self.rev += 1

    def set_speed(self, steps: float | None) -> None:
        """Let a run take so many steps a second, exactly and each one seen; None: no limit."""
        self.speed = checked_speed(steps)
        self._look_at_cells()
        self.rev += 1

    def accept(
        self, base: State, result: State, cause: str | None, trace: tuple[Passed, ...] = ()
    ) -> bool:
        """Take in what was computed from `base`; False if the state has moved on since.

        A `cause` of None amends the present entry (figures, an E-step, a run that goes
        on); any other makes an entry of its own.
        """
        if self.state is not base:
            return False
        if result is base:
            return True
        history = self.history
        gesture: Hashable = ("run", self._runs) if cause == "run" else None
        if gesture is not None and history.present.gesture in self.grips:
            gesture = history.present.gesture  # what EM does around a hand is the hand's entry
        if cause is not None and (gesture is None or not history.goes_on(gesture)):
            history.push(result, cause, gesture=gesture)
        taken = result.steps - history.before.state.steps
        said = entry_labels.of_steps(cause, taken) if cause else ""
        if gesture in self.grips:
            said = entry_labels.of_hold(self.grips[gesture], taken)
        history.amend(result, trace, said)
        self.rev += 1
        return True

    # The same acts for a caller who waits: a cell, a script.

    def evaluate(self) -> None:
        """Compute the log-likelihood of the present mixture."""
        self.accept(self.state, steps.evaluate(self.points, self.state, self.settings), None)

    def e_step(self) -> None:
        """Compute and hold the responsibilities of the present mixture."""
        self.accept(self.state, steps.half_e(self.points, self.state, self.settings), None)

    def m_step(self) -> None:
        """Move the components to fit the responsibilities held."""
        result = steps.half_m(self.points, self.state, self.settings)
        self.accept(self.state, result, "m_step")

    def step(self, n: int = 1) -> None:
        """Take n EM steps, each an entry of the history."""
        for _ in range(n):
            done = steps.advance(self.points, self.state, self.settings)
            self.accept(self.state, done.state, "step", done.trace)
            if done.ended:
                return

    def renew(self, points: Points, state: State | None = None) -> None:
        """Go on with other points of as many columns: history begins anew, a run goes on."""
        if points.d != self.points.d:
            raise ValueError(
                f"the new data have {points.d} columns, the mixture has {self.points.d}; "
                "choose columns, or open another widget"
            )
        state = state or self.state
        self.points = points
        self.history = History.of(state.with_mixture(state.mixture))
        self.grips.clear()
        self.survey = self.cells = self.grid = None
        self._look_at_cells()
        self.rev += 1

    def carve(self, polygon: ArrayLike, dims: Sequence[int], component: int | None = None) -> None:
        """Make a component of the rows inside a polygon, out of a component or of none."""
        known = (self.points, self.state, self.settings)
        result = carve(*known, polygon=polygon, dims=dims, component=component)
        self.accept(self.state, result, "carve")

    def fit(self) -> None:
        """Take EM steps until they converge."""
        done = steps.advance(self.points, self.state, self.settings, self.settings.max_steps)
        self.accept(self.state, done.state, "run", done.trace)

    def do_at_once(self, act: Act) -> None:
        """Do an act that takes no computing; a run is only set going."""
        if act.name in AT_ONCE:
            getattr(self, act.name)(**act.args)
        elif act.name in ("run", "stop"):
            self.set_running(act.name == "run")
        else:
            if act.final:  # refused or not
                self.let_go(act.gesture)
            self.edit(act.name, act.gesture, **act.args)
            if act.gesture is not None and not act.final and len(self.grips) < MOST_GRIPS:
                self.grips[act.gesture] = act.args["component"]

    def let_go(self, gesture: Hashable) -> None:
        """Let a run move what the gesture held."""
        self.grips.pop(gesture, None)

    def do(self, act: Act | None) -> None:
        """Do any act to its end, a run included, and evaluate: for a caller with no event loop."""
        if act is not None and act.name in SLOW_ACTS:
            getattr(self, act.name)(**act.args)
        elif act is not None:
            self.do_at_once(act)
        if self.running:
            self.set_running(False)
            self.fit()
        self.evaluate()

    def icl(self) -> float:
        """ICL of the present mixture, BIC - 2 sum_n log max_k r_nk (mclust's); lower is better."""
        self.evaluate()
        bic, known = self.figures().bic, self.state.expectation
        assert bic is not None
        assert known is not None
        return bic - 2 * known.log_max_responsibility

    def figures(self) -> Figures:
        """Log-likelihood and scores of the present mixture; of the scores, lower is better."""
        state = self.state
        mixture = state.mixture
        p = state.structure.n_parameters(mixture.n_components, mixture.n_features)
        known = state.expectation
        if known is None:
            return Figures(None, None, None, p)
        total = known.log_likelihood
        by_bic = bic(total, p, self.points.total_weight)
        return Figures(total, by_bic, aic(total, p), p)

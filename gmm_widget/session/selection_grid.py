"""Results of the model selection so far, and their form for the browser."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, NamedTuple, final

from gmm_widget.core.structure import structure as structure_named
from gmm_widget.selection.cell import Cell
from gmm_widget.selection.fit_cells import Question
from gmm_widget.selection.selection import Selection, collected
from gmm_widget.session import edits
from gmm_widget.session.edits import MAX_COMPONENTS
from gmm_widget.session.restart_survey import align
from gmm_widget.session.settings import Settings
from gmm_widget.session.state import State

MAX_CELLS = 400
MAX_NUMBERS = 600  # in a mixture that is sent with its cell, to be previewed


@final
class SelectionGrid(NamedTuple):
    """A model selection: running, complete, or cancelled (neither).

    `search` numbers the selections of a widget; `problem` is the error that ended this one.
    """

    question: Question
    selection: Selection
    search: int
    running: bool = True
    complete: bool = False
    problem: str | None = None

    def with_cell(self, cell: Cell) -> SelectionGrid:
        """With a cell that is new, or better than the one for the same k and structure."""
        asked, known = self.question, self.selection
        names = [structure.name for structure in asked.structures]
        cells = collected((*known.cells, cell), names, asked.criteria, known.n, known.columns)
        return self._replace(selection=cells)


def checked(question: Question) -> Question:
    """The question; ValueError if its table is too large to show."""
    if question.size > MAX_CELLS:
        raise ValueError(
            f"{question.size} cells are more than the {MAX_CELLS} that the widget shows: "
            "ask for fewer, or use gmm_widget.select"
        )
    if max(question.counts) > MAX_COMPONENTS:
        raise ValueError(f"n_components goes up to {MAX_COMPONENTS}, got {max(question.counts)}")
    return question


def state_of_cell(
    state: State, settings: Settings, grid: SelectionGrid | None, k: int, structure: str
) -> State:
    """The state with the mixture and structure of a cell; ValueError if it has no fit."""
    if grid is None:
        raise ValueError("no model selection to adopt from: call select() first")
    try:
        cell = grid.selection.cell(k, structure)
    except KeyError as problem:
        raise ValueError(f"{problem.args[0]}: it has not been fitted") from None
    if cell.mixture is None:
        reason = cell.reason or "no fit was found"
        raise ValueError(
            f"the fit of {k} components, {structure!r}, collapsed ({reason}): adopt another cell"
        )
    mixture = align(cell.mixture, state.mixture)
    return replace(
        edits.assign(state, mixture=mixture),
        structure=structure_named(cell.covariance_type),
        converged=cell.converged and settings.keep_converged(grid.question.options),
    )


def describe_grid(
    grid: SelectionGrid | None, cells: Iterable[Cell] | None = None
) -> dict[str, Any]:
    """The table for the browser, with all cells or only these; `size` is 0 without one."""
    if grid is None:
        return {"kind": "selection", "size": 0}
    asked = grid.question
    return {
        "kind": "selection",
        "search": grid.search,
        "size": asked.size,
        "running": grid.running,
        "complete": grid.complete,
        "problem": None if grid.problem is None else grid.problem[:300],
        "criteria": list(asked.criteria),
        "structures": [structure.name for structure in asked.structures],
        "counts": list(asked.counts),
        "cells": [
            _describe_cell(cell) for cell in (grid.selection.cells if cells is None else cells)
        ],
    }


def _describe_cell(cell: Cell) -> dict[str, Any]:
    mixture = cell.mixture
    small = mixture is not None and mixture.means.size + mixture.covariances.size <= MAX_NUMBERS
    return {
        "k": cell.n_components,
        "structure": cell.covariance_type,
        "status": cell.status,
        "reason": (cell.reason or "; ".join(cell.lost))[:200],
        "scores": _finite(cell.scores),
        "mixture": mixture.to_json() if mixture is not None and small else None,
    }


def _finite(scores: Mapping[str, float]) -> dict[str, float]:
    return {name: value for name, value in scores.items() if math.isfinite(value)}

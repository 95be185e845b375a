"""Checks for exercises in notebooks: whether an exercise is solved, and how many nats are missing.

A check looks at a widget and answers; it never raises for an exercise that is not solved, so that a
notebook can run from top to bottom before anybody has worked on it.
"""

from __future__ import annotations

import html
from typing import Any, NamedTuple, final


@final
class Verdict(NamedTuple):
    """Whether an exercise is solved, with the reason or what is missing."""

    passed: bool
    text: str

    def __repr__(self) -> str:
        return f"{'Solved' if self.passed else 'Not yet'}: {self.text}"

    def _repr_html_(self) -> str:
        colour, mark = ("#2b8a5b", "✓") if self.passed else ("#b06a00", "…")
        line = f"border-left: 4px solid {colour}; padding: 2px 10px"
        return f'<div style="{line}">{mark} {html.escape(repr(self))}</div>'


def reach(widget: Any, mark: float, *, by_hand: bool = False) -> Verdict:
    """Is the widget's log-likelihood (total, nats) at `mark` or above it?

    With `by_hand`, only user edits may have led to the current mixture, no EM steps.
    """
    value = widget.log_likelihood
    if widget.running:
        return Verdict(False, "EM is running; stop it or let it end, then run this cell again.")
    if value is None:
        return Verdict(False, "the figure is being computed; run this cell again.")
    if by_hand and not _all_by_hand(widget):
        return Verdict(False, "EM took a step; undo it and use edits alone.")
    if value < mark:
        missing = f"{value:,.2f} nats, {mark - value:,.2f} below the mark of {mark:,.2f}."
        return Verdict(False, missing)
    return Verdict(True, f"{value:,.2f} nats, {value - mark:,.2f} above the mark of {mark:,.2f}.")


def score(widget: Any, criterion: str, mark: float) -> Verdict:
    """Is the widget's "bic", "aic" or "icl" at the mark or below it (lower is better)?"""
    if criterion not in ("bic", "aic", "icl"):
        raise ValueError(f"criterion must be 'bic', 'aic' or 'icl', got {criterion!r}")
    value, name = getattr(widget, criterion), criterion.upper()
    if widget.running or value is None:
        return Verdict(False, "EM is running; let it end, then run this cell again.")
    if value > mark:
        missing = f"{name} {value:,.2f}, {value - mark:,.2f} above the mark of {mark:,.2f}."
        return Verdict(False, missing)
    return Verdict(True, f"{name} {value:,.2f}, the mark was {mark:,.2f}.")


def _all_by_hand(widget: Any) -> bool:
    """Whether no entry on the way to the current one is an EM step."""
    entries = {entry.id: entry for entry in widget.history}
    entry = next((each for each in entries.values() if each.present), None)
    while entry is not None and entry.parent is not None:  # the start itself is nobody's step
        if not entry.by_hand:
            return False
        entry = entries.get(entry.parent)
    return True

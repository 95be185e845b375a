"""Labels of history entries: what was done, in a few words, components by letter."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from gmm_widget.session.state import State, letter

STEP_LABELS = {"step": "EM step", "m_step": "M step", "carve": "component from a selection"}
PARTICIPLES = {"split": "split", "delete": "deleted", "merge": "merged"}


def edit_label(name: str, args: Mapping[str, Any], before: State, after: State) -> str:
    """Label of an edit (a name in `edits.EDITS`) that led from `before` to `after`."""
    if name == "place":
        given = [key for key in ("mean", "covariance", "weight") if args.get(key) is not None]
        verb = {"mean": "moved", "weight": "reweighed"}.get(" ".join(given), "shaped")
        return f"{verb} {letter(args['component'])}"
    if name == "add":
        return " ".join(["added", *(letter(i) for i in after.ids if i not in before.ids)])
    if name in PARTICIPLES:
        concerned = args.get("components") or [args["component"]]
        return f"{PARTICIPLES[name]} {' and '.join(letter(i) for i in concerned)}"
    if name == "lock":
        verb = "locked" if args.get("on", True) else "unlocked"
        what = "" if args["what"] == "all" else f" ({args['what']})"
        return f"{verb} {letter(args['component'])}{what}"
    if name == "set_n_components":
        return f"{before.mixture.n_components} to {after.mixture.n_components} components"
    if name == "set_covariance_type":
        return f"{before.structure.name} to {after.structure.name}"
    return "assigned a mixture" if name == "assign" else name.replace("_", " ")


def step_label(cause: str, steps: int) -> str:
    """Label of EM steps."""
    return f"run of {_counted(steps)}" if cause == "run" else STEP_LABELS.get(cause, cause)


def hold_label(component: int, steps: int) -> str:
    """Label of a drag that held a component while EM moved the others."""
    return f"held {letter(component)} for {_counted(steps)}"


def partial_run_label(label: str, steps: int) -> str:
    """The label of a run with another number of steps."""
    return re.sub(r"[\d,]+ EM steps?$", _counted(steps), label)


def _counted(steps: int) -> str:
    return f"{steps:,} EM {'step' if steps == 1 else 'steps'}"

"""Labels of history entries: what was done to which components.

That of an edit is made from its arguments and the states before and after it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from gmm_widget.session.coded_text import CodedText
from gmm_widget.session.state import State

LabelOf = Callable[[Mapping[str, Any], State, State], CodedText]


def of_components(code: str) -> LabelOf:
    """A label that names the components of the arguments."""

    def label(args: Mapping[str, Any], _before: State, _after: State) -> CodedText:
        named = args.get("components") or [args["component"]]
        return CodedText(code, (tuple(named),))

    return label


def of_place(args: Mapping[str, Any], before: State, after: State) -> CodedText:
    """By what was given: a mean moves a component, a weight reweighs it, all else shapes it."""
    given = [key for key in ("mean", "covariance", "weight") if args.get(key) is not None]
    code = {"mean": "moved", "weight": "reweighed"}.get(" ".join(given), "shaped")
    return of_components(code)(args, before, after)


def of_add(_args: Mapping[str, Any], before: State, after: State) -> CodedText:
    """Names the components that were not there before."""
    return CodedText("added", (tuple(i for i in after.ids if i not in before.ids),))


def of_lock(args: Mapping[str, Any], _before: State, _after: State) -> CodedText:
    """Names the component, and the part unless it is all of it."""
    code = "locked" if args.get("on", True) else "unlocked"
    concerned = (args["component"],)
    if args["what"] == "all":
        return CodedText(code, (concerned,))
    return CodedText(f"{code}_part", (concerned, args["what"]))


def of_count(_args: Mapping[str, Any], before: State, after: State) -> CodedText:
    """The numbers of components before and after."""
    return CodedText("resized", (before.mixture.n_components, after.mixture.n_components))


def of_structure(_args: Mapping[str, Any], before: State, after: State) -> CodedText:
    """The covariance structures before and after."""
    return CodedText("restructured", (before.structure.name, after.structure.name))


def of_assign(_args: Mapping[str, Any], _before: State, _after: State) -> CodedText:
    """A mixture was given from Python."""
    return CodedText("assigned")


def of_steps(cause: str, steps: int, held: int | None) -> CodedText:
    """Of EM steps; `held` is the component that a drag held meanwhile, by id."""
    if held is not None:
        return CodedText("held", ((held,), steps))
    return CodedText("run", (steps,)) if cause == "run" else CodedText(cause)

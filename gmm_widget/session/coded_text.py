"""Texts for the screen as a code with values: labels of the history, notices, errors.

The words are made where they are shown, from the template of the code, so that nobody has to read
them to learn what happened. `js/src/messages/templates.ts` holds the same templates.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import final

Value = int | str | tuple[int, ...]

LABELS = {
    "start": "start",
    "moved": "moved {components}",
    "shaped": "shaped {components}",
    "reweighed": "reweighed {components}",
    "added": "added {components}",
    "deleted": "deleted {components}",
    "split": "split {components}",
    "merged": "merged {components}",
    "resized": "{before} to {n_components}",
    "restructured": "{before} to {after}",
    "locked": "locked {components}",
    "locked_part": "locked {components} ({part})",
    "unlocked": "unlocked {components}",
    "unlocked_part": "unlocked {components} ({part})",
    "assigned": "assigned a mixture",
    "step": "EM step",
    "m_step": "M step",
    "carve": "component from a selection",
    "run": "run of {steps}",
    "held": "held {components} for {steps}",
    "adopted": "adopted optimum {optimum} of {optima}",
    "chosen": "chose {structure}, {n_components}",
    "expected": "expected mixture",
}
NOTICES = {
    "refused": "{reason}",
    "collapsed": "Component {components} collapsed: {cause}; {remedy}, or undo",
    "no_memory": "not enough memory; nothing has changed ({reason})",
    "unexpected": "unexpected {type}: {reason}; the kernel's log has more",
    "data_replaced": "Other data: the mixture stays, the history begins anew",
    "selection_dropped": "The model selection was of the old data: start it again",
    "remark": "{reason}",
}
#: Slots whose value is a number of these.
COUNTED = {"steps": "EM step", "n_components": "component"}
#: The words of each code; `{components}` are shown by letter.
TEMPLATES: Mapping[str, str] = MappingProxyType(LABELS | NOTICES)

_SLOT = re.compile(r"\{(\w+)\}")


@final
@dataclass(frozen=True)
class CodedText:
    """A key of `TEMPLATES` and the values of its slots in their order; `str` makes the words."""

    code: str
    values: tuple[Value, ...] = ()

    def __post_init__(self) -> None:
        slots = _slots(self.code)
        if len(slots) != len(self.values):
            raise ValueError(f"text {self.code!r} takes {len(slots)} values, got {self.values}")

    def __str__(self) -> str:
        values = iter(self.values)
        return _SLOT.sub(lambda slot: _words(slot[1], next(values)), TEMPLATES[self.code])

    def with_steps(self, steps: int) -> CodedText:
        """This text with another number of EM steps; as it is if it names none."""
        slots = zip(_slots(self.code), self.values, strict=True)
        return replace(self, values=tuple(steps if s == "steps" else v for s, v in slots))

    def to_json(self) -> list[object]:
        """The code, then the values."""
        return [self.code, *(list(v) if isinstance(v, tuple) else v for v in self.values)]


def letter(component: int) -> str:
    """Letter of a component, by id: 0 is A, 25 is Z, 26 is AA."""
    name = ""
    left = component + 1
    while left > 0:
        left, digit = divmod(left - 1, 26)
        name = chr(ord("A") + digit) + name
    return name


def _slots(code: str) -> list[str]:
    return _SLOT.findall(TEMPLATES[code])


def _words(slot: str, value: Value) -> str:
    if isinstance(value, tuple):
        return " and ".join(letter(component) for component in value)
    if slot in COUNTED:
        return f"{value:,} {COUNTED[slot]}{'' if value == 1 else 's'}"
    return str(value)

"""Column names: finding a column by name or position, and telling equal names apart.

Everything that takes the name of a column goes through `position`, so that there is one rule and
one message: first the label as the table has it, then the text shown for it, then the position.
"""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from typing import Any

import numpy as np

_LISTED = 12


def shown_names(labels: Sequence[Any]) -> tuple[str, ...]:
    """The labels as text; a repeated one gets its number: 'x', 'x (2)'."""
    names: list[str] = []
    for label in labels:
        name, count = str(label), 1
        while name in names:
            count += 1
            name = f"{label} ({count})"
        names.append(name)
    return tuple(names)


def position(column: Any, labels: Sequence[Any]) -> int:
    """The position of a column given by its label, its shown name or its position.

    Raises ValueError naming the columns that there are, or the positions of those with this name.
    """
    found = [j for j, label in enumerate(labels) if _same(label, column)]
    if len(found) > 1:
        raise ValueError(
            f"{len(found)} columns are called {plain(column)!r}; choose by position, one of {found}"
        )
    if found:
        return found[0]
    names = shown_names(labels)
    if isinstance(column, str) and column in names:
        return names.index(column)
    whole = isinstance(column, int | np.integer) and not isinstance(column, bool)
    if whole and 0 <= column < len(labels):
        return int(column)
    raise ValueError(_no_column(plain(column), names))


def positions(columns: Sequence[Any], labels: Sequence[Any]) -> list[int]:
    """The positions of several columns, in the order given; ValueError if one comes twice."""
    if isinstance(columns, str):
        raise ValueError(f"columns must be a list of names or positions, got {columns!r}")
    chosen = [position(column, labels) for column in columns]
    if not chosen:
        raise ValueError("columns is empty; name at least one column")
    twice = next((j for i, j in enumerate(chosen) if j in chosen[:i]), None)
    if twice is not None:
        raise ValueError(f"column {shown_names(labels)[twice]!r} is chosen twice; name it once")
    return chosen


def plain(label: Any) -> Any:
    """A label as Python prints it: NumPy's own text and numbers would show their type."""
    return label.item() if isinstance(label, np.generic) else label


def _same(label: Any, column: Any) -> bool:
    """Whether two labels are equal; True is no name for a column called 1."""
    if isinstance(label, bool) != isinstance(column, bool):
        return False
    equal = label == column
    return isinstance(equal, bool | np.bool_) and bool(equal)


def _no_column(column: Any, names: Sequence[str]) -> str:
    more = ", ..." if len(names) > _LISTED else ""
    known = f"[{', '.join(map(repr, names[:_LISTED]))}{more}]"
    near = difflib.get_close_matches(str(column), names, n=1)
    if near:
        return f"there is no column {column!r}; did you mean {near[0]!r}? The columns are {known}"
    return f"there is no column {column!r}; the columns are {known}"

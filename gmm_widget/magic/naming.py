"""What the notebook's names stand for: which are tables, and what their columns are called.

For the command and its completion. Data frames are known by what they can do, as everywhere in
the package, so no library of data frames is imported.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


def is_table(value: Any) -> bool:
    """Tell whether the widget could take this: a frame, a mapping of columns, a 2-D array."""
    if isinstance(value, type):
        return False
    if hasattr(value, "columns") and hasattr(value, "__getitem__"):
        return True
    if isinstance(value, Mapping):
        lengths = {getattr(column, "shape", None) for column in value.values()}
        return len(lengths) == 1 and None not in lengths
    return getattr(value, "ndim", 0) == 2


def tables(names: Mapping[str, Any]) -> list[str]:
    """The names that stand for tables, but for those that IPython keeps for itself."""
    return [name for name, value in names.items() if name[0] != "_" and is_table(value)]


def columns_of(data: Any) -> list[Any]:
    """The columns of a table as it labels them; an array's are called x0, x1, ..."""
    if hasattr(data, "columns"):
        return list(data.columns)
    if isinstance(data, Mapping):
        return list(data)
    shape: tuple[int, ...] = getattr(data, "shape", ())
    return [f"x{j}" for j in range(shape[1])] if len(shape) == 2 else []


def matching(text: str, known: Sequence[Any]) -> Any:
    """The label that reads like this text (labels may be numbers), or None."""
    return next((label for label in known if str(label) == text), None)

"""Which variables of the notebook are tables, and what their columns are called.

For the command and its completion. Nothing is evaluated: a lazy frame gives its names from its
schema, and a variable that is no table costs one look.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gmm_widget.data.columns import shown_names
from gmm_widget.data.source import labels_of


def is_table(value: Any) -> bool:
    """Tell whether the widget could take this: a frame, a mapping of columns, a 2-D array."""
    if isinstance(value, type):
        return False
    if isinstance(value, Mapping):
        lengths = {getattr(column, "shape", None) for column in value.values()}
        return len(lengths) == 1 and None not in lengths
    return bool(labels_of(value)) or getattr(value, "ndim", 0) == 2


def tables(names: Mapping[str, Any]) -> list[str]:
    """The variables that are tables, except those with an underscore, which IPython keeps."""
    return [name for name, value in names.items() if name[0] != "_" and is_table(value)]


def columns_of(data: Any) -> list[str]:
    """The names of a table's columns as text; an array's are x0, x1, ..."""
    return list(shown_names(labels_of(data)))

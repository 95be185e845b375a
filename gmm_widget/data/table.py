"""Any table as rows of real numbers: the one way in for the widget, the estimators and `select`.

By default the columns of numbers are taken and the others left out, by name and with the reason;
what is asked for by name must be numbers or booleans, which are 0 and 1 then. An array is taken
as a whole: it has one type.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, final

import numpy as np
from numpy.typing import NDArray

from gmm_widget.core.linalg import Array
from gmm_widget.core.validation import checked_weights, refuse_non_finite

from .columns import position, positions, shown_names
from .numbers import BOOLEANS, DATES, NUMBERS, TEXT, kind_of, real_numbers
from .source import Source, open_source


@final
class Table(NamedTuple):
    """Rows and what is known of their columns.

    values : (N, D) real numbers; NaN where a value is missing.
    columns : D names, as text.
    labels : the names as the table itself has them, () if it has none.
    left_out : the names of other columns, with what they hold.
    """

    values: NDArray[Any]
    columns: tuple[str, ...]
    labels: tuple[Any, ...] = ()
    left_out: tuple[tuple[str, str], ...] = ()

    @property
    def remark(self) -> str:
        """What to say of the columns that were left out; empty if none was."""
        if not self.left_out:
            return ""
        listed = ", ".join(f"{name!r} ({kind})" for name, kind in self.left_out)
        return f"Columns left out: {listed}. Convert them to numbers to use them"


def read_table(data: Any, columns: Sequence[Any] | None = None) -> Table:
    """The columns of numbers, or those named, of an array, frame, mapping or list of rows.

    Raises TypeError for what is no table and ValueError for one that can't be fitted; both say
    which row or column is wrong and what to do.
    """
    source = open_source(data)
    names = shown_names(source.labels)
    chosen = None if columns is None else positions(columns, source.labels)
    if source.array is not None:
        values = real_numbers(source.array, names)
        if chosen is not None:
            values, names = values[:, chosen], tuple(names[j] for j in chosen)
        return Table(values, names)
    kinds = [_kind(column) for column in source.columns]
    if chosen is None:
        chosen = [j for j, kind in enumerate(kinds) if kind == NUMBERS]
        left_out = tuple((names[j], kind) for j, kind in enumerate(kinds) if kind != NUMBERS)
    else:
        left_out = ()
    _refuse_kinds(chosen, kinds, names)
    picked = tuple(names[j] for j in chosen)
    labels = tuple(source.labels[j] for j in chosen) if source.named else ()
    return Table(_numbers(source, chosen, picked), picked, labels, left_out)


def read_weights(sample_weight: Any, n: int) -> Array | None:
    """One weight per row (N,), from any column of numbers; None stays None.

    Raises ValueError naming the row whose weight is missing, negative or infinite.
    """
    if sample_weight is None:
        return None
    source = open_source(sample_weight)
    if source.array is not None:
        values = real_numbers(source.array, ("sample_weight",) * len(source.labels))
    else:
        values = _numbers(source, range(len(source.labels)), ("sample_weight",) * 2)
    return checked_weights(values[:, 0] if source.flat else values, n)


def read_resolution(resolution: Any, labels: Sequence[Any]) -> Any:
    """A resolution for each column, of a mapping from names; "auto" for those it doesn't name."""
    if not isinstance(resolution, Mapping):
        return resolution
    each: list[Any] = ["auto"] * len(labels)
    for column, step in resolution.items():
        each[position(column, labels)] = step
    return each


def refuse_missing(table: Table) -> None:
    """ValueError that names the rows and columns of values that are missing or infinite."""
    refuse_non_finite(table.values, table.columns)


def _kind(column: Any) -> str:
    """What a column holds, in a word."""
    if isinstance(column, np.ndarray):
        return kind_of(column)
    dtype = column.dtype
    if dtype.is_numeric():
        return NUMBERS
    named = type(dtype).__name__
    if named in ("Object", "Unknown"):
        return kind_of(np.asarray(column.to_numpy()))
    known = {"Boolean": BOOLEANS, "String": TEXT, "Categorical": "categories", "Enum": "categories"}
    return known.get(named, DATES if dtype.is_temporal() else f"{named} values")


def _refuse_kinds(chosen: Sequence[int], kinds: Sequence[str], names: Sequence[str]) -> None:
    for j in chosen:
        if kinds[j] not in (NUMBERS, BOOLEANS):
            raise ValueError(
                f"column {names[j]!r} is not numeric (it holds {kinds[j]}); "
                "convert it to numbers or choose another"
            )
    if not chosen:
        held = ", ".join(f"{name!r} ({kind})" for name, kind in zip(names, kinds, strict=True))
        raise ValueError(f"the table has no numeric column; its columns: {held or 'none'}")


def _numbers(source: Source, chosen: Sequence[int], names: Sequence[str]) -> NDArray[Any]:
    """The chosen columns side by side (N, D), of the smallest type that holds them."""
    frame = source.frame
    if frame is not None and list(chosen) == list(range(len(source.columns))):
        dtypes = set(frame.schema.values())
        if len(dtypes) == 1 and str(next(iter(dtypes))) in ("Float32", "Float64"):
            return real_numbers(np.asarray(frame.to_numpy()), names)  # a view, if pandas has one
    parts = [_column(source.columns[j], name) for j, name in zip(chosen, names, strict=False)]
    return np.column_stack(parts)


def _column(column: Any, name: str) -> NDArray[Any]:
    """A column (N,) as real numbers, NaN where a value is missing."""
    if isinstance(column, np.ndarray):
        return real_numbers(column[:, None], [name])[:, 0]
    if column.dtype.is_numeric() and column.null_count():
        import narwhals.stable.v2 as nw

        single = str(column.dtype) == "Float32"
        column = column.cast(nw.Float32 if single else nw.Float64)
    return real_numbers(np.asarray(column.to_numpy())[:, None], [name])[:, 0]

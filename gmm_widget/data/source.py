"""What a user passes as data, opened once: the labels of its columns and the columns themselves.

Data frames are read with narwhals, which knows pandas, polars, pyarrow, DuckDB and others without
importing any. A lazy frame or relation is evaluated here, once, since it keeps no result. An array
stays one array, so that it need not be copied; everything else is a list of columns.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from importlib.util import find_spec
from typing import Any, NamedTuple, final

import numpy as np
from numpy.typing import NDArray

#: Libraries that can hold the result of a query, in the order in which they are tried.
_HOLDERS = ("pyarrow", "polars", "pandas")
_READERS = {".parquet": "read_parquet", ".feather": "read_feather", ".xlsx": "read_excel"}


@final
class Source(NamedTuple):
    """A table before its columns are chosen.

    labels : as the table has them; x0, x1, ... for an array.
    named : whether the table itself has names.
    flat : whether it is one-dimensional: a single column without a table around it.
    array : (N, D), if the table is one array, possibly masked.
    columns : else one array (N,) or narwhals Series per label.
    frame : the narwhals DataFrame that the columns are of, if they are.
    """

    labels: tuple[Any, ...]
    named: bool
    flat: bool = False
    array: NDArray[Any] | None = None
    columns: tuple[Any, ...] = ()
    frame: Any = None

    def without(self, j: int) -> Source:
        """The table less the column at position j."""
        kept = [i for i in range(len(self.labels)) if i != j]
        labels = tuple(self.labels[i] for i in kept)
        if self.array is not None:
            return self._replace(labels=labels, array=self.array[:, kept])
        return self._replace(
            labels=labels, columns=tuple(self.columns[i] for i in kept), frame=None
        )


def open_source(data: Any) -> Source:
    """Recognise and open a table; TypeError or ValueError says what to pass instead."""
    if isinstance(data, Source):
        return data
    if isinstance(data, np.ndarray):
        return _of_array(data)
    _refuse(data)
    if isinstance(data, Mapping):
        return _of_columns(list(data), [_part(values) for values in data.values()])
    if isinstance(data, list | tuple):
        return _of_rows(data)
    opened = _of_frame(data)
    if opened is not None:
        return opened
    if isinstance(data, Collection) and not hasattr(data, "__array__"):
        return _of_rows(list(data))
    return _of_array(_array(data))


def labels_of(data: Any) -> list[Any]:
    """The labels of a table's columns, without evaluating a lazy one; [] if it is no table."""
    if isinstance(data, Source | Mapping):
        return list(data.labels if isinstance(data, Source) else data)
    if isinstance(data, np.ndarray):
        return _array_labels(data)
    if isinstance(data, type | Sequence):
        return []
    numbered, labels = _numbered(data)
    if labels is not None:
        return labels
    frame = _narwhals(numbered)
    known = getattr(frame, "collect_schema", None)  # a Series has none
    return [] if known is None else list(known().names())


def _refuse(data: Any) -> None:
    """TypeError for what holds a table but is none, with what to pass in its place."""
    kind = type(data).__name__
    if isinstance(data, str | bytes | os.PathLike):
        path = os.fspath(data)
        suffix = os.path.splitext(str(path))[1]
        reader = _READERS.get(suffix, "read_csv")
        raise TypeError(f"{path!r} is a path or text: read it first, as in pandas.{reader}(path)")
    if hasattr(data, "toarray") and hasattr(data, "nnz"):
        raise TypeError(
            "Sparse data was passed for X, but dense data is required. "
            "Use '.toarray()' to convert to a dense numpy array."
        )
    if "GroupBy" in kind:
        raise TypeError(f"{kind} holds groups of rows: pass the table itself, or one group")
    if isinstance(data, Iterator):
        raise TypeError(f"a {kind} can be read only once: pass list(...) of it")
    if isinstance(data, type):
        raise TypeError(f"{kind} {data.__name__} is a class: pass a table of data")


def _of_array(array: NDArray[Any]) -> Source:
    if array.dtype.names:
        names = array.dtype.names
        return _of_columns(list(names), [array[name] for name in names])
    if array.ndim == 1:
        return Source(("x0",), False, True, array[:, None])
    if array.ndim != 2:
        what = f"the shape {array.shape}" if array.ndim else f"{array.item()!r}"
        raise ValueError(
            f"Found array with dim {array.ndim}: the data must be a table of N rows and D columns, "
            f"got {what}"
        )
    return Source(tuple(_array_labels(array)), False, array=array)


def _array_labels(array: NDArray[Any]) -> list[Any]:
    if array.dtype.names:
        return list(array.dtype.names)
    return [f"x{j}" for j in range(array.shape[1])] if array.ndim == 2 else []


def _of_columns(labels: Sequence[Any], columns: Sequence[Any]) -> Source:
    """Columns of equal length under their labels."""
    shapes = {str(label): column.shape for label, column in zip(labels, columns, strict=True)}
    if len(set(shapes.values())) != 1 or any(len(shape) != 1 for shape in shapes.values()):
        raise ValueError(f"the columns must be flat and of one length, got {shapes}")
    return Source(tuple(labels), True, columns=tuple(columns))


def _of_rows(rows: Sequence[Any]) -> Source:
    """Rows as sequences, or as mappings from names, in which a name may be absent."""
    if len(rows) and all(isinstance(row, Mapping) for row in rows):
        labels = list(dict.fromkeys(label for row in rows for label in row))
        return _of_columns(labels, [_array([row.get(label) for row in rows]) for label in labels])
    return _of_array(_array(rows))


def _part(values: Any) -> Any:
    """One column of a mapping: a narwhals Series, which knows what it holds, or an array."""
    series = None if isinstance(values, np.ndarray | list | tuple) else _narwhals(values)
    return _array(values) if series is None else series


def _array(values: Any) -> NDArray[Any]:
    """Anything that NumPy can read as an array; a mask is kept."""
    if isinstance(values, np.ndarray):
        return values
    try:
        if isinstance(values, list | tuple) and any(map(np.ma.isMaskedArray, values)):
            return np.ma.array(values)
        return np.asarray(values)
    except ValueError as error:
        lengths = [len(row) if hasattr(row, "__len__") else None for row in values]
        odd = next((i for i, length in enumerate(lengths) if length != lengths[0]), None)
        if odd is None:
            raise
        raise ValueError(
            f"the data are not a table: rows differ in length (row 0 has {lengths[0]} values, "
            f"row {odd} has {lengths[odd]})"
        ) from error
    except RuntimeError as error:  # a tensor that needs a gradient, or is on another device
        raise TypeError(f"{type(values).__name__} can't be read as an array: {error}") from error


def _of_frame(data: Any) -> Source | None:
    """A data frame or Series of any library; None for what is neither."""
    numbered, labels = _numbered(data)
    found = _narwhals(numbered)
    if found is None:
        return None
    if not hasattr(found, "columns"):  # a Series
        return Source((found.name or "x0",), bool(found.name), True, columns=(found,))
    if hasattr(found, "collect"):
        found = found.collect(backend=_holder(data))
    columns = tuple(found.iter_columns())
    return Source(tuple(labels or found.columns), True, columns=columns, frame=found)


def _numbered(data: Any) -> tuple[Any, list[Any] | None]:
    """A frame fit for narwhals, and its labels; where these repeat, it has numbers for labels."""
    from narwhals import dependencies as known

    pyarrow = known.get_pyarrow()
    if known.is_dask_dataframe(data):
        frame: Any = data
        data = frame.compute()
    if pyarrow is not None and isinstance(data, pyarrow.RecordBatch):
        data = pyarrow.Table.from_batches([data])
    if known.is_pandas_dataframe(data):
        labels = list(data.columns)
        return data if data.columns.is_unique else data.set_axis(range(len(labels)), axis=1), labels
    if known.is_pyarrow_table(data):
        labels = list(data.column_names)
        return data.rename_columns([str(j) for j in range(len(labels))]), labels
    return data, None


def _narwhals(data: Any) -> Any:
    """The narwhals view of a frame or Series, or None."""
    import narwhals.stable.v2 as nw

    found = nw.from_native(data, allow_series=True, pass_through=True)
    if isinstance(found, nw.DataFrame | nw.LazyFrame | nw.Series):
        return found
    if hasattr(data, "__arrow_c_stream__") and find_spec("pyarrow"):
        return nw.DataFrame.from_arrow(data, backend="pyarrow")
    return None


def _holder(data: Any) -> str | None:
    """The library that is to hold the result of a lazy frame; None for the frame's own."""
    if type(data).__module__.partition(".")[0] == "polars":
        return None
    found = next((name for name in _HOLDERS if find_spec(name)), None)
    if found is None:
        raise ImportError(f"reading a {type(data).__name__} needs one of {', '.join(_HOLDERS)}")
    return found

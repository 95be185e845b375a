"""A fit beside the rows it was made of: each row's component, and how sure that is, as a frame."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gmm_widget.core.linalg import Array
from gmm_widget.core.mixture import Mixture
from gmm_widget.core.passes.evaluation import assignments
from gmm_widget.data.columns import positions, shown_names
from gmm_widget.data.numbers import real_numbers
from gmm_widget.data.source import Source, open_source
from gmm_widget.data.table import read_table

from .outliers import density_level

if TYPE_CHECKING:
    import pandas as pd

ADDED = ("component", "confidence", "log_density", "outlier")


def labelled(
    mixture: Mixture,
    data: Any,
    columns: Sequence[Any] | None = None,
    *,
    names: Sequence[str] | None = None,
    rate: float = 0.01,
    prefix: str = "",
    rng: np.random.Generator | None = None,
) -> pd.DataFrame:
    """The rows of `data` as a pandas frame, with four columns more.

    `component`: the most probable one, as a number or by `names` (K,), a category then;
    `confidence`: the probability of it; `log_density`: in nats; `outlier`: whether that is below
    what a share `rate` of the mixture's own rows has (see `density_level`). `prefix` goes before
    these names.

    `data` is a table of any kind that `GMMWidget` takes (pandas keeps its index, others are
    copied). `columns`, names or positions, are those the mixture is of, in its order; by default
    all. A row with a missing, masked or infinite value in one of them gets missing values.
    Raises ValueError naming a column that is not there or not numeric, or that would be hidden,
    and ImportError without pandas.
    """
    import pandas as pd

    source = open_source(data)
    frame = _frame(source)
    chosen = _chosen(source, columns, mixture.n_features)
    added = [prefix + name for name in ADDED]
    taken = [name for name in added if name in frame.columns]
    if taken:
        raise ValueError(f"there is a column {taken[0]!r} already; choose a prefix to tell them by")
    if names is not None and len(names) != mixture.n_components:
        raise ValueError(f"{mixture.n_components} components need as many names; got {len(names)}")
    values = read_table(source, chosen).values
    known: NDArray[np.bool_] = np.asarray(np.isfinite(values).all(axis=1))
    component, confidence, logs = assignments(mixture.prepared(), values[known])
    codes = np.full(len(known), -1, dtype=np.int64)
    codes[known] = component
    outlier = np.zeros(len(known), dtype=np.bool_)
    outlier[known] = logs < density_level(mixture, rate, rng)
    label: Any = pd.arrays.IntegerArray(codes, ~known)
    if names is not None:
        label = pd.Categorical(
            np.array([*names, None], dtype=object)[codes], categories=list(names)
        )
    flags = pd.arrays.BooleanArray(outlier, ~known)
    parts = (label, _spread(confidence, known), _spread(logs, known), flags)
    result: pd.DataFrame = frame.assign(**dict(zip(added, parts, strict=True)))
    return result


def _spread(values: Array, known: NDArray[np.bool_]) -> Array:
    """Values of the known rows at their places, NaN at the others."""
    full = np.full(len(known), np.nan)
    full[known] = values
    return full


def _chosen(source: Source, columns: Sequence[Any] | None, d: int) -> list[int]:
    """The positions of the columns that the mixture is of."""
    if columns is None:
        known = len(source.labels)
        if known != d:
            raise ValueError(
                f"the mixture has {d} columns and the data {known}: say which by columns=; "
                f"there are {list(shown_names(source.labels))}"
            )
        return list(range(d))
    if len(columns) != d:
        raise ValueError(f"the mixture has {d} columns; got {len(columns)} names of them")
    return positions(columns, source.labels)


def _frame(source: Source) -> pd.DataFrame:
    """All columns as a pandas frame; of one that is that already, the index stays."""
    import pandas as pd

    native = None if source.frame is None else source.frame.to_native()
    if isinstance(native, pd.DataFrame):
        same = list(native.columns) == list(source.labels)
        return native if same else native.set_axis(list(source.labels), axis=1)
    if source.array is not None:
        masked = np.ma.isMaskedArray(source.array)
        values = real_numbers(source.array, shown_names(source.labels)) if masked else source.array
        return pd.DataFrame(values, columns=list(source.labels))
    frame = pd.concat([pd.Series(_plain(column)) for column in source.columns], axis=1)
    return frame.set_axis(list(source.labels), axis=1)


def _plain(column: Any) -> NDArray[Any]:
    """A column of a source as an array; masked entries are NaN, or None among objects."""
    values = column if isinstance(column, np.ndarray) else np.asarray(column.to_numpy())
    if not np.ma.isMaskedArray(values):
        return values
    if values.dtype.kind in "biuf":
        return real_numbers(values[:, None], [""])[:, 0]
    return np.asarray(np.ma.filled(values.astype(object), None))

"""Rows of a table with the component of each and the confidence in it, as a data frame."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gmm_widget.core.linalg import Array
from gmm_widget.core.mixture import Mixture
from gmm_widget.core.passes.evaluation import assignments
from gmm_widget.core.passes.prepared_density import PreparedDensity
from gmm_widget.core.random_state import RandomState
from gmm_widget.core.renamed import renamed
from gmm_widget.data.columns import positions, shown_names
from gmm_widget.data.numbers import real_numbers
from gmm_widget.data.source import Source, open_source
from gmm_widget.data.table import read_table

from .outliers import density_level

if TYPE_CHECKING:
    import pandas as pd

ADDED = ("component", "confidence", "log_density", "outlier")


@renamed(rng="random_state")
def labelled(
    mixture: Mixture,
    data: Any,
    columns: Sequence[Any] | None = None,
    *,
    names: Sequence[str] | None = None,
    rate: float = 0.01,
    prefix: str = "",
    random_state: RandomState = 0,
) -> pd.DataFrame:
    """The rows of a table as a pandas frame, with four more columns.

    Parameters
    ----------
    mixture : Mixture
    data : table
        Of any kind that `GMMWidget` takes. A pandas frame keeps its index.
    columns : sequence of names or positions, optional
        The columns that the mixture was fitted to, in its order; by default all.
    names : sequence of str (K,), optional
        Names of the components.
    rate : float, default 0.01
        The share of the mixture's own rows that would be outliers, see `density_level`.
    prefix : str
        Goes before the names of the columns added.
    random_state : int or numpy.random.Generator, default 0
        For `density_level`.

    Returns
    -------
    pandas.DataFrame
        With the columns `component`, the most probable one, as a number or a category of `names`;
        `confidence`, the probability of it; `log_density` in nats; and `outlier`. They are missing
        where a value of the row is missing, masked or infinite.

    Raises
    ------
    ValueError
        Naming a column that is not there or not numeric, or that would be hidden.
    ImportError
        Without pandas.

    Examples
    --------
    >>> from gmm_widget import Mixture, labelled
    >>> mixture = Mixture([0.5, 0.5], [[0.0], [4.0]], [[[1.0]], [[1.0]]])
    >>> table = labelled(mixture, {"x": [1.0, 9.0]}, names=["low", "high"])
    >>> table[["component", "outlier"]].to_numpy().tolist()
    [['low', False], ['high', True]]
    """
    import pandas as pd

    source = open_source(data)
    frame = _frame(source)
    chosen = _chosen(source, columns, mixture.n_features)
    added = [prefix + name for name in ADDED]
    taken = [name for name in added if name in frame.columns]
    if taken:
        raise ValueError(f"there is a column {taken[0]!r} already; choose a prefix")
    if names is not None and len(names) != mixture.n_components:
        raise ValueError(f"{mixture.n_components} components need as many names; got {len(names)}")
    values = read_table(source, chosen).values
    known: NDArray[np.bool_] = np.asarray(np.isfinite(values).all(axis=1))
    component, confidence, logs = assignments(PreparedDensity(mixture), values[known])
    codes = np.full(len(known), -1, dtype=np.int64)
    codes[known] = component
    outlier = np.zeros(len(known), dtype=np.bool_)
    outlier[known] = logs < density_level(mixture, rate, random_state)
    label: Any = pd.arrays.IntegerArray(codes, ~known)
    if names is not None:
        label = pd.Categorical(
            np.array([*names, None], dtype=object)[codes], categories=list(names)
        )
    flags = pd.arrays.BooleanArray(outlier, ~known)
    parts = (label, _at_known(confidence, known), _at_known(logs, known), flags)
    result: pd.DataFrame = frame.assign(**dict(zip(added, parts, strict=True)))
    return result


def _at_known(values: Array, known: NDArray[np.bool_]) -> Array:
    """Values of the known rows at their places, NaN at the others."""
    full = np.full(len(known), np.nan)
    full[known] = values
    return full


def _chosen(source: Source, columns: Sequence[Any] | None, d: int) -> list[int]:
    """The positions of the columns that the mixture was fitted to."""
    if columns is None:
        known = len(source.labels)
        if known != d:
            raise ValueError(
                f"the mixture has {d} columns and the data {known}: choose {d} of "
                f"{list(shown_names(source.labels))} by columns="
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

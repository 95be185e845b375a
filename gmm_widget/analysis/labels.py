"""A fit beside the rows it was made of: each row's component, and how sure that is, as a frame."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gmm_widget.core.density import log_sum_exp
from gmm_widget.core.linalg import Array
from gmm_widget.core.mixture import Mixture

from .outliers import level

if TYPE_CHECKING:
    import pandas as pd

ADDED = ("component", "confidence", "log_density", "outlier")
_ROWS = 1 << 15


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
    what a share `rate` of the mixture's own rows has (see `region.level`). `prefix` goes before
    these names.

    `data` is a frame (pandas keeps its index, other frames such as polars' are copied) or an
    array (N, C). `columns`, names or positions, are those the mixture is of, in its order; by
    default all. A row with a missing or infinite value in one of them gets missing values.
    Raises ValueError naming a column that is not there or not numeric, or that would be hidden,
    and ImportError without pandas.
    """
    import pandas as pd

    frame = _frame(pd, data)
    chosen = _chosen(frame, columns, mixture.n_features)
    added = [prefix + name for name in ADDED]
    taken = [name for name in added if name in frame.columns]
    if taken:
        raise ValueError(f"there is a column {taken[0]!r} already; choose a prefix to tell them by")
    if names is not None and len(names) != mixture.n_components:
        raise ValueError(f"{mixture.n_components} components need as many names; got {len(names)}")
    values = _numbers(frame, chosen)
    known: NDArray[np.bool_] = np.asarray(np.isfinite(values).all(axis=1))
    component, confidence, logs = _judged(mixture, values[known])
    codes = np.full(len(known), -1, dtype=np.int64)
    codes[known] = component
    outlier = np.zeros(len(known), dtype=np.bool_)
    outlier[known] = logs < level(mixture, rate, rng)
    label: Any = pd.arrays.IntegerArray(codes, ~known)
    if names is not None:
        label = pd.Categorical(
            np.array([*names, None], dtype=object)[codes], categories=list(names)
        )
    flags = pd.arrays.BooleanArray(outlier, ~known)
    parts = (label, _spread(confidence, known), _spread(logs, known), flags)
    result: pd.DataFrame = frame.assign(**dict(zip(added, parts, strict=True)))
    return result


def _judged(mixture: Mixture, x: Array) -> tuple[NDArray[np.int64], Array, Array]:
    """The component (N,), its probability and the log density, a block of rows at a time."""
    component = np.zeros(len(x), dtype=np.int64)
    confidence, logs = np.zeros(len(x)), np.zeros(len(x))
    for rows in _blocks(len(x)):
        joint = mixture.log_joint(x[rows])
        component[rows] = joint.argmax(axis=1)
        logs[rows] = log_sum_exp(joint)
        confidence[rows] = np.exp(joint.max(axis=1) - logs[rows])
    return component, np.minimum(confidence, 1.0), logs


def _blocks(n: int) -> Iterator[slice]:
    return (slice(start, start + _ROWS) for start in range(0, n, _ROWS))


def _spread(values: Array, known: NDArray[np.bool_]) -> Array:
    """Values of the known rows at their places, NaN at the others."""
    full = np.full(len(known), np.nan)
    full[known] = values
    return full


def _frame(pd: Any, data: Any) -> Any:
    """The data as a pandas frame; what is one already stays as it is."""
    if isinstance(data, pd.DataFrame):
        return data
    names = getattr(data, "columns", None)
    if names is not None and not callable(names):
        return pd.DataFrame({name: np.asarray(data[name]) for name in names})
    array = np.asarray(data)
    if array.ndim == 1:
        array = array[:, None]
    if array.ndim != 2:
        raise ValueError(f"data must be rows of columns, (N, C); got shape {array.shape}")
    return pd.DataFrame(array, columns=[f"x{i}" for i in range(array.shape[1])])


def _chosen(frame: Any, columns: Sequence[Any] | None, d: int) -> list[Any]:
    """The names of the columns that the mixture is of."""
    known = list(frame.columns)
    if columns is None:
        if len(known) != d:
            raise ValueError(
                f"the mixture has {d} columns and the data {len(known)}: say which by columns=; "
                f"there are {known}"
            )
        return known
    if len(columns) != d:
        raise ValueError(f"the mixture has {d} columns; got {len(columns)} names of them")
    return [_name(column, known) for column in columns]


def _name(column: Any, known: list[Any]) -> Any:
    if column in known:
        return column
    if isinstance(column, int | np.integer) and 0 <= column < len(known):
        return known[int(column)]
    raise ValueError(f"there is no column {column!r}; the columns are {known}")


def _numbers(frame: Any, chosen: list[Any]) -> Array:
    """The chosen columns (N, D) as float64, missing values as NaN."""
    parts = []
    for name in chosen:
        try:
            parts.append(np.asarray(frame[name].to_numpy(dtype=np.float64, na_value=np.nan)))
        except (TypeError, ValueError):
            raise ValueError(f"column {name!r} is not of numbers; choose others") from None
    return np.stack(parts, axis=1)

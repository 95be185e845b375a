"""Creates a session from a table: reads it, starts a mixture, and checks the columns to show.

`gmm_widget.data` reads tables of every kind; the limits of the widget are checked here.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, final

import numpy as np
from numpy.typing import NDArray

from gmm_widget.core.frozen import locked, read_only
from gmm_widget.core.initialise import initial_mixture
from gmm_widget.core.mixture import Mixture
from gmm_widget.core.points import Points
from gmm_widget.core.structure import structure as structure_named
from gmm_widget.data.columns import position, positions, shown_names
from gmm_widget.data.doubts import doubts
from gmm_widget.data.numbers import floating
from gmm_widget.data.source import Source, open_source
from gmm_widget.data.table import Table, read_resolution, read_table, read_weights, refuse_missing
from gmm_widget.session.edits import MAX_COMPONENTS
from gmm_widget.session.plane import Plane
from gmm_widget.session.session import Session
from gmm_widget.session.settings import Settings
from gmm_widget.session.state import State

MAX_COLUMNS = 64
MAX_COPIED_BYTES = 1 << 28  # larger data are not copied, but read with a checksum
_COARSE = 0.25  # steps in standard deviations from which a resolution is worth a remark


@final
class NewSession(NamedTuple):
    """A session, the plane shown, the names of its columns, and a remark on the columns."""

    session: Session
    plane: Plane
    columns: tuple[str, ...]
    remark: str


def create_session(
    data: Any,
    n_components: int,
    covariance_type: str,
    columns: Sequence[Any] | None,
    dims: Sequence[Any] | None,
    sample_weight: Any,
    mixture: Mixture | None,
    random_state: int | np.random.Generator | None,
    settings: Settings,
    resolution: Any = "auto",
) -> NewSession:
    """Read the data, start a mixture (by k-means++ unless one is given) and evaluate it."""
    structure = structure_named(covariance_type)
    table = read_table(data, columns)
    shown = resolve_dims(dims, table.columns)
    values, points = _points(table, sample_weight, resolution)
    if mixture is None:
        rng = np.random.default_rng(random_state)
        mixture = initial_mixture(points, checked_n_components(n_components), structure, rng=rng)
    session = Session(points, State.of(mixture, structure), settings)
    session.evaluate()
    remarks = (table.remark, remarks_on(values, points, table.columns))
    remark = ". ".join(text for text in remarks if text)
    return NewSession(session, Plane(values, shown, rev=1), table.columns, remark)


def read_points(
    data: Any, columns: tuple[str, ...], sample_weight: Any = None, resolution: Any = "auto"
) -> tuple[NDArray[np.floating[Any]], Points]:
    """New data for a session with these columns: by name, or by position for unnamed data."""
    source = open_source(data)
    chosen = None
    if source.named:
        _refuse_other_names(source, columns)
        chosen = positions(columns, shown_names(source.labels))
    table = read_table(source, chosen)
    if len(table.columns) != len(columns):
        raise ValueError(
            f"the new data have {len(table.columns)} columns, the mixture has {len(columns)}; "
            "choose columns, or make another widget"
        )
    return _points(table, sample_weight, resolution)


def remarks_on(values: NDArray[np.floating[Any]], points: Points, columns: tuple[str, ...]) -> str:
    """What to say of columns and rows that are hardly measurements, and of coarse columns."""
    found = (doubts(values, columns, points.sample_weight), _rounded(points, columns))
    return ". ".join(text for text in found if text)


def checked_n_components(n: Any) -> int:
    """`n` as a number of components; ValueError gives the range."""
    if isinstance(n, bool) or not isinstance(n, int | np.integer) or not 1 <= n <= MAX_COMPONENTS:
        raise ValueError(f"n_components must be a whole number of 1 to {MAX_COMPONENTS}, got {n!r}")
    return int(n)


def whole_number(value: Any, what: str, least: int) -> int:
    """The value as an int; ValueError if it is none, or less than `least`."""
    whole = isinstance(value, int | np.integer) and not isinstance(value, bool)
    if not whole or value < least:
        raise ValueError(f"{what} must be a whole number of {least} or more, got {value!r}")
    return int(value)


def real_number(value: Any, what: str) -> float:
    """The value as a float; ValueError if it is no number."""
    if isinstance(value, bool | str) or not hasattr(value, "__float__"):
        raise ValueError(f"{what} must be a number, got {value!r}")
    return float(value)


def resolve_dims(dims: Sequence[Any] | None, columns: tuple[str, ...]) -> tuple[int, ...]:
    """Positions of the two columns shown."""
    if len(columns) < 2:
        raise ValueError(
            f"the widget shows two columns against each other; "
            f"the data have one ({columns[0]}): "
            "add a second, or fit it with GaussianMixture"
        )
    if dims is None:
        return (0, 1)
    pair = isinstance(dims, Sequence | np.ndarray) and not isinstance(dims, str) and len(dims) == 2
    chosen = tuple(position(column, columns) for column in dims) if pair else ()
    if not pair or chosen[0] == chosen[1]:
        raise ValueError(f"dims must be 2 different columns of {list(columns)}, got {dims!r}")
    return chosen


def _points(
    table: Table, sample_weight: Any, resolution: Any
) -> tuple[NDArray[np.floating[Any]], Points]:
    """The rows and their points; ValueError names rows and columns with missing values.

    Rows are copied, so that a caller who writes into his array doesn't change the data of a fit;
    above `MAX_COPIED_BYTES` a checksum notices it instead.
    """
    if len(table.columns) > MAX_COLUMNS:
        raise ValueError(
            f"the data have {len(table.columns)} columns; the widget takes at most {MAX_COLUMNS}: "
            "choose some with columns=[...], or fit them with GaussianMixture"
        )
    refuse_missing(table)
    values = floating(table.values)
    copied = values.nbytes <= MAX_COPIED_BYTES
    values = locked(np.array(values) if copied else values.view()).view()
    given = read_weights(sample_weight, len(values))
    weights = None if given is None else read_only(given)
    steps = read_resolution(resolution, table.columns)
    points = Points.of(values, weights, steps, tuple(table.columns))
    return values, points if copied else points.with_checksum()


def _rounded(points: Points, columns: tuple[str, ...]) -> str:
    """A remark on columns so coarse that it matters; empty if none is."""
    if points.resolution is None:
        return ""
    sd = np.sqrt(points.variance) * points.frame.scale
    coarse = np.flatnonzero(points.resolution > _COARSE * sd)
    listed = ", ".join(f"{columns[j]!r} to {points.resolution[j]:g}" for j in coarse)
    if not listed:
        return ""
    return f"Rounded columns: {listed}; no component is narrower than that (see resolution)"


def _refuse_other_names(source: Source, columns: tuple[str, ...]) -> None:
    """ValueError unless the widget's columns are among those of the new data."""
    known = shown_names(source.labels)
    missing = [name for name in columns if name not in known]
    if missing:
        raise ValueError(
            f"the new data have no column {missing[0]!r}; the widget's columns are "
            f"{list(columns)}, those of the data {list(known)}: rename them, or pass an array of "
            f"{len(columns)} columns in the widget's order"
        )

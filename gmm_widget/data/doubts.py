"""Columns that are hardly measurements, and rows far from all others: named, and left in.

A column of few values, a constant or one that follows from others is fitted as any column is, but
a mixture then describes its values and not groups. A row beyond all others is often a code for
"missing"; it widens the data's variance, by which the regularisation is measured. What to do about
either is the user's choice, so this only says what was seen.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gmm_widget.core.linalg import Array

#: A column of at most so many distinct values has few, if there are that many rows for each.
_FEW, _ROWS_EACH = 5, 10
#: Correlation matrices with an eigenvalue below this are singular.
_SINGULAR = 1e-10
#: A row is far out if it lies beyond the middle four fifths by so many times their width.
_FAR = 1000.0
_SAMPLE = 1 << 14
_BLOCK = 1 << 16


def doubts(values: NDArray[Any], names: Sequence[str], weight: Array | None = None) -> str:
    """What is odd about the columns of finite rows (N, D), and what to do; empty if nothing is."""
    rows = values if weight is None or weight.all() else values[weight > 0]
    sample = np.asarray(rows[:: -(-len(rows) // _SAMPLE)], dtype=np.float64)
    if len(sample) < 2:
        return ""
    constant = [j for j in range(len(names)) if np.ptp(sample[:, j]) == np.ptp(rows[:, j]) == 0]
    few = [j for j in range(len(names)) if j not in constant and _has_few(sample[:, j])]
    found = [_named("constant", constant, names, "leave out")]
    found += [
        f"Column {names[j]!r} has {len(np.unique(sample[:, j]))} distinct values: "
        "leave it out if it is no measurement"
        for j in few
    ]
    found.append(_collinear(sample, names, constant))
    found += [_far(values[:, j], weight, sample[:, j], names[j]) for j in range(len(names))]
    return ". ".join(text for text in found if text)


def _named(what: str, which: Sequence[int], names: Sequence[str], remedy: str) -> str:
    if not which:
        return ""
    listed = ", ".join(repr(names[j]) for j in which)
    return f"{'Columns' if len(which) > 1 else 'Column'} {listed}: {what}; {remedy}"


def _has_few(column: Array) -> bool:
    distinct = len(np.unique(column))
    return distinct <= _FEW and len(column) >= _ROWS_EACH * distinct


def _collinear(sample: Array, names: Sequence[str], constant: Sequence[int]) -> str:
    """The columns of which one follows from the others."""
    near = ~np.any([_is_far(column, column) for column in sample.T], axis=0)
    sample = sample[near]
    used = [j for j in range(len(names)) if j not in constant and np.ptp(sample[:, j]) > 0]
    if len(used) < 2 or len(sample) <= len(used):
        return ""
    centred = sample[:, used] - sample[:, used].mean(axis=0)
    centred /= np.sqrt((centred**2).mean(axis=0))
    eigenvalues, vectors = np.linalg.eigh(centred.T @ centred / len(sample))
    if eigenvalues[0] > _SINGULAR:
        return ""
    which = [j for j, share in zip(used, np.abs(vectors[:, 0]), strict=True) if share > 1e-3]
    return _named("one follows from the others", which, names, "leave one out")


def _far(column: NDArray[Any], weight: Array | None, sample: Array, name: str) -> str:
    """The rows of any weight that lie beyond all others by far, if any do; in blocks."""
    starts = range(0, len(column), _BLOCK)
    far = np.concatenate(
        [i + np.flatnonzero(_is_far(column[i : i + _BLOCK], sample)) for i in starts]
    )
    if weight is not None:
        far = far[weight[far] > 0]
    if len(far) == 0:
        return ""
    row = int(far[0])
    others = f", as are {len(far) - 1} others" if len(far) > 1 else ""
    return (
        f"Row {row} of column {name!r} is {column[row]:g}, far from all others{others}: "
        "leave it out if it stands for a missing value"
    )


def _is_far(column: NDArray[Any], sample: Array) -> NDArray[np.bool_]:
    """Which values lie far from the middle of a sample; none if most of that is one value."""
    low, middle, high = np.quantile(sample, [0.1, 0.5, 0.9])
    limit = _FAR * (high - low) if high > low else np.inf
    return np.asarray(np.abs(column.astype(np.float64) - middle) > limit)

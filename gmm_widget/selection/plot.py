"""A selection as a picture: curves over the number of components, and a map of all cells."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .cell import FITTED, Table
from .criteria import CRITERIA

_MARKERS = "os^Dv<>PXp*hdH"


def draw(selection: Table, ax: Any, criterion: str) -> Any:
    """Curves and a map on a new figure, or on the axes given: one for curves, a pair for both.

    Returns the axes as an array. A cell that collapsed or is spurious is a gap in its curve and a
    cross in the map; the best has a ring. ImportError without matplotlib; ValueError for axes of
    another number.
    """
    if ax is None:
        from matplotlib import pyplot

        _, ax = pyplot.subplots(1, 2, figsize=(10, 3.8), layout="constrained")
    axes = np.atleast_1d(np.asarray(ax, dtype=object)).ravel()
    if len(axes) not in (1, 2):
        raise ValueError(f"ax must be one axes or a pair; got {len(axes)}")
    _curves(selection, axes[0], criterion)
    if len(axes) == 2:
        _map(selection, axes[1], criterion)
    return axes


def _curves(selection: Table, ax: Any, criterion: str) -> None:
    for i, name in enumerate(selection.structures):
        scores = _scores(selection, name, criterion)
        marker = _MARKERS[i % len(_MARKERS)]
        ax.plot(selection.counts, scores, marker=marker, markersize=5, linewidth=1.2, label=name)
    order = selection.ranked(criterion)
    if order:
        ring = {"marker": "o", "markersize": 13, "fillstyle": "none", "color": "black"}
        ax.plot([order[0].n_components], [order[0].scores[criterion]], linestyle="none", **ring)
    _framed(selection, ax, criterion)
    ax.set_xlabel("components")
    ax.set_ylabel(f"{CRITERIA[criterion].title} (lower is better)")
    ax.set_xticks(selection.counts)
    if selection.structures:
        ax.legend(fontsize="small", frameon=False)


def _framed(selection: Table, ax: Any, criterion: str) -> None:
    """Leave out the worse part of the cells, next to which the others would look the same."""
    scores = [cell.scores[criterion] for cell in selection.ranked(criterion)]
    if len(scores) > 3 and scores[0] < scores[-1]:
        height = float(np.quantile(scores, 0.6)) - scores[0]
        height = height if height > 0 else scores[-1] - scores[0]
        ax.set_ylim(scores[0] - 0.06 * height, scores[0] + 1.06 * height)


def _map(selection: Table, ax: Any, criterion: str) -> None:
    """How far each cell is above the best; the scale is that of a square root, so that near is
    told from nearer."""
    rows = np.array([_scores(selection, name, criterion) for name in selection.structures])
    rows = rows.reshape(len(selection.structures), len(selection.counts))
    if not np.isfinite(rows).any():
        ax.set_axis_off()
        return
    above = np.ma.masked_invalid(np.sqrt(rows - np.nanmin(rows)))
    image = ax.imshow(above, aspect="auto", cmap="viridis")
    for i, j in np.argwhere(~np.isfinite(rows)):
        ax.text(j, i, "×", ha="center", va="center")
    i, j = np.unravel_index(np.nanargmin(rows), rows.shape)
    ax.plot([j], [i], marker="o", markersize=13, fillstyle="none", color="white", linestyle="none")
    ax.set_xticks(range(len(selection.counts)), [str(k) for k in selection.counts])
    ax.set_yticks(range(len(selection.structures)), selection.structures)
    ax.set_xlabel("components")
    ax.set_title(f"{CRITERIA[criterion].title}, best {np.nanmin(rows):.2f}", fontsize="medium")
    bar = ax.figure.colorbar(image, ax=ax, label="above the best")
    ticks = [tick for tick in bar.get_ticks() if 0 <= tick <= above.max()]
    bar.set_ticks(ticks, labels=[f"{tick**2:.3g}" for tick in ticks])


def _scores(selection: Table, structure: str, criterion: str) -> list[float]:
    """A structure's scores by number of components, NaN where one can't be trusted."""
    found = {
        c.n_components: c
        for c in selection.cells
        if c.covariance_type == structure and c.status == FITTED
    }
    return [found[k].scores[criterion] if k in found else math.nan for k in selection.counts]

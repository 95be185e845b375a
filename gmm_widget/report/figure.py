"""A mixture over its points as a matplotlib figure, in the widget's colours.

Four kinds: clusters, density, outliers, and the uncertainty of the memberships. Responsibilities
are those of the whole mixture, in all its columns; ellipses are marginals in the plane shown, at
one and two standard deviations.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple, final

import numpy as np
from numpy.typing import NDArray

from gmm_widget.analysis.outliers import density_grid, density_level
from gmm_widget.core.mixture import Mixture
from gmm_widget.report.palette import colour_of, mixed

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST_POINTS = 20_000  # more than this are drawn from an even sample
OUTLIER_RATE = 0.01  # share of the mixture's own rows that would be outliers
GREY, DARK, LIGHT, UNCERTAIN, OUT = "#8b8d98", "#1c2024", "#c4c6cf", "#e31c79", "#c62a2f"


@final
class Picture(NamedTuple):
    """What is drawn: points (N, D), a mixture, the ids (for colours) and letters of its components,
    the two columns shown, and the names of all D.
    """

    values: NDArray[np.floating[Any]]
    mixture: Mixture
    ids: tuple[int, ...]
    letters: Sequence[str]
    dims: Sequence[int]
    columns: Sequence[str]


def figure(picture: Picture, kind: str = "clusters", axes: Axes | None = None) -> Figure:
    """A figure of this kind (one of KINDS), or the one that `axes` belong to."""
    if kind not in KINDS:
        raise ValueError(f"unknown kind of figure {kind!r}; choose from {', '.join(KINDS)}")
    if axes is None:
        from gmm_widget.report.shown import InlineFigure

        axes = InlineFigure(figsize=(6.4, 4.6), layout="constrained").add_subplot()
    KINDS[kind](axes, picture)
    plane = picture.mixture.marginal(picture.dims)
    for i, (identity, letter) in enumerate(zip(picture.ids, picture.letters, strict=True)):
        _draw_component(axes, plane, i, colour_of(identity), letter)
    i, j = picture.dims
    # Names of columns are text: matplotlib would read what stands between dollar signs as formulas.
    axes.set_xlabel(picture.columns[i], parse_math=False)
    axes.set_ylabel(picture.columns[j], parse_math=False)
    axes.spines[["top", "right"]].set_visible(False)
    made = axes.figure
    while not hasattr(made, "savefig"):  # axes may lie in a part of a figure
        made = made.figure
    return made  # type: ignore[return-value]


def _rows(picture: Picture) -> NDArray[np.float64]:
    step = -(-len(picture.values) // MOST_POINTS)
    return np.asarray(picture.values[::step], dtype=np.float64)


def _dots(axes: Axes, rows: NDArray[np.float64], dims: Sequence[int], colour: Any) -> None:
    size = float(np.clip(6000 / max(1, len(rows)), 1, 22))
    x, y = rows[:, dims[0]], rows[:, dims[1]]
    axes.scatter(x, y, c=colour, s=size, linewidths=0, alpha=0.8, rasterized=True)


def _clusters(axes: Axes, picture: Picture) -> None:
    rows = _rows(picture)
    colours = mixed(picture.mixture.responsibilities(rows), picture.ids)
    _dots(axes, rows, picture.dims, colours)


def _density(axes: Axes, picture: Picture) -> None:
    rows = _rows(picture)
    shown = rows[:, list(picture.dims)]
    low, high = shown.min(axis=0), shown.max(axis=0)
    margin = 0.1 * np.where(high > low, high - low, 1.0)
    extent = np.stack([low - margin, high + margin], axis=1)
    (x, y), density = density_grid(picture.mixture, picture.dims, extent=extent, shape=160)
    axes.contourf(x, y, density, levels=12, cmap="Greys", alpha=0.7)
    _dots(axes, rows, picture.dims, DARK)


def _outliers(axes: Axes, picture: Picture) -> None:
    rows = np.asarray(picture.values, dtype=np.float64)
    out = picture.mixture.log_density(rows) < density_level(picture.mixture, OUTLIER_RATE)
    step = -(-len(rows) // MOST_POINTS)
    _dots(axes, rows[~out][::step], picture.dims, LIGHT)
    x, y = rows[out][:, picture.dims[0]], rows[out][:, picture.dims[1]]
    axes.scatter(x, y, c=OUT, s=26, marker="x", linewidths=1.2)
    axes.set_title(
        f"{out.sum():,} of {len(rows):,} rows in the outer {OUTLIER_RATE:.0%}", fontsize=9
    )


def _uncertainty(axes: Axes, picture: Picture) -> None:
    rows = _rows(picture)
    r = picture.mixture.responsibilities(rows)
    bits = -(r * np.log2(np.maximum(r, 1e-300))).sum(axis=1)
    from matplotlib.colors import to_rgb

    entropy = np.clip(bits, 0, 1)[:, None]
    colours = (1 - entropy) * np.array(to_rgb(LIGHT)) + entropy * np.array(to_rgb(UNCERTAIN))
    order = np.argsort(bits)
    _dots(axes, rows[order], picture.dims, colours[order])


def _draw_component(axes: Axes, plane: Mixture, i: int, colour: str, name: str) -> None:
    from matplotlib.patheffects import withStroke

    lower = np.linalg.cholesky(plane.covariances[i])
    angle = np.linspace(0, 2 * np.pi, 121)
    circle = np.stack([np.cos(angle), np.sin(angle)])
    halo = [withStroke(linewidth=3.4, foreground="white")]
    for sigmas, width in ((2, 1.8), (1, 1.0)):
        x, y = plane.means[i][:, None] + sigmas * lower @ circle
        axes.plot(x, y, color=colour, linewidth=width, path_effects=halo)
    badge = {"boxstyle": "circle,pad=0.25", "facecolor": colour, "edgecolor": "white"}
    x0, y0 = plane.means[i].tolist()
    axes.annotate(
        name, (x0, y0), ha="center", va="center",
        color="white", fontsize=9, fontweight="bold", bbox=badge,
    )  # fmt: skip


KINDS: Mapping[str, Callable[[Axes, Picture], None]] = MappingProxyType(
    {
        "clusters": _clusters,
        "density": _density,
        "outliers": _outliers,
        "uncertainty": _uncertainty,
    }
)

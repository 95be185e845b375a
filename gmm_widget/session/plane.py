"""The points in two columns, as views are sent them: float32 chunks, or counts on a grid."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

MOST_POINTS = 4_000_000  # above this, counts on a grid travel and not points
CHUNK_ROWS = 131_072  # 1 MiB of float32 pairs
PREVIEW = 96  # cells a side
MARGIN = 1.2  # half width of the first view, in half ranges of the data


@final
class Plane:
    """The points in one pair of columns, with the origin and scale of their float32 form.

    values : (N, D) the data; dims : positions of the two columns; rev : tells planes apart.
    """

    def __init__(self, values: NDArray[np.floating[Any]], dims: Sequence[int], rev: int) -> None:
        self.values = values
        self.dims = tuple(dims)
        self.rev = rev
        low = [float(values[:, j].min()) for j in self.dims]
        high = [float(values[:, j].max()) for j in self.dims]
        self.origin = [lo / 2 + hi / 2 for lo, hi in zip(low, high, strict=True)]
        self.scale = [(hi / 2 - lo / 2) or abs(hi) or 1.0 for lo, hi in zip(low, high, strict=True)]
        self.extent = [
            edge
            for o, s in zip(self.origin, self.scale, strict=True)
            for edge in (o - MARGIN * s, o + MARGIN * s)
        ]

    def check(self, dims: Sequence[int]) -> None:
        """ValueError unless these are two different columns of the points."""
        d = self.values.shape[1]
        if len(dims) != 2 or len(set(dims)) != 2 or not all(0 <= j < d for j in dims):
            raise ValueError(
                f"dims must be two different columns of 0 to {d - 1}, got {list(dims)}"
            )

    def with_dims(self, dims: Sequence[int], rev: int) -> Plane:
        """The same points in another pair of columns; ValueError if there are no such columns."""
        self.check(dims)
        return Plane(self.values, dims, rev)

    @property
    def chunks(self) -> int:
        """How many chunks the points take."""
        return -(-len(self.values) // CHUNK_ROWS)

    def chunk(self, index: int) -> NDArray[np.float32]:
        """Rows of one chunk as (n, 2) float32, (value - origin) / scale."""
        rows = self.values[index * CHUNK_ROWS : (index + 1) * CHUNK_ROWS]
        out = np.zeros((len(rows), 2), np.float32)
        for axis, j in enumerate(self.dims):
            out[:, axis] = (rows[:, j].astype(np.float64) - self.origin[axis]) / self.scale[axis]
        return out

    @property
    def travels(self) -> str:
        """What views are sent: "points", or "counts" if there are too many points."""
        return "points" if len(self.values) <= MOST_POINTS else "counts"

    def counts(self, extent: Sequence[float], shape: tuple[int, int]) -> NDArray[np.uint32]:
        """Number of points per cell of a grid (ny, nx) over [x0, x1) x [y0, y1), row 0 lowest."""
        nx, ny = shape
        total = np.zeros(nx * ny, np.int64)
        for index in range(self.chunks):
            rows = self.values[index * CHUNK_ROWS : (index + 1) * CHUNK_ROWS]
            cell = np.zeros(len(rows), np.int64)
            inside = np.ones(len(rows), np.bool_)
            for axis, (n, stride) in enumerate(((nx, 1), (ny, nx))):
                low, high = extent[2 * axis : 2 * axis + 2]
                at = (rows[:, self.dims[axis]].astype(np.float64) - low) * (n / (high - low))
                inside &= (at >= 0) & (at < n)
                cell += at.clip(0, n - 1).astype(np.int64) * stride
            total += np.bincount(cell[inside], minlength=nx * ny)
        return total.reshape(ny, nx).astype(np.uint32)

    def preview(self, side: int = PREVIEW) -> dict[str, Any]:
        """Counts on a grid of side x side cells, row 0 lowest, log-quantised to a byte."""
        counts = self.counts(self.extent, (side, side))
        most = float(counts.max())
        grid = np.rint(255 * np.log1p(counts) / np.log1p(most)).astype(np.uint8)
        shape = [side, side]
        return {"extent": self.extent, "shape": shape, "counts": grid.tobytes(), "max": most}

"""The data as EM sees them: a reference to the input, weights, and the working frame.

The input is never copied as a whole. Blocks of it are brought into the frame as they are needed,
one column of the data per row of the block, so that every operation runs along memory.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .frame import Frame
from .linalg import Array
from .spread import frame_and_spread
from .validation import checked_rows, checked_weights

_ROWS = 8192


@final
@dataclass(frozen=True, eq=False)
class Points:
    """Rows of data with weights. Build it with `Points.of`.

    `spread` (D,) is the variance per column in the frame, the unit of the regularisation; a
    constant column has 1 there, which is its own magnitude squared.

    `inner` is there when the rows are means of cells of points (see `cells`): the covariance
    (C, D (D + 1) / 2) of the points within each cell, in the order of `natural.pairs`, in the
    data's units. A pass then gives what it gives for dots but with the mean of T over each cell.
    """

    rows: NDArray[Any]
    sample_weight: Array | None
    total_weight: float
    frame: Frame
    spread: Array
    constant: tuple[int, ...]
    inner: Array | None = None

    @classmethod
    def of(cls, x: ArrayLike, sample_weight: ArrayLike | None = None) -> Points:
        """Points from rows x (N, D), or (N,) for one column, and weights (N,) if any.

        Raises ValueError naming the rows and columns that can't be used, and why.
        """
        rows = checked_rows(x)
        weight = checked_weights(sample_weight, len(rows))
        frame, spread, constant = frame_and_spread(rows, weight)
        total = float(len(rows)) if weight is None else float(weight.sum())
        return cls(rows, weight, total, frame, spread, constant)

    @property
    def n(self) -> int:
        """Number of rows."""
        return int(self.rows.shape[0])

    @property
    def d(self) -> int:
        """Number of columns."""
        return int(self.rows.shape[1])

    def centred(self, start: int, stop: int, out: Array) -> None:
        """Write rows start..stop less the origin, one block after another, into out (M, D, B).

        This is in the data's units: dividing by the frame's scale, being exact, can be left to
        the parameters that meet these numbers. stop - start is M B.
        """
        rows = self.rows[start:stop].reshape(out.shape[0], out.shape[2], self.d)
        origin = self.frame.origin[:, None]
        np.subtract(rows.transpose(0, 2, 1), origin, out=out, dtype=np.float64, casting="unsafe")

    def within(self, start: int, stop: int, m: int, b: int) -> Array | None:
        """Covariances within the cells start..stop as (M, D (D + 1) / 2, B), zeros at the end."""
        if self.inner is None:
            return None
        flat = np.zeros((self.inner.shape[1], m * b))
        flat[:, : stop - start] = self.inner[start:stop].T
        return flat.reshape(-1, m, b).transpose(1, 0, 2)

    def weight(self, start: int, stop: int) -> Array | None:
        """Weights of rows start..stop, or None where all weigh one."""
        return None if self.sample_weight is None else self.sample_weight[start:stop]

    def blocks(self, size: int = _ROWS) -> Iterator[tuple[Array, Array | None]]:
        """Blocks of rows in the frame, (D, B), each with its weights (B,) or None."""
        for start in range(0, self.n, size):
            stop = min(start + size, self.n)
            block = np.empty((1, self.d, stop - start))
            self.centred(start, stop, block)
            yield block[0] / self.frame.scale[:, None], self.weight(start, stop)

"""The data of a fit: a reference to the input rows, sample weights, and the working frame.

The input is never copied as a whole. Blocks of it are converted to the frame when needed, one
column of the data per row of the block, so that every operation runs along contiguous memory.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .frame import Frame
from .frozen import frozen_fields, locked
from .linalg import Array
from .rounding import resolution_of
from .scaling import frame_and_variance
from .validation import checked_rows, checked_weights

_ROWS = 8192


@final
@dataclass(frozen=True, eq=False)
@frozen_fields
class Points:
    """Rows of data with weights. Build it with `Points.of`.

    `rows` and `sample_weight` are read-only views of what the caller gave, without a copy.

    `variance` (D,) is that of each column in the frame, the unit of the regularisation; a constant
    column has a nominal one (see `scaling`).

    `within_covariance` is set when each row is the mean of a bin of points (see `binning`): the
    covariance (C, D (D + 1) / 2) of the points in each bin, upper triangles in the order of
    `natural_parameters.pairs`, in the data's units. A pass then uses the mean of T over each bin.

    `resolution` (D,) is the step to which each column is rounded, in the data's units, 0 for none
    (see `rounding`); None if no column is.

    `checksum` is that of the rows, if someone else may write into them (see `with_checksum`).

    `columns` are the names of the columns, for error messages; None if they have none.
    """

    rows: NDArray[Any]
    sample_weight: Array | None
    total_weight: float
    frame: Frame
    variance: Array
    constant: tuple[int, ...]
    within_covariance: Array | None = None
    resolution: Array | None = None
    checksum: int | None = None
    columns: tuple[str, ...] | None = None

    @classmethod
    def of(
        cls,
        x: ArrayLike,
        sample_weight: ArrayLike | None = None,
        resolution: Any = None,
        columns: tuple[str, ...] | None = None,
    ) -> Points:
        """Points from rows x (N, D), or (N,) for one column, and weights (N,) if any.

        `resolution` is None, "auto" (found in the values), a number, or one per column. Raises
        ValueError naming the rows and columns that can't be used, and why.
        """
        rows = checked_rows(x)
        weight = checked_weights(sample_weight, len(rows))
        frame, variance, constant = frame_and_variance(rows, weight, columns)
        total = float(len(rows)) if weight is None else float(weight.sum())
        steps = resolution_of(resolution, rows, weight, np.sqrt(variance) * frame.scale)
        known = steps if steps.any() else None
        return cls(
            rows, weight, total, frame, variance, constant, resolution=known, columns=columns
        )

    def with_checksum(self) -> Points:
        """The same points, which can tell from now on whether their rows are still the same."""
        return replace(self, checksum=_checksum(self.rows))

    def refuse_changed_rows(self) -> None:
        """ValueError if the rows are not those of the checksum; points without one pass."""
        if self.checksum is not None and _checksum(self.rows) != self.checksum:
            raise ValueError(
                "the data were written into since they were read, so results would mix old rows "
                "with new ones: read them again with set_data(data)"
            )

    @property
    def n(self) -> int:
        """Number of rows."""
        return int(self.rows.shape[0])

    @property
    def d(self) -> int:
        """Number of columns."""
        return int(self.rows.shape[1])

    @property
    def min_variance(self) -> Array:
        """The variance (D,) of a rounding cell, in the frame: no component may have less."""
        if self.resolution is None:
            return locked(np.zeros(self.d))
        return locked((self.resolution / self.frame.scale) ** 2 / 12)

    def centred(self, start: int, stop: int, out: Array) -> None:
        """Write rows start..stop minus the origin into out (M, D, B), M batches of B rows.

        In the data's units: dividing by the frame's scale is exact, so it is left to the
        parameters, which are fewer. stop - start is M B.
        """
        rows = self.rows[start:stop].reshape(out.shape[0], out.shape[2], self.d)
        origin = self.frame.origin[:, None]
        np.subtract(rows.transpose(0, 2, 1), origin, out=out, dtype=np.float64, casting="unsafe")

    def within_block(self, start: int, stop: int, m: int, b: int) -> Array | None:
        """`within_covariance` of rows start..stop as (M, D (D + 1) / 2, B), padded with zeros."""
        within = self.within_covariance
        if within is None:
            return None
        flat = np.zeros((within.shape[1], m * b))
        flat[:, : stop - start] = within[start:stop].T
        return flat.reshape(-1, m, b).transpose(1, 0, 2)

    def weight(self, start: int, stop: int) -> Array | None:
        """Weights of rows start..stop, or None where every weight is 1."""
        return None if self.sample_weight is None else self.sample_weight[start:stop]

    def blocks(self, size: int = _ROWS) -> Iterator[tuple[Array, Array | None]]:
        """Blocks of rows in the frame, (D, B), each with its weights (B,) or None."""
        for start in range(0, self.n, size):
            stop = min(start + size, self.n)
            block = np.empty((1, self.d, stop - start))
            self.centred(start, stop, block)
            yield block[0] / self.frame.scale[:, None], self.weight(start, stop)


def _checksum(rows: NDArray[Any]) -> int:
    """CRC-32 of the values row by row: it also notices that rows were swapped."""
    value = 0
    for start in range(0, len(rows), _ROWS):
        value = zlib.crc32(np.ascontiguousarray(rows[start : start + _ROWS]).data, value)
    return value

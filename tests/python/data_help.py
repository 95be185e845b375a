"""Tables of every kind with the same numbers in them, and what is to become of each.

Every kind holds the columns `height` and `width` of numbers, and, where it can, `site` (text) and
`wet` (booleans), which are left out.
"""

from __future__ import annotations

from collections import namedtuple
from pathlib import Path
from typing import Any, NamedTuple

import dask.array
import dask.dataframe
import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
from scipy import sparse

N = 60
RNG = np.random.default_rng(5)
X = np.round(np.r_[RNG.normal(0, 1, (N // 2, 2)), RNG.normal(6, 1, (N // 2, 2))], 3)
SITE = np.array(["north", "south"] * (N // 2))
WET = np.arange(N) % 3 == 0
NUMBERS = {"height": X[:, 0], "width": X[:, 1]}
MIXED = {"site": SITE, **NUMBERS, "wet": WET}
FRAME = pd.DataFrame(MIXED)


class WithArray:
    """What a tensor of another library shows of itself."""

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return X.copy()


class Tensor:
    """A tensor that needs a gradient: NumPy can't have it."""

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        raise RuntimeError("Can't call numpy() on Tensor that requires grad. Use tensor.detach()")


def structured() -> np.ndarray:
    kinds = [("site", "U5"), ("height", "f8"), ("width", "f8"), ("wet", "?")]
    return np.array(list(zip(*MIXED.values(), strict=True)), dtype=kinds)


def relation(columns: dict[str, np.ndarray]) -> Any:
    """A DuckDB relation over a connection of its own."""
    frame = pd.DataFrame(columns)
    return duckdb.connect().from_df(frame)


def nullable() -> pd.DataFrame:
    return FRAME.convert_dtypes(dtype_backend="numpy_nullable")


def twice_named() -> pd.DataFrame:
    return pd.DataFrame(X, columns=["height", "height"])


Row = namedtuple("Row", "height width")


class Works(NamedTuple):
    """The names that are seen (None: none), and how the columns left out are named."""

    names: tuple[str, ...] | None = ("height", "width")
    left_out: str = ""


class Refused(NamedTuple):
    """The error and what its message says, which includes what to do."""

    error: type[Exception]
    says: str


MISSING = Refused(ValueError, r"row 7 column ('width'|'x1'|1)")
ALL = Works(left_out="'site' (text), 'wet' (booleans)")
CATEGORIES = Works(left_out="'site' (categories), 'wet' (booleans)")
PLAIN = Works(None)
ONE = Refused(ValueError, "1D array|two columns")


def with_missing(kind: str) -> Any:
    """A table in which the width of row 7 is not known, in the way of each library."""
    x = X.copy()
    x[7, 1] = np.nan
    mask = np.isnan(x)
    columns = {"height": X[:, 0], "width": [None if i == 7 else v for i, v in enumerate(X[:, 1])]}
    made = {
        "array": lambda: x,
        "masked": lambda: np.ma.array(X, mask=mask),
        "masked int": lambda: np.ma.array(np.arange(2 * N).reshape(N, 2), mask=mask),
        "masked mapping": lambda: {
            "height": X[:, 0],
            "width": np.ma.array(X[:, 1], mask=mask[:, 1]),
        },
        "masked rows": lambda: list(np.ma.array(X, mask=mask)),
        "masked structured": lambda: np.ma.array(
            list(map(tuple, X)),
            mask=list(map(tuple, mask)),
            dtype=[("height", float), ("width", float)],
        ),
        "NA": lambda: pd.DataFrame(columns).convert_dtypes(),
        "NA in objects": lambda: pd.DataFrame(
            {**columns, "width": [pd.NA if i == 7 else v for i, v in enumerate(X[:, 1])]},
            dtype=object,
        ),
        "None in rows": lambda: [[h, w] for h, w in zip(*columns.values(), strict=True)],
        "absent key": lambda: [
            {"height": h} if w is None else {"height": h, "width": w}
            for h, w in zip(*columns.values(), strict=True)
        ],
        "polars null": lambda: pl.DataFrame(columns),
        "arrow null": lambda: pa.table(columns),
        "duckdb null": lambda: duckdb.from_arrow(pa.table(columns)),
    }
    return made[kind]()


TABLES: dict[str, tuple[Any, Works | Refused]] = {
    "array": (lambda: X.copy(), PLAIN),
    "array, float32": (lambda: X.astype(np.float32), PLAIN),
    "array, longdouble": (lambda: X.astype(np.longdouble), PLAIN),
    "array, big-endian": (lambda: X.astype(">f8"), PLAIN),
    "array of objects": (lambda: X.astype(object), PLAIN),
    "array of text that is numbers": (lambda: X.astype(str), PLAIN),
    "array of complex": (lambda: X.astype(complex), Refused(ValueError, "Complex.*take the real")),
    "array of dates": (lambda: X.astype("M8[D]"), Refused(ValueError, "dates.*turn them into")),
    "array of three dimensions": (lambda: X[None], Refused(ValueError, r"shape \(1, 60, 2\)")),
    "array of one dimension": (lambda: X[:, 0], ONE),
    "masked array, nothing masked": (lambda: np.ma.array(X), PLAIN),
    "structured array": (structured, ALL),
    "record array": (lambda: structured().view(np.recarray), ALL),
    "matrix": (lambda: np.asmatrix(X), PLAIN),
    "list of lists": (lambda: X.tolist(), PLAIN),
    "list of named tuples": (lambda: [Row(*row) for row in X], PLAIN),
    "list of lists, ragged": (lambda: [*X.tolist(), [1.0]], Refused(ValueError, "row 60 has 1")),
    "list of lists with text": (
        lambda: [*X.tolist(), [1.0, "tall"]],
        Refused(ValueError, "row 60 of column 'x1' is 'tall'.*leave"),
    ),
    "list of dicts": (lambda: FRAME.to_dict("records"), ALL),
    "dict of columns": (lambda: MIXED, ALL),
    "dict of lists": (lambda: {k: v.tolist() for k, v in MIXED.items()}, ALL),
    "dict of Series": (lambda: dict(FRAME), ALL),
    "dict of unequal columns": (
        lambda: {"a": [1.0], "b": [1.0, 2.0]},
        Refused(ValueError, "one length"),
    ),
    "generator": (lambda: (row for row in X), Refused(TypeError, r"only once: pass list\(")),
    "pandas": (lambda: FRAME, ALL),
    "pandas, float32": (lambda: pd.DataFrame(NUMBERS).astype("float32"), Works()),
    "pandas, nullable": (nullable, ALL),
    "pandas over Arrow": (lambda: FRAME.convert_dtypes(dtype_backend="pyarrow"), ALL),
    "pandas, objects": (lambda: FRAME.astype(object), ALL),
    "pandas, categories": (lambda: FRAME.astype({"site": "category"}), CATEGORIES),
    "pandas, numbered columns": (lambda: pd.DataFrame(X), PLAIN),
    "pandas, two columns of one name": (twice_named, Works(("height", "height (2)"))),
    "pandas Series": (lambda: FRAME["height"], ONE),
    "pandas GroupBy": (lambda: FRAME.groupby("site"), Refused(TypeError, "pass the table itself")),
    "pandas, only text": (
        lambda: FRAME[["site"]],
        Refused(ValueError, r"no numeric.*'site' \(tex"),
    ),
    "polars": (lambda: pl.DataFrame(MIXED), ALL),
    "polars LazyFrame": (lambda: pl.LazyFrame(MIXED), ALL),
    "polars Series": (lambda: pl.Series("height", X[:, 0]), ONE),
    "polars GroupBy": (
        lambda: pl.DataFrame(MIXED).group_by("site"),
        Refused(TypeError, "pass the table itself"),
    ),
    "Arrow Table": (lambda: pa.table(MIXED), ALL),
    "Arrow Table, two columns of one name": (
        lambda: pa.table([pa.array(X[:, 0]), pa.array(X[:, 1])], names=["height", "height"]),
        Works(("height", "height (2)")),
    ),
    "Arrow RecordBatch": (lambda: pa.RecordBatch.from_pydict(MIXED), ALL),
    "Arrow array": (lambda: pa.array(X[:, 0]), ONE),
    "DuckDB relation": (lambda: relation(MIXED), ALL),
    "Dask frame": (lambda: dask.dataframe.from_pandas(FRAME, npartitions=3), ALL),
    "Dask array": (lambda: dask.array.from_array(X), PLAIN),
    "scipy sparse": (lambda: sparse.csr_matrix(X), Refused(TypeError, "toarray")),
    "path": (lambda: Path("heights.parquet"), Refused(TypeError, r"read_parquet\(path\)")),
    "path as text": (lambda: "heights.csv", Refused(TypeError, r"pandas.read_csv\(path\)")),
    "object with __array__": (WithArray, PLAIN),
    "tensor with a gradient": (Tensor, Refused(TypeError, "tensor.detach")),
    "number": (lambda: 3.0, Refused(ValueError, "must be a table of N rows and D columns")),
    "None": (lambda: None, Refused(ValueError, "must be a table of N rows and D columns")),
    "class": (lambda: pd.DataFrame, Refused(TypeError, "pass a table")),
    **{
        f"missing: {kind}": ((lambda kind=kind: with_missing(kind)), MISSING)
        for kind in (
            "array",
            "masked",
            "masked int",
            "masked mapping",
            "masked rows",
            "masked structured",
            "NA",
            "NA in objects",
            "None in rows",
            "absent key",
            "polars null",
            "arrow null",
            "duckdb null",
        )
    },
}

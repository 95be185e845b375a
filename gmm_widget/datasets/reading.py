"""Reads the files of this folder: columns by name, as arrays or as a data frame."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from importlib import resources
from typing import Any

import numpy as np
from numpy.typing import NDArray


def columns_of(name: str, text: tuple[str, ...] = ()) -> dict[str, NDArray[Any]]:
    """The columns of a CSV file here, as float64; those named in `text` as words."""
    content = resources.files(__package__).joinpath(name).read_text(encoding="utf-8")
    header, *rows = csv.reader(content.splitlines())
    cells = dict(zip(header, zip(*rows, strict=True), strict=True))
    return {
        title: np.array(values, dtype=np.str_ if title in text else np.float64)
        for title, values in cells.items()
    }


def tabled(columns: Mapping[str, NDArray[Any]], as_frame: bool) -> Any:
    """The columns as a dict, or as a pandas data frame (ImportError without pandas)."""
    if not as_frame:
        return dict(columns)
    import pandas as pd

    return pd.DataFrame(columns)

"""Real tables from different fields, of 2 to 10 columns, to measure the search for optima on.

Each comes with a package that states its origin; rows with missing values are left out.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris, load_wine

from gmm_widget.datasets.faithful import old_faithful

Table = NDArray[np.float64]


def tables() -> dict[str, Table]:
    """The tables by name: float64 (N, D)."""
    return {
        "geysers": _columns(old_faithful()),
        "growth": growth(),
        "irises": np.asarray(load_iris().data),
        "penguins": penguins(),
        "patients": diabetes(),
        "wines": wines(),
        "tumours": np.asarray(load_breast_cancer().data[:, :10]),
    }


def growth() -> Table:
    """Quarterly growth (%) of US output, consumption and investment, 1959-2009 (FRED)."""
    from statsmodels.datasets import macrodata

    frame = macrodata.load_pandas().data
    levels = frame[["realgdp", "realcons", "realinv"]].to_numpy(np.float64)
    return np.asarray(100 * np.diff(np.log(levels), axis=0))


def penguins() -> Table:
    """Bill length and depth, flipper length (mm) and mass (g) of Palmer penguins.

    Horst, Hill & Gorman (2020), package palmerpenguins, CC0.
    """
    from palmerpenguins import load_penguins

    names = ["bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g"]
    return np.asarray(load_penguins()[names].dropna().to_numpy(np.float64))


def diabetes() -> Table:
    """Age, body-mass index, blood pressure and two serum values of diabetes patients.

    Efron, Hastie, Johnstone & Tibshirani (2004), in the units of measurement.
    """
    return _picked(load_diabetes(scaled=False), ["age", "bmi", "bp", "s3", "s5"])


def wines() -> Table:
    """Seven chemical measurements of Italian wines (Forina et al.)."""
    names = ["alcohol", "malic_acid", "ash", "flavanoids", "color_intensity", "hue", "proline"]
    return _picked(load_wine(), names)


def _picked(bunch: Any, names: list[str]) -> Table:
    chosen = [list(bunch.feature_names).index(name) for name in names]
    return np.asarray(bunch.data[:, chosen], dtype=np.float64)


def _columns(table: dict[str, Table]) -> Table:
    return np.column_stack(list(table.values()))

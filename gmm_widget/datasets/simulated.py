"""Simulated points with tight clusters in a wide one, which the usual starts of EM miss."""

from __future__ import annotations

from typing import Any

import numpy as np

from .reading import tabled

_FIELD, _KNOT = 500, 70  # points
_WIDE, _TIGHT = 4.0, 0.25  # standard deviations
_CENTRES = ((0.0, 0.0), (-1.5, -1.0), (2.0, -1.0), (0.2, 2.0))


def knots(as_frame: bool = False, seed: int = 1) -> Any:
    """710 points: a wide field of 500 (label 0), and three tight knots of 70 in it (1, 2, 3).

    Columns `x`, `y` (float64) and `knot` (the label, int64), (710,) each; a dict, or a pandas
    data frame with `as_frame=True` (ImportError without pandas). k-means++ seeds far apart, so
    it spends its seeds on the field, and EM with four full components stays with them.

    Source: simulated here; round Gaussians with standard deviations 4 and 0.25.
    """
    rng = np.random.default_rng(seed)
    knot = np.repeat(np.arange(4), [_FIELD, _KNOT, _KNOT, _KNOT])
    spread = np.where(knot == 0, _WIDE, _TIGHT)[:, None]
    points = np.array(_CENTRES)[knot] + spread * rng.standard_normal((len(knot), 2))
    return tabled({"x": points[:, 0], "y": points[:, 1], "knot": knot}, as_frame)

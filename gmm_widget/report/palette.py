"""The widget's colours, for figures.

Twelve hues with a contrast of at least 3:1 on white and on near-black; responsibilities
are shown as mixtures of colours in OKLab (Björn Ottosson, 2020, "A perceptual color space for
image processing"), where the mean of two colours looks halfway between them.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

COLOURS = (
    "#5b40f2", "#d77d2c", "#b70096", "#8b8fc1", "#fe408c", "#329092",
    "#8449ba", "#cd0f35", "#958161", "#c758ed", "#317010", "#9d546a",
)  # fmt: skip

_TO_LMS = np.array([
    [0.4122214708, 0.5363325363, 0.0514459929],
    [0.2119034982, 0.6806995451, 0.1073969566],
    [0.0883024619, 0.2817188376, 0.6299787005],
])  # fmt: skip
_TO_LAB = np.array([
    [0.2104542553, 0.7936177850, -0.0040720468],
    [1.9779984951, -2.4285922050, 0.4505937099],
    [0.0259040371, 0.7827717662, -0.8086757660],
])  # fmt: skip


def colour_of(component: int) -> str:
    """The colour of the component with this id, as #rrggbb."""
    return COLOURS[component % len(COLOURS)]


def mixed(responsibilities: Array, ids: tuple[int, ...]) -> Array:
    """sRGB colours (N, 3) in 0 to 1 of points with these responsibilities (N, K)."""
    return _to_srgb(responsibilities @ _to_oklab(np.array([_rgb(colour_of(i)) for i in ids])))


def _rgb(colour: str) -> list[float]:
    return [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]


def _to_oklab(srgb: Array) -> Array:
    linear = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
    return np.asarray(np.cbrt(linear @ _TO_LMS.T) @ _TO_LAB.T)


def _to_srgb(lab: Array) -> Array:
    linear = (lab @ np.linalg.inv(_TO_LAB).T) ** 3 @ np.linalg.inv(_TO_LMS).T
    linear = linear.clip(0, 1)
    return np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)

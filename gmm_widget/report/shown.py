"""A matplotlib figure that a notebook shows by itself.

A notebook draws figures only once pyplot has been imported there, and pyplot keeps every figure
until it is closed. This one needs neither.
"""

from __future__ import annotations

import io
from typing import final

from matplotlib.figure import Figure

SHARPNESS = 144  # dots per inch on the screen


@final
class InlineFigure(Figure):
    """A figure with a picture of its own for notebooks."""

    def _repr_png_(self) -> bytes:
        picture = io.BytesIO()
        self.savefig(picture, format="png", dpi=SHARPNESS)
        return picture.getvalue()

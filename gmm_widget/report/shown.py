"""A matplotlib figure that a notebook shows without pyplot.

Notebooks show figures only after pyplot has been imported, and pyplot keeps every figure until it
is closed.
"""

from __future__ import annotations

import io
from typing import final

from matplotlib.figure import Figure

DPI = 144  # on the screen


@final
class InlineFigure(Figure):
    """A figure that renders itself as PNG for notebooks."""

    def _repr_png_(self) -> bytes:
        picture = io.BytesIO()
        self.savefig(picture, format="png", dpi=DPI)
        return picture.getvalue()

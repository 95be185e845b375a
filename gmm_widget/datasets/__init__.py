"""Small data sets for examples and tests; each loader states the origin and licence of its file."""

from __future__ import annotations

from .faithful import old_faithful
from .marrow import Events, marrow
from .penguins import penguins
from .simulated import knots

__all__ = ["Events", "knots", "marrow", "old_faithful", "penguins"]

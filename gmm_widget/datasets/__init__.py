"""Small data sets to begin with. Each loader states the origin and the licence of its file."""

from __future__ import annotations

from .faithful import old_faithful

__all__ = ["old_faithful"]

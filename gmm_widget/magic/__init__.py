"""The notebook extension: the command %gmm and its completion, for those who would not import."""

from __future__ import annotations

from .command import load_ipython_extension

__all__ = ["load_ipython_extension"]

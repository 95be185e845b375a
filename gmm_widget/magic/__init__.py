"""The notebook extension: the command %gmm and its completion."""

from __future__ import annotations

from .command import load_ipython_extension

__all__ = ["load_ipython_extension"]

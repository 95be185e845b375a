"""The Jupyter widget: traits, the messages behind them and the methods of `GMMWidget`."""

from __future__ import annotations

from .widget import GMMWidget

__all__ = ["GMMWidget"]

"""The scikit-learn interface to the core, without scikit-learn."""

from __future__ import annotations

from .gaussian_mixture import GaussianMixture
from .select import select

__all__ = ["GaussianMixture", "select"]

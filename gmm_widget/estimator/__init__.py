"""The scikit-learn interface to the core, without scikit-learn."""

from __future__ import annotations

from .gaussian_mixture import GaussianMixture

__all__ = ["GaussianMixture"]

"""The scikit-learn interface to the core, without scikit-learn."""

from __future__ import annotations

from .bayesian import BayesianGaussianMixture
from .gaussian_mixture import GaussianMixture
from .model_selection import select

__all__ = ["BayesianGaussianMixture", "GaussianMixture", "select"]

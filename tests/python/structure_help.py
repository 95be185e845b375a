"""Covariance structures that the package does not have, for tests of what a new one takes."""

from __future__ import annotations

import numpy as np

from gmm_widget.core.structure import Structure


class TiedDiag(Structure):
    """All components have the same variance per column, and no correlations (mclust's EEI)."""

    name, label = "tied_diag", "Tied diagonal"
    shared, diagonal, isotropic, averages = True, True, False, True

    def constrain(self, moments, scale):
        pooled = moments.scatters.sum(axis=0) / moments.counts.sum()
        return np.repeat((pooled * np.eye(len(pooled)))[None], len(moments.counts), axis=0)

    def n_covariance_parameters(self, k, d):
        return d


class OneVolume(Structure):
    """Diagonal covariances of one common volume, each of its own shape (mclust's EVI)."""

    name, label = "one volume", "One volume"
    shared, diagonal, isotropic, averages = False, True, False, False

    def constrain(self, moments, scale):
        d = moments.means.shape[1]
        diagonal = moments.scatters * np.eye(d)
        sizes = np.einsum("kii->ki", diagonal).prod(axis=1) ** (1 / d)
        return diagonal * (sizes.sum() / moments.counts.sum() / sizes)[:, None, None]

    def n_covariance_parameters(self, k, d):
        return 1 + k * (d - 1)

"""Starts given by the user: labels, responsibilities or parameters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from gmm_widget.core import edits
from gmm_widget.core.initialise import from_labels, from_responsibilities, initial_mixture
from gmm_widget.core.linalg import Array
from gmm_widget.core.mixture import Mixture
from gmm_widget.core.points import Points
from gmm_widget.core.structure import Structure
from gmm_widget.core.structure import structure as structure_named

from .packing import checked, matrices

#: Values of init_params and the methods of `initial_mixture` for them.
METHODS = {"kmeans": "kmeans", "k-means++": "k-means++", "random_from_data": "random"}


def given_start(
    params: Mapping[str, Any], points: Points, structure: Structure, rng: np.random.Generator
) -> Mixture | None:
    """The start that the arguments of the constructor give; None if they give none."""
    k = params["n_components"]
    if params["labels_init"] is not None:
        return _checked_size(from_labels(points, _labels(params["labels_init"]), structure), k)
    if params["responsibilities_init"] is not None:
        responsibilities = checked(
            params["responsibilities_init"], "responsibilities_init", (points.n, k)
        )
        return from_responsibilities(points, responsibilities, structure)
    weights, means, covariances = _parts(params, k, points.d)
    if means is not None:
        other = _around(points, means, structure)
    elif weights is not None or covariances is not None:
        method = METHODS.get(params["init_params"], "k-means++")
        other = initial_mixture(points, k, structure, method, rng)
    else:
        return None
    return Mixture(
        other.weights if weights is None else weights,
        other.means if means is None else means,
        other.covariances if covariances is None else covariances,
    )


def random_start(points: Points, k: int, structure: Structure, rng: np.random.Generator) -> Mixture:
    """From responsibilities drawn at random, which puts all components near the centre."""
    drawn = rng.random((points.n, k))
    return from_responsibilities(points, drawn / drawn.sum(axis=1, keepdims=True), structure)


def _labels(value: Any) -> Any:
    """Labels of any type as 0 to K - 1; integers stay as they are."""
    labels = np.asarray(value)
    return labels if labels.dtype.kind in "iu" else np.unique(labels, return_inverse=True)[1]


def _checked_size(mixture: Mixture, k: int) -> Mixture:
    if mixture.n_components != k:
        raise ValueError(
            f"labels_init names {mixture.n_components} groups, but n_components is {k}"
        )
    return mixture


def _parts(
    params: Mapping[str, Any], k: int, d: int
) -> tuple[Array | None, Array | None, Array | None]:
    weights, means, covariances = params["weights_init"], params["means_init"], None
    if weights is not None:
        weights = _weights(checked(weights, "weights_init", (k,)))
    if means is not None:
        means = checked(means, "means_init", (k, d))
    kind = structure_named(params["covariance_type"])
    if params["covariances_init"] is not None:
        covariances = matrices(params["covariances_init"], "covariances_init", kind, k, d)
    if params["precisions_init"] is not None:
        precisions = matrices(params["precisions_init"], "precisions_init", kind, k, d)
        inverse = np.linalg.inv(precisions)
        covariances = (inverse + inverse.transpose(0, 2, 1)) / 2
    return weights, means, covariances


def _weights(weights: Array) -> Array:
    if (weights < 0).any() or (weights > 1).any():
        raise ValueError(
            "The parameter 'weights_init' should be in the range [0, 1], but got "
            f"min value {weights.min():.5f}, max value {weights.max():.5f}"
        )
    if abs(float(weights.sum()) - 1) > 1e-6:
        raise ValueError(
            "The parameter 'weights_init' should be normalized, but got "
            f"sum(weights) = {weights.sum():.5f}"
        )
    if not (weights > 0).all():
        raise ValueError(
            f"weights_init is 0 for component {int(weights.argmin())}, which EM can't change; "
            "give it a small weight, or leave it out"
        )
    return weights


def _around(points: Points, means: Array, structure: Structure) -> Mixture:
    """The weight and covariance of the rows nearest to each mean, columns being standardised."""
    unit = points.frame.scale * np.sqrt(points.variance)
    centres, k = (means - points.frame.origin) / unit, len(means)
    labels = np.empty(points.n, dtype=np.intp)
    at = 0
    for block, _ in points.blocks():
        z = block.T / np.sqrt(points.variance)
        squares = ((z[:, None] - centres) ** 2).sum(axis=2)
        labels[at : at + len(z)] = squares.argmin(axis=1)
        at += len(z)
    used = np.unique(labels)
    groups = from_labels(points, np.searchsorted(used, labels), structure)
    pooled = np.einsum("k,kij->ij", groups.weights, groups.covariances)
    weights, covariances = np.full(k, 1 / points.n), np.repeat(pooled[None], k, axis=0)
    weights[used], covariances[used] = groups.weights, groups.covariances
    return edits.conform(Mixture(weights / weights.sum(), means, covariances), structure)

"""Edits of a mixture: pure functions from mixture to mixture."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Real

import numpy as np
from numpy.typing import ArrayLike

from .linalg import Array, cholesky
from .mixture import Mixture
from .moments import Moments
from .split_merge import half_offset, match_moments
from .structure import Structure
from .validation import checked_columns, checked_component, symmetrised


def set_mean(mixture: Mixture, i: int, mean: ArrayLike) -> Mixture:
    """Give component i another mean (D,)."""
    i = checked_component(i, mixture.n_components)
    means = mixture.means.copy()
    means[i] = _vector(mean, mixture.n_features)
    return Mixture(mixture.weights, means, mixture.covariances)


def set_covariance(mixture: Mixture, i: int, covariance: ArrayLike) -> Mixture:
    """Give component i another covariance (D, D)."""
    i = checked_component(i, mixture.n_components)
    covariances = mixture.covariances.copy()
    covariances[i] = _matrix(covariance, mixture.n_features)
    return Mixture(mixture.weights, mixture.means, covariances)


def set_marginal(
    mixture: Mixture,
    i: int,
    dims: Sequence[int],
    mean: ArrayLike | None = None,
    covariance: ArrayLike | None = None,
) -> Mixture:
    """Give component i another marginal in the A columns `dims`: mean (A,), covariance (A, A).

    The other columns keep their regression on these, which gives the joint nearest to the old one
    in Kullback-Leibler divergence. The result is positive definite, and setting the old marginal
    again restores the old component.
    """
    i = checked_component(i, mixture.n_components)
    a = checked_columns(dims, mixture.n_features)
    b = [j for j in range(mixture.n_features) if j not in a]
    old_mean, old = mixture.means[i], mixture.covariances[i]
    marginal_mean = old_mean[a] if mean is None else _vector(mean, len(a))
    marginal = old[np.ix_(a, a)] if covariance is None else _matrix(covariance, len(a))
    slope = np.linalg.solve(old[np.ix_(a, a)], old[np.ix_(a, b)]).T
    new_mean, new = old_mean.copy(), old.copy()
    new_mean[a] = marginal_mean
    new_mean[b] += slope @ (marginal_mean - old_mean[a])
    change = marginal - old[np.ix_(a, a)]
    new[np.ix_(a, a)] = marginal
    new[np.ix_(b, a)] += slope @ change
    new[np.ix_(a, b)] = new[np.ix_(b, a)].T
    others = new[np.ix_(b, b)] + slope @ change @ slope.T
    new[np.ix_(b, b)] = (others + others.T) / 2
    return set_covariance(set_mean(mixture, i, new_mean), i, new)


def set_weight(mixture: Mixture, i: int, weight: float) -> Mixture:
    """Give component i the weight `weight`; the others keep their proportions."""
    i = checked_component(i, mixture.n_components)
    if mixture.n_components == 1:
        raise ValueError("the weight of a single component is 1 and can't be changed")
    new = _weight(weight)
    weights = mixture.weights * ((1 - new) / (1 - mixture.weights[i]))
    weights[i] = new
    return Mixture(weights, mixture.means, mixture.covariances)


def add(
    mixture: Mixture,
    mean: ArrayLike,
    covariance: ArrayLike | None = None,
    weight: float | None = None,
) -> Mixture:
    """Append a component; by default with the weighted mean covariance and weight 1 / (K + 1).

    The weights of the others shrink in proportion.
    """
    k, d = mixture.means.shape
    new_weight = 1 / (k + 1) if weight is None else _weight(weight)
    average = np.einsum("k,kij->ij", mixture.weights, mixture.covariances)
    new = average if covariance is None else _matrix(covariance, d)
    return Mixture(
        np.append(mixture.weights * (1 - new_weight), new_weight),
        np.vstack([mixture.means, _vector(mean, d)]),
        np.concatenate([mixture.covariances, new[None]]),
    )


def remove(mixture: Mixture, i: int) -> Mixture:
    """Remove component i; the others keep their proportions."""
    i = checked_component(i, mixture.n_components)
    if mixture.n_components == 1:
        raise ValueError("component 0 is the only one; a mixture needs at least one component")
    weights = np.delete(mixture.weights, i)
    return Mixture(
        weights / weights.sum(),
        np.delete(mixture.means, i, axis=0),
        np.delete(mixture.covariances, i, axis=0),
    )


def split(mixture: Mixture, i: int) -> Mixture:
    """Split component i in two across its longest axis; the second half is appended.

    The halves have the moments of a Gaussian cut at its mean, so that together they have the
    weight, mean and covariance of the original. "Longest" is in units of the mixture's own
    standard deviation per column.
    """
    i = checked_component(i, mixture.n_components)
    overall = match_moments(mixture.weights, mixture.means, mixture.covariances)
    unit = np.sqrt(np.diag(overall.covariances))
    offset = unit * half_offset(mixture.covariances[i] / unit[:, None] / unit)
    weights, means = mixture.weights.copy(), mixture.means.copy()
    weights[i] /= 2
    means[i] -= offset
    covariances = mixture.covariances.copy()
    covariances[i] -= np.outer(offset, offset)
    return Mixture(
        np.append(weights, weights[i]),
        np.vstack([means, means[i] + 2 * offset]),
        np.concatenate([covariances, covariances[i][None]]),
    )


def merge(mixture: Mixture, i: int, j: int) -> Mixture:
    """Merge components i and j into one with their joint weight, mean and covariance.

    It replaces component i; component j is removed.
    """
    i = checked_component(i, mixture.n_components)
    j = checked_component(j, mixture.n_components)
    if i == j:
        raise ValueError(f"component {i} can't be merged with itself; name two components")
    parameters = (mixture.weights, mixture.means, mixture.covariances)
    merged = match_moments(*(values[[i, j]] for values in parameters))
    kept = []
    for values, value in zip(parameters, merged, strict=True):
        replaced = values.copy()
        replaced[i] = value
        kept.append(np.delete(replaced, j, axis=0))
    return Mixture(*kept)


def conform_after_edit(
    mixture: Mixture, i: int, structure: Structure, dims: Sequence[int] | None = None
) -> Mixture:
    """Make the mixture obey the structure after component i was edited in columns `dims`.

    Component i is constrained alone, by what it is in those columns (by default all), so that the
    edit is not averaged away; under a shared structure the others then take its covariance.
    """
    i = checked_component(i, mixture.n_components)
    edited = checked_columns(
        range(mixture.n_features) if dims is None else dims, mixture.n_features
    )
    covariances = mixture.covariances.copy()
    covariances[slice(None) if structure.shared else i] = structure.project(covariances[i], edited)
    return Mixture(mixture.weights, mixture.means, covariances)


def conform(mixture: Mixture, structure: Structure) -> Mixture:
    """Make any mixture obey the structure; a shared covariance is the weighted mean."""
    counts = mixture.weights if structure.shared else np.ones(mixture.n_components)
    moments = Moments(counts, mixture.means, mixture.covariances * counts[:, None, None])
    covariances = structure.constrain(moments, np.ones(mixture.n_features))
    return Mixture(mixture.weights, mixture.means, covariances)


def _weight(value: float) -> float:
    if isinstance(value, bool) or not isinstance(value, Real) or not 0 < value < 1:
        raise ValueError(f"weight must be between 0 and 1 (exclusive), got {value!r}")
    return float(value)


def _vector(value: ArrayLike, d: int) -> Array:
    vector = _numbers(value)
    if vector is None or vector.shape != (d,) or not np.isfinite(vector).all():
        raise ValueError(f"mean must be {d} finite numbers, got {value!r}")
    return vector


def _matrix(value: ArrayLike, d: int) -> Array:
    matrix = _numbers(value)
    if matrix is None:
        raise ValueError(f"covariance must be {d} rows of {d} numbers, got {value!r}")
    if matrix.shape != (d, d):
        raise ValueError(f"covariance must have shape ({d}, {d}), got {matrix.shape}")
    try:
        cholesky(symmetrised(matrix[None]))
    except ValueError:
        raise ValueError(
            f"covariance must be symmetric and positive definite, got {matrix.tolist()}"
        ) from None
    return matrix


def _numbers(value: ArrayLike) -> Array | None:
    try:
        return np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError):
        return None

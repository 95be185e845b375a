"""What a hand does to a mixture: pure functions from mixture to mixture.

None of them changes anything in place, so a history of edits is a history of values.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from . import checks
from .linalg import Array, outer
from .mixture import Mixture
from .moments import Moments
from .structure import Structure


def move(mixture: Mixture, i: int, mean: ArrayLike) -> Mixture:
    """Give component i another mean (D,)."""
    i = checks.component(i, mixture.n_components)
    means = mixture.means.copy()
    means[i] = _vector(mean, mixture.n_features, "mean")
    return Mixture(mixture.weights, means, mixture.covariances)


def reshape(mixture: Mixture, i: int, covariance: ArrayLike) -> Mixture:
    """Give component i another covariance (D, D)."""
    i = checks.component(i, mixture.n_components)
    covariances = mixture.covariances.copy()
    covariances[i] = _matrix(covariance, mixture.n_features)
    return Mixture(mixture.weights, mixture.means, covariances)


def place(
    mixture: Mixture,
    i: int,
    dims: Sequence[int],
    mean: ArrayLike | None = None,
    covariance: ArrayLike | None = None,
) -> Mixture:
    """Give component i another marginal in the columns `dims`: mean (2,), covariance (2, 2).

    The other columns keep their regression on these, which is the joint nearest to the old one
    in Kullback-Leibler divergence. The result is positive definite, and placing the old marginal
    back restores the old component.
    """
    i = checks.component(i, mixture.n_components)
    a = checks.columns(dims, mixture.n_features)
    b = [j for j in range(mixture.n_features) if j not in a]
    old_mean, old = mixture.means[i], mixture.covariances[i]
    centre = old_mean[a] if mean is None else _vector(mean, len(a), "mean")
    shape = old[np.ix_(a, a)] if covariance is None else _matrix(covariance, len(a))
    slope = np.linalg.solve(old[np.ix_(a, a)], old[np.ix_(a, b)]).T
    new_mean, new = old_mean.copy(), old.copy()
    new_mean[a] = centre
    new_mean[b] += slope @ (centre - old_mean[a])
    change = shape - old[np.ix_(a, a)]
    new[np.ix_(a, a)] = shape
    new[np.ix_(b, a)] += slope @ change
    new[np.ix_(a, b)] = new[np.ix_(b, a)].T
    rest = new[np.ix_(b, b)] + slope @ change @ slope.T
    new[np.ix_(b, b)] = (rest + rest.T) / 2
    return reshape(move(mixture, i, new_mean), i, new)


def turn(mixture: Mixture, i: int, angle: float, dims: Sequence[int] = (0, 1)) -> Mixture:
    """Turn component i by `angle` radians, from column dims[0] towards dims[1]."""
    i = checks.component(i, mixture.n_components)
    a = checks.columns(dims, mixture.n_features)
    if len(a) != 2:
        raise ValueError(f"a turn needs two columns; got {a}")
    if not np.isfinite(angle):
        raise ValueError(f"an angle is a finite number of radians; got {angle}")
    c, s = np.cos(angle), np.sin(angle)
    rotation = np.array([[c, -s], [s, c]])
    shape = rotation @ mixture.covariances[i][np.ix_(a, a)] @ rotation.T
    return place(mixture, i, a, covariance=(shape + shape.T) / 2)


def reweigh(mixture: Mixture, i: int, weight: float) -> Mixture:
    """Give component i the weight `weight`; the others share the rest as they did."""
    i = checks.component(i, mixture.n_components)
    others = 1 - mixture.weights[i]
    if mixture.n_components == 1 or not 0 < weight < 1:
        raise ValueError(
            f"component {i} can't have weight {weight}: it must lie between 0 and 1, "
            "and a single component has weight 1"
        )
    weights = mixture.weights * ((1 - weight) / others)
    weights[i] = weight
    return Mixture(weights, mixture.means, mixture.covariances)


def add(
    mixture: Mixture,
    mean: ArrayLike,
    covariance: ArrayLike | None = None,
    weight: float | None = None,
) -> Mixture:
    """Append a component. By default it has the mean covariance of the others and weight 1/(K+1).

    The weights of the others shrink in proportion.
    """
    k, d = mixture.means.shape
    share = 1 / (k + 1) if weight is None else float(weight)
    if not 0 < share < 1:
        raise ValueError(f"a new component needs a weight between 0 and 1; got {share}")
    pooled = np.einsum("k,kij->ij", mixture.weights, mixture.covariances)
    shape = pooled if covariance is None else _matrix(covariance, d)
    return Mixture(
        np.append(mixture.weights * (1 - share), share),
        np.vstack([mixture.means, _vector(mean, d, "mean")]),
        np.concatenate([mixture.covariances, shape[None]]),
    )


def remove(mixture: Mixture, i: int) -> Mixture:
    """Take component i away; the others keep their proportions."""
    i = checks.component(i, mixture.n_components)
    if mixture.n_components == 1:
        raise ValueError("component 0 is the only one; a mixture needs at least one component")
    weights = np.delete(mixture.weights, i)
    return Mixture(
        weights / weights.sum(),
        np.delete(mixture.means, i, axis=0),
        np.delete(mixture.covariances, i, axis=0),
    )


def split(mixture: Mixture, i: int) -> Mixture:
    """Cut component i in two across its longest axis; the second half is appended.

    The halves have the moments of a Gaussian cut at its mean, so that together they have the
    weight, mean and covariance of the original. "Longest" is in units of the mixture's own
    standard deviation per column.
    """
    i = checks.component(i, mixture.n_components)
    _, total = _pooled(mixture, list(range(mixture.n_components)))
    unit = np.sqrt(np.diag(total))
    _, vectors = np.linalg.eigh(mixture.covariances[i] / unit[:, None] / unit)
    across = vectors[:, -1] / unit
    axis = mixture.covariances[i] @ across
    axis *= np.sqrt(2 / np.pi) / np.sqrt(across @ axis)
    covariance = mixture.covariances[i] - np.outer(axis, axis)
    weights, means = mixture.weights.copy(), mixture.means.copy()
    weights[i] /= 2
    means[i] -= axis
    covariances = mixture.covariances.copy()
    covariances[i] = covariance
    return Mixture(
        np.append(weights, weights[i]),
        np.vstack([means, means[i] + 2 * axis]),
        np.concatenate([covariances, covariance[None]]),
    )


def merge(mixture: Mixture, i: int, j: int) -> Mixture:
    """Make components i and j one, with their joint weight, mean and covariance, in i's place.

    Component j is removed.
    """
    i = checks.component(i, mixture.n_components)
    j = checks.component(j, mixture.n_components)
    if i == j:
        raise ValueError(f"component {i} can't be merged with itself; name two components")
    mean, covariance = _pooled(mixture, [i, j])
    weights = mixture.weights.copy()
    weights[i] += weights[j]
    merged = reshape(move(mixture, i, mean), i, covariance)
    return Mixture(
        np.delete(weights, j),
        np.delete(merged.means, j, axis=0),
        np.delete(merged.covariances, j, axis=0),
    )


def share(
    mixture: Mixture, i: int, structure: Structure, dims: Sequence[int] | None = None
) -> Mixture:
    """Make the mixture obey the structure after component i was edited in columns `dims`.

    Component i is constrained alone, by what it is in those columns (by default all), so that the
    edit is not averaged away; under a shared structure the others then take its shape.
    """
    i = checks.component(i, mixture.n_components)
    seen = checks.columns(range(mixture.n_features) if dims is None else dims, mixture.n_features)
    shape = structure.extend(mixture.covariances[i], seen)
    covariances = mixture.covariances.copy()
    covariances[slice(None) if structure.shared else i] = shape
    return Mixture(mixture.weights, mixture.means, covariances)


def conform(mixture: Mixture, structure: Structure) -> Mixture:
    """Make any mixture obey the structure; shared covariances are the weighted mean."""
    counts = mixture.weights if structure.shared else np.ones(mixture.n_components)
    moments = Moments(counts, mixture.means, mixture.covariances * counts[:, None, None])
    shapes = structure.constrain(moments, np.ones(mixture.n_features))
    return Mixture(mixture.weights, mixture.means, shapes)


def _pooled(mixture: Mixture, chosen: list[int]) -> tuple[Array, Array]:
    """Mean (D,) and covariance (D, D) of the chosen components taken together."""
    weights = mixture.weights[chosen] / mixture.weights[chosen].sum()
    mean = weights @ mixture.means[chosen]
    spread = mixture.covariances[chosen] + outer(mixture.means[chosen] - mean)
    return mean, np.einsum("k,kij->ij", weights, spread)


def _vector(value: ArrayLike, d: int, name: str) -> Array:
    vector = np.asarray(value, dtype=np.float64)
    if vector.shape != (d,) or not np.isfinite(vector).all():
        raise ValueError(f"a {name} here is {d} finite numbers; got {value!r}")
    return vector


def _matrix(value: ArrayLike, d: int) -> Array:
    matrix = np.asarray(value, dtype=np.float64)
    if matrix.shape != (d, d):
        raise ValueError(f"a covariance here has shape ({d}, {d}); got {matrix.shape}")
    return matrix

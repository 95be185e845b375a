"""User edits of the mixture: pure functions from a `State` to the next.

Edits name components by id, not by position, so an edit that was made before another one arrived
still changes the component it meant.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple, final

import numpy as np
from numpy.typing import ArrayLike

from gmm_widget.core import edits
from gmm_widget.core.locks import Locks
from gmm_widget.core.mixture import Mixture
from gmm_widget.core.split_merge import closest_pair
from gmm_widget.core.structure import structure as structure_named
from gmm_widget.session.coded_text import letter
from gmm_widget.session.state import State, free_id

MAX_COMPONENTS = 200
LOCKABLE = ("mean", "covariance", "weight")


@final
class Act(NamedTuple):
    """An act: its name and arguments, and the gesture that it is a frame of, if any.

    `final` marks the last frame of a gesture.
    """

    name: str
    args: Mapping[str, Any]
    gesture: Hashable = None
    final: bool = True


def place(
    state: State,
    *,
    component: int,
    dims: Sequence[int] | None = None,
    mean: ArrayLike | None = None,
    covariance: ArrayLike | None = None,
    weight: float | None = None,
) -> State:
    """Set the mean, the covariance (both in columns `dims`) or the weight of a component."""
    i = state.index(component)
    mixture = state.mixture
    plane = _plane(state, dims)
    try:
        if mean is not None or covariance is not None:
            mixture = edits.set_marginal(mixture, i, plane, mean, covariance)
        if covariance is not None:
            mixture = edits.conform_after_edit(mixture, i, state.structure, plane)
        if weight is not None:
            mixture = edits.set_weight(mixture, i, weight)
    except (ValueError, TypeError) as problem:
        raise ValueError(f"component {letter(component)}: {problem}") from None
    return state.with_mixture(mixture)


def add(state: State, *, mean: ArrayLike | None = None, dims: Sequence[int] | None = None) -> State:
    """Add a component at `mean` in columns `dims`; in the others at the mixture's mean."""
    check_room(state)
    mixture = state.mixture
    k = mixture.n_components
    centre = np.array(mixture.weights @ mixture.means)
    if mean is not None:
        plane = _plane(state, dims)
        centre[list(plane)] = finite_numbers(mean, len(plane), "mean")
    pooled = np.einsum("k,kij->ij", mixture.weights, mixture.covariances)
    grown = edits.add(mixture, centre, pooled, 1 / (k + 1))
    source = 0 if state.structure.shared else k
    grown = edits.conform_after_edit(grown, source, state.structure)
    return with_components(state, grown, (*state.ids, free_id(state.ids)), (*range(k), None))


def delete(state: State, *, component: int) -> State:
    """Remove a component; its weight goes to the others in proportion to theirs."""
    i = state.index(component)
    if state.mixture.n_components == 1:
        raise ValueError("the last component can't be deleted: a mixture has at least one")
    kept = tuple(j for j in range(state.mixture.n_components) if j != i)
    ids = tuple(state.ids[j] for j in kept)
    return with_components(state, edits.remove(state.mixture, i), ids, kept)


def split(state: State, *, component: int) -> State:
    """Split a component in two along its longest axis; the first half keeps its id."""
    check_room(state)
    i = state.index(component)
    k = state.mixture.n_components
    mixture = edits.split(state.mixture, i)
    for half in (i, k):
        mixture = _reshaped(state, mixture, half)
    return with_components(state, mixture, (*state.ids, free_id(state.ids)), (*range(k), None))


def merge(state: State, *, components: Sequence[int]) -> State:
    """Merge two components into one with their joint mean and covariance."""
    if len(components) != 2 or components[0] == components[1]:
        raise ValueError("merge takes two different components")
    i, j = (state.index(c) for c in components)
    merged = edits.merge(state.mixture, i, j)
    kept = tuple(n for n in range(state.mixture.n_components) if n != j)
    ids = tuple(state.ids[n] for n in kept)
    merged = _reshaped(state, merged, kept.index(i))
    return with_components(state, merged, ids, kept)


def set_n_components(state: State, *, n: int) -> State:
    """Grow by splitting the heaviest component, shrink by the merge that loses least."""
    if not 1 <= n <= MAX_COMPONENTS:
        raise ValueError(f"the number of components must be 1 to {MAX_COMPONENTS}, got {n}")
    while state.mixture.n_components < n:
        heaviest = int(np.argmax(state.mixture.weights))
        state = split(state, component=state.ids[heaviest])
    while state.mixture.n_components > n:
        i, j = closest_pair(state.mixture)
        state = merge(state, components=(state.ids[i], state.ids[j]))
    return state


def set_covariance_type(state: State, *, name: str) -> State:
    """Change the covariance structure; the covariances are projected onto it."""
    structure = structure_named(name)
    mixture = edits.conform(state.mixture, structure)
    return replace(state.with_mixture(mixture), structure=structure)


def lock(state: State, *, component: int, what: str, on: bool = True) -> State:
    """Lock (`on`) or unlock a component's "mean", "covariance", "weight" or "all" for EM."""
    if what not in (*LOCKABLE, "all"):
        raise ValueError(f"what must be one of {(*LOCKABLE, 'all')}, got {what!r}")
    i = state.index(component)
    flags = [np.array(f) for f in (state.locks.means, state.locks.covariances, state.locks.weights)]
    for name, flag in zip(LOCKABLE, flags, strict=True):
        if what in (name, "all"):
            flag[i] = on
    # A fixed weight changes the model, and with it the evidence lower bound.
    elbo = state.elbo if what in ("mean", "covariance") else None
    return replace(state, locks=Locks(*flags), converged=False, elbo=elbo)


def assign(state: State, *, mixture: Mixture) -> State:
    """Replace the mixture; components keep their letters in order."""
    fitting(state, mixture)
    k = mixture.n_components
    ids = state.ids[:k]
    while len(ids) < k:
        ids = (*ids, free_id(ids))
    old = state.mixture.n_components
    sources = tuple(j if j < old else None for j in range(k))
    return with_components(state, mixture, ids, sources)


def fitting(state: State, mixture: Mixture) -> Mixture:
    """The mixture, if it can replace the current one; ValueError says why not."""
    k, d = mixture.n_components, state.mixture.n_features
    if k > MAX_COMPONENTS:
        raise ValueError(f"the mixture has {k} components; at most {MAX_COMPONENTS} can be shown")
    if mixture.n_features != d:
        raise ValueError(f"the mixture has {mixture.n_features} columns, the data have {d}")
    return mixture


def _reshaped(state: State, mixture: Mixture, i: int) -> Mixture:
    """The mixture with component i's new covariance projected; a shared one stays as it was."""
    if state.structure.shared:
        mixture = edits.set_covariance(mixture, i, state.mixture.covariances[0])
    return edits.conform_after_edit(mixture, i, state.structure)


def with_components(
    state: State, mixture: Mixture, ids: tuple[int, ...], sources: Sequence[int | None]
) -> State:
    """The state with other components: `sources` are their positions before, None for new ones.

    Locks move with the components; new ones are unlocked.
    """

    def follow(flags: np.ndarray) -> np.ndarray:
        return np.array([False if s is None else bool(flags[s]) for s in sources])

    old = state.locks
    locks = Locks(follow(old.means), follow(old.covariances), follow(old.weights))
    return replace(state.with_mixture(mixture), ids=ids, locks=locks)


def check_room(state: State) -> None:
    """ValueError if there is no room for one more component."""
    if state.mixture.n_components >= MAX_COMPONENTS:
        raise ValueError(f"there can be at most {MAX_COMPONENTS} components: delete one first")


def finite_numbers(value: ArrayLike, size: int, what: str) -> np.ndarray:
    """The value as (size,) float64; ValueError if it is anything else."""
    try:
        numbers = np.asarray(value, np.float64)
    except (TypeError, ValueError):
        numbers = np.empty(0)
    if numbers.shape != (size,) or not np.isfinite(numbers).all():
        raise ValueError(f"{what} must be {size} finite numbers, got {value!r}")
    return numbers


def _plane(state: State, dims: Sequence[int] | None) -> tuple[int, ...]:
    d = state.mixture.n_features
    plane = tuple(range(min(2, d))) if dims is None else tuple(dims)
    if not plane or len(set(plane)) != len(plane) or not all(0 <= j < d for j in plane):
        raise ValueError(f"dims must be different columns of 0 to {d - 1}, got {plane}")
    return plane

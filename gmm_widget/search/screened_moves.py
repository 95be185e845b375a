"""Moves away from a local optimum that are ranked before any is tried.

A move joins two components, or leaves one out, and cuts another in two. What each of these changes
is found alone, the other components and the responsibilities r of the rows held as they are:

- a pair g in place of component c gains at least sum_n r_nc log(g(x_n) / f_c(x_n)), by Jensen's
  inequality; g is fitted by a few steps of EM on the rows of c, weighted by r_nc;
- one Gaussian m in place of i and j loses at most
  sum_n (r_ni + r_nj) log((w_i f_i(x_n) + w_j f_j(x_n)) / (w_m f_m(x_n)));
- leaving k out loses N log(1 - w_k) - sum_n log(1 - r_nk).

So a round costs about as much as a few passes of EM, whatever the number of components, where
trying all moves takes their number cubed (Ueda, Nakano, Ghahramani & Hinton 2000, "SMEM algorithm
for mixture models", who rank them by other measures).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from gmm_widget.core.density import LOG_2PI
from gmm_widget.core.linalg import Array
from gmm_widget.core.moments import Moments
from gmm_widget.core.split_merge import Parts, half_offset, match_moments, pair_merges

from .batch import MixtureBatch, joined
from .batched_em import BatchData
from .seeding import random_starts
from .split_merge_moves import fitted, parts_of
from .spurious import spurious

#: Pairs of components whose merge is evaluated, per component.
_PAIRS = 3
#: Rows with a smaller responsibility don't take part in a split; most rows that do; pairs that are
#: tried at random beside a cut across the longest axis, and the EM steps of each.
_LEAST_SHARE, _MOST_ROWS, _RANDOM_SPLITS, _SPLIT_STEPS = 0.02, 1024, 3, 12


class Split(NamedTuple):
    """Two components in place of one, and what they gain at least (total nats)."""

    gain: float
    parts: Parts


class Removal(NamedTuple):
    """One component fewer: `second` is merged into `first`, or left out if that is None."""

    loss: float
    first: int | None
    second: int


class Move(NamedTuple):
    """A split of component `cut` and a removal of another; `score` is what they promise."""

    score: float
    cut: int
    split: Split
    removal: Removal

    @property
    def touched(self) -> set[int | None]:
        """The components that it changes."""
        return {self.cut, self.removal.first, self.removal.second}


def screened_moves(
    data: BatchData, batch: MixtureBatch, count: int, rng: np.random.Generator
) -> MixtureBatch | None:
    """The `count` moves from the first member that promise most, the best first.

    In front of them stands a mixture with all moves that promise a gain and don't touch the same
    components, if there are several. None where there is no move.
    """
    joint = data.log_joint(batch)
    shares = shares_of(data, joint)
    splits = [_split(data, batch, c, share, rng) for c, share in enumerate(shares)]
    ranked = _ranked(splits, _removals(data, batch, joint, shares))
    if not ranked:
        return None
    together = _disjoint([move for move in ranked if move.score > 0])
    groups = [together] if len(together) > 1 else []
    groups += [[move] for move in ranked[:count]]
    moved = [_moved(parts_of(batch), group) for group in groups]
    return fitted(data, Parts(*(np.stack(part) for part in zip(*moved, strict=True))))


def shares_of(data: BatchData, joint: Array) -> Array:
    """Responsibilities (K, N) times the weights of the rows, from log joint densities."""
    shares = _responsibilities(joint)
    return np.asarray(shares if data.weight is None else shares * data.weight)


def _ranked(splits: list[Split | None], removals: list[Removal]) -> list[Move]:
    """All combinations of a split with a removal of others, the most promising first."""
    moves = [
        Move(split.gain - removal.loss, cut, split, removal)
        for cut, split in enumerate(splits)
        if split is not None
        for removal in removals
        if cut not in (removal.first, removal.second)
    ]
    return sorted(moves, key=lambda move: -move.score)


def _disjoint(moves: list[Move]) -> list[Move]:
    """The first moves of which no two touch the same component."""
    chosen: list[Move] = []
    touched: set[int | None] = set()
    for move in moves:
        if not move.touched - {None} & touched:
            chosen.append(move)
            touched |= move.touched - {None}
    return chosen


def _moved(base: Parts, moves: list[Move]) -> Parts:
    """The one mixture after these moves."""
    parts = Parts(*(part[0].copy() for part in base))
    for move in moves:
        first, second = move.removal.first, move.removal.second
        if first is not None:
            pair = [first, second]
            merged = match_moments(*(part[pair] for part in parts))
            for part, value in zip(parts, merged, strict=True):
                part[first] = value
        halves = (parts.weights[move.cut] * move.split.parts.weights, *move.split.parts[1:])
        for part, two in zip(parts, halves, strict=True):
            part[[move.cut, second]] = two
    return parts


def _split(
    data: BatchData, batch: MixtureBatch, component: int, share: Array, rng: np.random.Generator
) -> Split | None:
    """The best pair found in place of a component; None if all are spurious or collapse."""
    rows = np.flatnonzero(share > _LEAST_SHARE)
    if len(rows) > _MOST_ROWS:
        rows = rows[np.linspace(0, len(rows) - 1, _MOST_ROWS).astype(np.intp)]
    whole = Parts(*(part[0, component] for part in parts_of(batch)))
    total = float(share[rows].sum())
    if total < 2 * data.structure.min_rows(len(data.scale)):
        return None
    part = data.part(rows, share[rows], np.diagonal(whole.covariances))
    one = MixtureBatch(np.zeros((1, 1)), whole.means[None, None], batch.lower[:1, [component]])
    before = float(part.em_step(one).objective[0])
    pairs = _halved(part, whole)
    if len(rows) > 2:
        pairs = joined(pairs, random_starts(part, 2, _RANDOM_SPLITS, [rng]))
    for _ in range(_SPLIT_STEPS):
        update = part.em_step(pairs)
        if not update.sound.any():
            return None
        pairs = update.after.take(update.sound)
    objective = part.em_step(pairs).objective
    bad = spurious(pairs, data.structure, total, data.variance, data.min_variance)
    objective = np.where(bad | ~np.isfinite(objective), -np.inf, objective)
    best = int(objective.argmax())
    gain = (float(objective[best]) - before) * float(share.sum()) / total
    if not np.isfinite(gain):
        return None
    return Split(gain, Parts(*(part[0] for part in parts_of(pairs.take([best])))))


def _halved(part: BatchData, whole: Parts) -> MixtureBatch:
    """A component cut across its longest axis."""
    step = half_offset(whole.covariances)
    shape = whole.covariances - step[:, None] * step
    means = np.stack([whole.means - step, whole.means + step])
    return fitted(part, Parts(np.full((1, 2), 0.5), means[None], np.stack([shape, shape])[None]))


def _removals(data: BatchData, batch: MixtureBatch, joint: Array, shares: Array) -> list[Removal]:
    """Merges of near pairs and components left out, each with its loss."""
    weights = np.exp(batch.log_weights[0])
    losses = data.total * np.log1p(-weights) - _left_by(data, joint)
    removals = [Removal(float(loss), None, c) for c, loss in enumerate(losses)]
    held = data.shared_out(shares)
    now = Parts(held.counts[None] / data.total, held.means[None], held.covariances()[None])
    first, second, bound, merged = pair_merges(*now)
    near = np.argsort(bound[0], kind="stable")[: _PAIRS * len(weights)]
    i, j = first[near], second[near]
    counts = merged.weights[0, near] * data.total
    moments = Moments(
        counts, merged.means[0, near], counts[:, None, None] * merged.covariances[0, near]
    )
    lower = data.fitted(moments, np.ones(len(near), dtype=np.bool_)).lower[:, 0]
    d = len(data.scale)
    peak = np.log(merged.weights[0, near]) - d * (1 + LOG_2PI) / 2
    peak -= np.log(np.einsum("pii->pi", lower)).sum(axis=1)
    for a, b, count, height in zip(i, j, counts, peak, strict=True):
        apart = (shares[a] + shares[b]) @ np.logaddexp(joint[a], joint[b])
        removals.append(Removal(float(apart - count * height), int(a), int(b)))
    return removals


def _responsibilities(joint: Array) -> Array:
    """Responsibilities (K, N) from log joint densities."""
    shares = np.exp(joint - joint.max(axis=0))
    return np.asarray(shares / shares.sum(axis=0))


def _left_by(data: BatchData, joint: Array) -> Array:
    """Sums (K,) over the rows of log(1 - r_nk), with no digits lost where r_nk is nearly one."""
    shares = _responsibilities(joint)
    left = np.log1p(-np.minimum(shares, 0.5))
    for k in range(len(shares)):
        rows = np.flatnonzero(shares[k] > 0.5)
        others = shares[np.arange(len(shares)) != k][:, rows].sum(axis=0)
        left[k, rows] = np.log(np.maximum(others, 1e-300))
    return np.asarray(left.sum(axis=1) if data.weight is None else left @ data.weight)

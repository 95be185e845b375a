"""The search for the highest maximum: short runs of many starts, longer runs of a few, and then
moves away from the best for as long as they gain.

The parts and the numbers below were chosen by measuring; see `restarts`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from . import split_merge_moves
from .ascent import CONVERGED, DOMINATED, ActiveRuns, BatchEM
from .batch import MixtureBatch
from .seeding import random_starts


class Plan(NamedTuple):
    """How much work a search does. Steps are EM passes over a batch."""

    #: Candidates per start, of which the best after `tried` steps is followed (Biernacki, Celeux
    #: & Govaert 2003, "small EM"). They begin with one component more, and merge two after a few
    #: steps.
    candidates: int = 2
    overfull_steps: int = 6
    tried: int = 8
    #: Steps that all starts may take, that the best few may take further, and how many those are.
    short: int = 20
    long: int = 40
    few: int = 3
    #: Neighbours tried per component (and at least in all), EM steps of the trial, how many of the
    #: best are followed and for how many steps.
    neighbours: int = 5
    min_neighbours: int = 0
    #: Whether some of them place a narrow component.
    narrow: bool = False
    trial_steps: int = 10
    followed_moves: int = 4
    move_steps: int = 30
    #: Failing rounds of moves that end the search, and the most rounds.
    patience: int = 2
    rounds: int = 20
    #: Under a shared covariance, which no component can reshape alone, moves seldom gain, and EM
    #: may gain little for many steps before it gains much: batches of fresh starts after the
    #: moves, and the steps each takes before it is compared.
    fresh_batches: int = 2
    fresh_steps: int = 40


#: For a model selection, where neighbouring cells find what most moves would: one failing round.
QUICK = Plan(patience=1, neighbours=3, min_neighbours=20, narrow=True, fresh_batches=0)
#: Mean gain of a step below which candidates are compared.
LEVEL = 1e-6
#: Mean objectives nearer than this count as one optimum.
SAME = 1e-6


def search(
    batch_em: BatchEM,
    k: int,
    starts: int,
    rng: np.random.Generator,
    plan: Plan,
    warm: MixtureBatch | None = None,
) -> Iterator[ActiveRuns]:
    """Yield ever smaller groups of runs, the best first; the last one is the result.

    Members with ids 0 to starts * plan.candidates - 1 belong to the starts in order; later ids are
    from `warm` (mixtures known to be good), from moves and from fresh starts. Members that are
    dropped are in `batch_em.dropped`.
    """
    runs = _initial_runs(batch_em, k, starts, rng, plan)
    if warm is not None:
        runs = runs.and_then(_warm_runs(batch_em, warm, plan))
    runs = batch_em.run(runs, plan.short, LEVEL)
    if batch_em.prune:
        runs = _best(batch_em, runs, plan.few)
    yield runs
    runs = _best(batch_em, batch_em.run(runs, plan.long, LEVEL), len(runs.ids))
    yield runs
    for higher in improve_by_moves(batch_em, runs, rng, plan):
        runs = higher
        yield runs
    yield from _fresh_starts(batch_em, runs, starts, rng, plan)


def improve_by_moves(
    batch_em: BatchEM, runs: ActiveRuns, rng: np.random.Generator, plan: Plan
) -> Iterator[ActiveRuns]:
    """Yield the runs with one more member in front, for as long as moves away from the best
    gain.
    """
    failures = 0
    for _ in range(plan.rounds if runs.ids and runs.batch.means.shape[1] > 1 else 0):
        found = _try_moves(batch_em, runs, rng, plan)
        failures = failures + 1 if found is None else 0
        if failures == plan.patience:
            return
        if found is not None:
            runs = found.and_then(runs)
            yield runs


def _fresh_starts(
    batch_em: BatchEM, runs: ActiveRuns, starts: int, rng: np.random.Generator, plan: Plan
) -> Iterator[ActiveRuns]:
    """Yield the runs with one more member in front, from fresh starts that end above the best."""
    k = runs.batch.means.shape[1]
    worthwhile = batch_em.data.structure.shared and runs.ids and k > 1
    for _ in range(plan.fresh_batches if worthwhile else 0):
        fresh = batch_em.enter(("k-means++", _candidates(batch_em, k, starts, rng, plan)))
        fresh = batch_em.run(fresh, plan.fresh_steps, LEVEL, prune=False)
        found = _best_above(batch_em, runs, fresh, plan.few, plan.long)
        if found is not None:
            runs = found.and_then(runs)
            yield runs


def _initial_runs(
    batch_em: BatchEM, k: int, starts: int, rng: np.random.Generator, plan: Plan
) -> ActiveRuns:
    """The best candidate of each start, after a few steps."""
    each = plan.candidates
    runs = batch_em.enter(("k-means++", _candidates(batch_em, k, starts, rng, plan)))
    runs = batch_em.run(runs, plan.tried, LEVEL, prune=False)
    value = _comparison_values(batch_em, runs)
    places: dict[int, int] = {}
    for place, number in enumerate(runs.ids):
        start = number // each
        if start not in places or value[place] > value[places[start]]:
            places[start] = place
    return runs.take([places[start] for start in sorted(places)])


def _candidates(
    batch_em: BatchEM, k: int, starts: int, rng: np.random.Generator, plan: Plan
) -> MixtureBatch:
    """First mixtures, a few for each start."""
    data, count = batch_em.data, starts * plan.candidates
    try:
        overfull = random_starts(data, k + 1, count, rng)
    except ValueError:  # perhaps there are just k distinct points
        return random_starts(data, k, count, rng)
    for _ in range(plan.overfull_steps):
        overfull = data.em_step(overfull).after
    return split_merge_moves.merged(data, overfull)


def _warm_runs(batch_em: BatchEM, warm: MixtureBatch, plan: Plan) -> ActiveRuns:
    """The best few of the warm starts, after a few steps."""
    runs = batch_em.run(batch_em.enter(("neighbour", warm)), plan.tried, LEVEL, prune=False)
    value = _comparison_values(batch_em, runs)
    return runs.take(sorted(range(len(value)), key=lambda i: -value[i])[: plan.few])


def _comparison_values(batch_em: BatchEM, runs: ActiveRuns) -> list[float]:
    """What members are compared by: their objective, with spurious ones below all others."""
    if not runs.ids:
        return []
    bad = batch_em.is_spurious(runs.batch)
    below = float(np.ptp(runs.objective)) + 1 if bad.any() else 0.0
    values: list[float] = np.where(bad, runs.objective - below, runs.objective).tolist()
    return values


def _best(batch_em: BatchEM, runs: ActiveRuns, most: int) -> ActiveRuns:
    """The best few members, best first, one for each optimum; the others are dropped."""
    value = _comparison_values(batch_em, runs)
    order = sorted(range(len(value)), key=lambda i: -value[i])
    near = SAME * batch_em.data.total
    kept: list[int] = []
    for i in order:
        if len(kept) < most and all(abs(value[i] - value[j]) > near for j in kept):
            kept.append(i)
    rest = [i for i in order if i not in kept]
    twins = [i for i in rest if any(abs(value[i] - value[j]) <= near for j in kept)]
    batch_em.leave(runs.take(twins), CONVERGED)
    batch_em.leave(runs.take([i for i in rest if i not in twins]), DOMINATED)
    return runs.take(kept)


def _try_moves(
    batch_em: BatchEM, runs: ActiveRuns, rng: np.random.Generator, plan: Plan
) -> ActiveRuns | None:
    """A member above the best of the runs, reached by a move; None if none is found."""
    data = batch_em.data
    base, k = runs.batch.take([0]), runs.batch.means.shape[1]
    tries = max(plan.neighbours * k, plan.min_neighbours)
    cuts = split_merge_moves.splits_with_merges(data, base, tries // 2, rng)
    count = tries - (0 if cuts is None else len(cuts.means))
    groups = [("swap", split_merge_moves.swaps(data, base, count, rng, plan.narrow))]
    if cuts is not None:
        groups.append(("split and merge", cuts))
    tried = batch_em.run(batch_em.enter(*groups), plan.trial_steps, LEVEL, prune=False)
    return _best_above(batch_em, runs, tried, plan.followed_moves, plan.move_steps)


def _best_above(
    batch_em: BatchEM, runs: ActiveRuns, tried: ActiveRuns, most: int, steps: int
) -> ActiveRuns | None:
    """The best of `tried` after further steps, if it beats the best of the runs."""
    bar = float(runs.objective[0])
    value = _comparison_values(batch_em, tried)
    order = sorted(range(len(value)), key=lambda i: -value[i])[:most]
    if not order:  # all have collapsed
        return None
    found = batch_em.run(tried.take(order), steps, LEVEL, bar)
    value = _comparison_values(batch_em, found)
    if not value or max(value) <= bar + 10 * SAME * batch_em.data.total:
        return None
    found = found.take([int(np.argmax(value))])
    return None if batch_em.is_spurious(found.batch)[0] else found

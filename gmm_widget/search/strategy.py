"""The search for the highest maximum: short climbs of many starts, long climbs of a few, and then
moves away from the best for as long as they lead higher.

The parts and the numbers below were chosen by measuring; see `restarts`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from . import split_merge_moves
from .ascent import ARRIVED, BEHIND, ActiveRuns, BatchEM
from .batch import MixtureBatch
from .seeding import random_starts


class Plan(NamedTuple):
    """How much of what. Steps are passes of EM over the flock."""

    #: Candidates per start, of which the best after `tried` steps is followed (Biernacki, Celeux
    #: & Govaert 2003, "small EM"). They begin with one component more, and merge two after a few
    #: steps.
    candidates: int = 2
    crowded: int = 6
    tried: int = 8
    #: Steps that all starts may take, that the best few may take further, and how many those are.
    short: int = 20
    long: int = 40
    few: int = 3
    #: Neighbours of the best per component and at least, steps they are tried and followed, how
    #: many of them.
    neighbours: int = 5
    least: int = 0
    #: Whether some of them plant a narrow component.
    narrow: bool = False
    glance: int = 10
    followed: int = 4
    stretch: int = 30
    #: Rounds of moves that may fail before the search ends, and the most there are.
    patience: int = 2
    rounds: int = 20
    #: Under a shared covariance, which no component can reshape alone, moves from the best seldom
    #: lead far, and a climb may gain little for long before it gains much: how many batches of
    #: fresh starts come after the moves, and how many steps each takes before it is judged.
    batches: int = 2
    patiently: int = 40


#: For where neighbours find what most moves would: one round of these in vain is enough.
QUICK = Plan(patience=1, neighbours=3, least=20, narrow=True, batches=0)
#: Gains below this (mean, in one step) mean a level stretch: good enough to compare.
LEVEL = 1e-6
#: Objectives (mean) nearer than this are those of one optimum, for all that the search cares.
SAME = 1e-6


def search(
    climber: BatchEM,
    k: int,
    starts: int,
    rng: np.random.Generator,
    plan: Plan,
    warm: MixtureBatch | None = None,
) -> Iterator[ActiveRuns]:
    """Herds of ever fewer members as the search goes on, the best first; the last is the result.

    Members with the ids 0 to starts * plan.candidates - 1 belong to the starts in order; those
    that come after are from `warm`, mixtures that someone knows to be good, from moves, and
    from fresh starts.
    Members that part are in `climber.dropped`.
    """
    herd = _begun(climber, k, starts, rng, plan)
    if warm is not None:
        herd = herd.and_then(_warmed(climber, warm, plan))
    herd = climber.climb(herd, plan.short, LEVEL)
    if climber.prune:
        herd = _best(climber, herd, plan.few)
    yield herd
    herd = _best(climber, climber.climb(herd, plan.long, LEVEL), len(herd.ids))
    yield herd
    for higher in moving(climber, herd, rng, plan):
        herd = higher
        yield herd
    yield from _afresh(climber, herd, starts, rng, plan)


def moving(
    climber: BatchEM, herd: ActiveRuns, rng: np.random.Generator, plan: Plan
) -> Iterator[ActiveRuns]:
    """Herds with one more member each, found by moves away from the best, as long as there are."""
    failures = 0
    for _ in range(plan.rounds if herd.ids and herd.flock.means.shape[1] > 1 else 0):
        found = _moved(climber, herd, rng, plan)
        failures = failures + 1 if found is None else 0
        if failures == plan.patience:
            return
        if found is not None:
            herd = found.and_then(herd)
            yield herd


def _afresh(
    climber: BatchEM, herd: ActiveRuns, starts: int, rng: np.random.Generator, plan: Plan
) -> Iterator[ActiveRuns]:
    """Herds with one more member each, from fresh starts that end above the best."""
    k = herd.flock.means.shape[1]
    worthwhile = climber.ground.structure.shared and herd.ids and k > 1
    for _ in range(plan.batches if worthwhile else 0):
        fresh = climber.enter(("k-means++", _candidates(climber, k, starts, rng, plan)))
        fresh = climber.climb(fresh, plan.patiently, LEVEL, prune=False)
        found = _higher(climber, herd, fresh, plan.few, plan.long)
        if found is not None:
            herd = found.and_then(herd)
            yield herd


def _begun(
    climber: BatchEM, k: int, starts: int, rng: np.random.Generator, plan: Plan
) -> ActiveRuns:
    """The best of a few candidates for each start, after a few steps."""
    each = plan.candidates
    herd = climber.enter(("k-means++", _candidates(climber, k, starts, rng, plan)))
    herd = climber.climb(herd, plan.tried, LEVEL, prune=False)
    value = _value(climber, herd)
    places: dict[int, int] = {}
    for place, number in enumerate(herd.ids):
        start = number // each
        if start not in places or value[place] > value[places[start]]:
            places[start] = place
    return herd.take([places[start] for start in sorted(places)])


def _candidates(
    climber: BatchEM, k: int, starts: int, rng: np.random.Generator, plan: Plan
) -> MixtureBatch:
    """First mixtures, a few for each start."""
    ground, count = climber.ground, starts * plan.candidates
    try:
        crowd = random_starts(ground, k + 1, count, rng)
    except ValueError:  # perhaps there are just k distinct points
        return random_starts(ground, k, count, rng)
    for _ in range(plan.crowded):
        crowd = ground.ascend(crowd).after
    return split_merge_moves.merged(ground, crowd)


def _warmed(climber: BatchEM, warm: MixtureBatch, plan: Plan) -> ActiveRuns:
    """The few best of the warm starts, after a few steps."""
    herd = climber.climb(climber.enter(("neighbour", warm)), plan.tried, LEVEL, prune=False)
    value = _value(climber, herd)
    return herd.take(sorted(range(len(value)), key=lambda i: -value[i])[: plan.few])


def _value(climber: BatchEM, herd: ActiveRuns) -> list[float]:
    """What members are compared by: their objective, with the spurious below all others."""
    if not herd.ids:
        return []
    bad = climber.is_spurious(herd.flock)
    below = float(np.ptp(herd.objective)) + 1 if bad.any() else 0.0
    values: list[float] = np.where(bad, herd.objective - below, herd.objective).tolist()
    return values


def _best(climber: BatchEM, herd: ActiveRuns, most: int) -> ActiveRuns:
    """The best few, best first, one for each optimum; the others part."""
    value = _value(climber, herd)
    order = sorted(range(len(value)), key=lambda i: -value[i])
    near = SAME * climber.ground.total
    kept: list[int] = []
    for i in order:
        if len(kept) < most and all(abs(value[i] - value[j]) > near for j in kept):
            kept.append(i)
    rest = [i for i in order if i not in kept]
    twins = [i for i in rest if any(abs(value[i] - value[j]) <= near for j in kept)]
    climber.leave(herd.take(twins), ARRIVED)
    climber.leave(herd.take([i for i in rest if i not in twins]), BEHIND)
    return herd.take(kept)


def _moved(
    climber: BatchEM, herd: ActiveRuns, rng: np.random.Generator, plan: Plan
) -> ActiveRuns | None:
    """A member higher than the first of the herd, reached by a move; None if none is found."""
    ground = climber.ground
    base, k = herd.flock.take([0]), herd.flock.means.shape[1]
    tries = max(plan.neighbours * k, plan.least)
    cuts = split_merge_moves.splits_with_merges(ground, base, tries // 2, rng)
    count = tries - (0 if cuts is None else len(cuts.means))
    parties = [("swap", split_merge_moves.swaps(ground, base, count, rng, plan.narrow))]
    if cuts is not None:
        parties.append(("split and merge", cuts))
    tried = climber.climb(climber.enter(*parties), plan.glance, LEVEL, prune=False)
    return _higher(climber, herd, tried, plan.followed, plan.stretch)


def _higher(
    climber: BatchEM, herd: ActiveRuns, tried: ActiveRuns, most: int, steps: int
) -> ActiveRuns | None:
    """Of the best few of those tried, followed further, the one that rises above the herd."""
    bar = float(herd.objective[0])
    value = _value(climber, tried)
    order = sorted(range(len(value)), key=lambda i: -value[i])[:most]
    if not order:  # all have collapsed
        return None
    found = climber.climb(tried.take(order), steps, LEVEL, bar)
    value = _value(climber, found)
    if not value or max(value) <= bar + 10 * SAME * climber.ground.total:
        return None
    found = found.take([int(np.argmax(value))])
    return None if climber.is_spurious(found.flock)[0] else found

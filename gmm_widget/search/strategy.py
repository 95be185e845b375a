"""The search for the highest maximum: short runs of many starts, longer runs of those that lead,
and then moves away from these for as long as they gain.

No start depends on a later one: each has random numbers of its own, and is only ever dropped in
favour of an earlier one. So the first of ten starts is the one of one, and more starts never end
lower than fewer. The parts and the numbers below were chosen by measuring; see `restarts`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from . import split_merge_moves
from .ascent import CONVERGED, DOMINATED, ActiveRuns, BatchEM
from .batch import MixtureBatch
from .screened_moves import screened_moves
from .seeding import random_starts


class Plan(NamedTuple):
    """How much work a search does. Steps are EM passes over a batch."""

    #: Candidates per start, of which the best after `tried` steps is followed (Biernacki, Celeux
    #: & Govaert 2003, "small EM"). They begin with one component more, and merge two after a few
    #: steps.
    candidates: int = 2
    overfull_steps: int = 6
    tried: int = 8
    #: The same under a shared covariance, which no component can reshape alone: moves seldom gain
    #: there, and EM may gain little for many steps before it gains much.
    shared_candidates: int = 6
    shared_tried: int = 40
    #: Steps that all starts may take, and that those may take further which then are among the
    #: best few of the starts up to them.
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
    #: Rows times components from which moves are ranked before they are tried, and how many are.
    screened_from: int = 8192
    screened: int = 8
    #: Failing rounds of moves that end the moves from a start, and the most rounds.
    patience: int = 2
    rounds: int = 20

    def small_em(self, shared: bool) -> tuple[int, int]:
        """Candidates per start, and the steps after which the best of them is followed."""
        if shared:
            return self.shared_candidates, self.shared_tried
        return self.candidates, self.tried


#: For a model selection, where neighbouring cells find what most moves would: one failing round.
QUICK = Plan(
    patience=1,
    neighbours=3,
    min_neighbours=20,
    narrow=True,
    shared_candidates=2,
    shared_tried=8,
)
#: Mean gain of a step below which candidates are compared.
LEVEL = 1e-6
#: Mean objectives nearer than this count as one optimum.
SAME = 1e-6


def first_runs(
    batch_em: BatchEM,
    k: int,
    rngs: Sequence[np.random.Generator],
    plan: Plan,
    warm: MixtureBatch | None = None,
) -> Iterator[ActiveRuns]:
    """Yield ever smaller groups of runs, in the order of their starts; the last is the result.

    There is a start for each of `rngs`, with `plan.small_em` consecutive ids. Runs from `warm`
    (mixtures known to be good) come before all starts. Runs that are dropped are in
    `batch_em.dropped`.
    """
    runs = _initial_runs(batch_em, k, rngs, plan)
    if warm is not None:
        runs = _warm_runs(batch_em, warm, plan).and_then(runs)
    runs = _leading(batch_em, batch_em.run(runs, plan.short, LEVEL), plan.few)
    yield runs
    yield _leading(batch_em, batch_em.run(runs, plan.long, LEVEL), plan.few)


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


def best_first(batch_em: BatchEM, runs: ActiveRuns) -> ActiveRuns:
    """The same runs, from the highest to the lowest, spurious ones last."""
    value = _comparison_values(batch_em, runs)
    return runs.take(sorted(range(len(value)), key=lambda i: -value[i]))


def _initial_runs(
    batch_em: BatchEM, k: int, rngs: Sequence[np.random.Generator], plan: Plan
) -> ActiveRuns:
    """The best candidate of each start, after a few steps."""
    each, tried = plan.small_em(batch_em.data.structure.shared)
    runs = batch_em.enter(("k-means++", _candidates(batch_em, k, rngs, each, plan)))
    first = runs.ids[0]
    runs = batch_em.run(runs, tried, LEVEL, prune=False)
    value = _comparison_values(batch_em, runs)
    places: dict[int, int] = {}
    for place, number in enumerate(runs.ids):
        start = (number - first) // each
        if start not in places or value[place] > value[places[start]]:
            places[start] = place
    return runs.take([places[start] for start in sorted(places)])


def _candidates(
    batch_em: BatchEM, k: int, rngs: Sequence[np.random.Generator], each: int, plan: Plan
) -> MixtureBatch:
    """First mixtures, `each` for a start."""
    data = batch_em.data
    try:
        overfull = random_starts(data, k + 1, each, rngs)
    except ValueError:  # perhaps there are just k distinct points
        return random_starts(data, k, each, rngs)
    for _ in range(plan.overfull_steps):
        overfull = data.em_step(overfull).after
    return split_merge_moves.merged(data, overfull)


def _warm_runs(batch_em: BatchEM, warm: MixtureBatch, plan: Plan) -> ActiveRuns:
    """The best few of the warm starts, after a few steps."""
    runs = batch_em.run(batch_em.enter(("neighbour", warm)), plan.tried, LEVEL, prune=False)
    return best_first(batch_em, runs).first(plan.few)


def _comparison_values(batch_em: BatchEM, runs: ActiveRuns) -> list[float]:
    """What members are compared by: their objective, with spurious ones below all others."""
    if not runs.ids:
        return []
    bad = batch_em.is_spurious(runs.batch)
    below = float(np.ptp(runs.objective)) + 1 if bad.any() else 0.0
    values: list[float] = np.where(bad, runs.objective - below, runs.objective).tolist()
    return values


def _leading(batch_em: BatchEM, runs: ActiveRuns, few: int) -> ActiveRuns:
    """The runs that no earlier one equals and at most few - 1 earlier ones exceed; the others are
    dropped.
    """
    if not batch_em.prune:
        return runs
    value, near = _comparison_values(batch_em, runs), SAME * batch_em.data.total
    kept: list[int] = []
    twins: list[int] = []
    behind: list[int] = []
    for i, own in enumerate(value):
        if any(abs(own - value[j]) <= near for j in kept):
            twins.append(i)
        elif sum(value[j] > own for j in kept) >= few:
            behind.append(i)
        else:
            kept.append(i)
    batch_em.leave(runs.take(twins), CONVERGED)
    batch_em.leave(runs.take(behind), DOMINATED)
    return runs.take(kept)


def _try_moves(
    batch_em: BatchEM, runs: ActiveRuns, rng: np.random.Generator, plan: Plan
) -> ActiveRuns | None:
    """A member above the best of the runs, reached by a move; None if none is found."""
    data = batch_em.data
    base, k = runs.batch.take([0]), runs.batch.means.shape[1]
    tries = max(plan.neighbours * k, plan.min_neighbours)
    if not data.structure.shared and k > 2 and k * data.rows.shape[1] >= plan.screened_from:
        moves = screened_moves(data, base, plan.screened, rng)
        found = None if moves is None else _follow(batch_em, runs, plan, ("screened move", moves))
        if found is not None:
            return found
        tries = min(tries, plan.screened)
    cuts = split_merge_moves.splits_with_merges(data, base, tries // 2, rng)
    count = tries - (0 if cuts is None else len(cuts.means))
    groups = [("swap", split_merge_moves.swaps(data, base, count, rng, plan.narrow))]
    if cuts is not None:
        groups.append(("split and merge", cuts))
    return _follow(batch_em, runs, plan, *groups)


def _follow(
    batch_em: BatchEM, runs: ActiveRuns, plan: Plan, *groups: tuple[str, MixtureBatch]
) -> ActiveRuns | None:
    """A member above the best of the runs, from one of these mixtures; None if none is."""
    tried = batch_em.run(batch_em.enter(*groups), plan.trial_steps, LEVEL, prune=False)
    tried = best_first(batch_em, tried).first(plan.followed_moves)
    return _best_above(batch_em, runs, tried, plan.move_steps)


def _best_above(
    batch_em: BatchEM, runs: ActiveRuns, tried: ActiveRuns, steps: int
) -> ActiveRuns | None:
    """The best of `tried` after further steps, if it beats the best of the runs."""
    if not tried.ids:  # all have collapsed
        return None
    bar = float(runs.objective[0])
    found = best_first(batch_em, batch_em.run(tried, steps, LEVEL, bar))
    near = 10 * SAME * batch_em.data.total
    if not found.ids or found.objective[0] <= bar + near:
        return None
    found = found.take([0])
    return None if batch_em.is_spurious(found.batch)[0] else found

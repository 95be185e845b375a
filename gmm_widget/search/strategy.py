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
from .ascent import CONVERGED, DOMINATED, HORIZON, ActiveRuns, BatchEM
from .batch import MixtureBatch
from .directions import directed_starts
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
    #: EM steps of a trial then, and of those that are followed: of so many components some overlap,
    #: and EM is slow.
    screened_trial: int = 15
    screened_steps: int = 100
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
#: The origin of candidates by directions. Every so many starts have one, beside their own.
DIRECTED = "directions"
_DIRECTED_EVERY = 2
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

    There is a start for each of `rngs`; `owners` says which ids are its own. Runs from `warm`
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


def owners(batch_em: BatchEM, each: int) -> dict[int, int]:
    """The start that each of the first candidates belongs to, by their ids: `each` in turn by
    k-means++, one by directions for some of the starts.
    """
    ids = range(len(batch_em.origins))
    seeded = [i for i in ids if batch_em.origins[i] == "k-means++"]
    directed = [i for i in ids if batch_em.origins[i] == DIRECTED]
    owner = {number: i // each for i, number in enumerate(seeded)}
    return owner | {number: i * _DIRECTED_EVERY for i, number in enumerate(directed)}


def _initial_runs(
    batch_em: BatchEM, k: int, rngs: Sequence[np.random.Generator], plan: Plan
) -> ActiveRuns:
    """The best candidate of each start, after a few steps, and behind it the one by directions."""
    data = batch_em.data
    each, tried = plan.small_em(data.structure.shared)
    groups = [("k-means++", _candidates(batch_em, k, rngs, each, plan))]
    directed = (
        None if data.structure.diagonal else directed_starts(data, k, rngs[::_DIRECTED_EVERY])
    )
    if directed is not None:
        groups.append((DIRECTED, directed))
    runs = batch_em.enter(*groups)
    seeded = [start for start in range(len(rngs)) for _ in range(each)]
    owner = dict(zip(runs.ids, [*seeded, *range(0, len(rngs), _DIRECTED_EVERY)], strict=False))
    runs = batch_em.run(runs, tried, LEVEL, prune=False)
    value = _comparison_values(batch_em, runs)
    places: dict[tuple[int, bool], int] = {}
    for place, number in enumerate(runs.ids):
        key = owner[number], batch_em.origins[number] == DIRECTED
        if key not in places or value[place] > value[places[key]]:
            places[key] = place
    return runs.take([places[key] for key in sorted(places)])


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
    tries, trial, steps = plan.neighbours * k, plan.trial_steps, plan.move_steps
    tries = max(tries, plan.min_neighbours)
    if not data.structure.shared and k > 2 and k * data.rows.shape[1] >= plan.screened_from:
        tries, trial, steps = plan.screened, plan.screened_trial, plan.screened_steps
        moves = screened_moves(data, base, tries, rng)
        if moves is not None:
            tried = batch_em.enter(("screened move", moves))
            found = _best_above(batch_em, runs, tried, plan.followed_moves, trial, steps)
            if found is not None:
                return found
    cuts = split_merge_moves.splits_with_merges(data, base, tries // 2, rng)
    count = tries - (0 if cuts is None else len(cuts.means))
    groups = [("swap", split_merge_moves.swaps(data, base, count, rng, plan.narrow))]
    if cuts is not None:
        groups.append(("split and merge", cuts))
    tried = batch_em.enter(*groups)
    return _best_above(batch_em, runs, tried, plan.followed_moves, trial, steps)


def _best_above(
    batch_em: BatchEM, runs: ActiveRuns, tried: ActiveRuns, few: int, trial: int, steps: int
) -> ActiveRuns | None:
    """The best of `tried` if it beats the best of the runs: all take the steps of a trial, the
    best few are followed.
    """
    tried = batch_em.run(tried, trial, LEVEL, prune=False)
    if not tried.ids:  # all have collapsed
        return None
    tried, bar = best_first(batch_em, tried).first(few), float(runs.objective[0])
    found = batch_em.run(tried, steps, LEVEL, bar, horizon=max(HORIZON, steps))
    found, near = best_first(batch_em, found), 10 * SAME * batch_em.data.total
    if not found.ids or found.objective[0] <= bar + near:
        return None
    found = found.take([0])
    return None if batch_em.is_spurious(found.batch)[0] else found

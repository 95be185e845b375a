"""Running EM on a batch of candidates; those that can't reach the best are dropped on the way.

What becomes of a candidate depends on itself and on those before it in the batch, never on later
ones: it stops by its own gain, and is dropped only if an earlier one is out of its reach.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple, final

import numpy as np

from gmm_widget.core.em import has_converged
from gmm_widget.core.linalg import Array

from .batch import Flags, MixtureBatch, joined
from .batched_em import BatchData
from .spurious import spurious

#: Every _EVERY steps a member is dropped if at its last gain it would still be below the best after
#: HORIZON more steps. Gains mostly shrink, so this is generous.
_EVERY = 5
HORIZON = 30
CONVERGED, DOMINATED, COLLAPSED, SPURIOUS = "arrived", "behind", "collapsed", "spurious"


class ActiveRuns(NamedTuple):
    """Candidates that are still running: ids, objectives and gains of the last step (S,).

    `next_batch` is the result of the M-step at `batch`.
    """

    batch: MixtureBatch
    next_batch: MixtureBatch
    ids: list[int]
    objective: Array
    gain: Array

    def take(self, members: list[int]) -> ActiveRuns:
        """Return the chosen members, in this order."""
        ids = [self.ids[i] for i in members]
        batch, next_batch = self.batch.take(members), self.next_batch.take(members)
        return ActiveRuns(batch, next_batch, ids, self.objective[members], self.gain[members])

    def first(self, most: int) -> ActiveRuns:
        """Return the first members, at most that many."""
        return self.take(list(range(min(most, len(self.ids)))))

    def in_order_of(self, ids: list[int]) -> ActiveRuns:
        """Return the members in the order that their ids have there."""
        place = {number: i for i, number in enumerate(ids)}
        return self.take(sorted(range(len(self.ids)), key=lambda i: place[self.ids[i]]))

    def and_then(self, other: ActiveRuns) -> ActiveRuns:
        """Return these members followed by those of another group."""
        return ActiveRuns(
            joined(self.batch, other.batch),
            joined(self.next_batch, other.next_batch),
            self.ids + other.ids,
            np.concatenate([self.objective, other.objective]),
            np.concatenate([self.gain, other.gain]),
        )


class DroppedRun(NamedTuple):
    """A candidate that was not followed further, why, and the objective it had reached."""

    id: int
    status: str
    batch: MixtureBatch
    objective: float


@final
@dataclass(eq=False)
class BatchEM:
    """Runs EM on batches over one data set and records the trace of every candidate.

    An entry of `traces` is the log-likelihood of the parameters it was computed at. No candidate
    takes more than `most` steps; all together have taken `steps`. `poll` is called before every
    pass and may raise to abandon the search.
    """

    data: BatchData
    poll: Callable[[], object] | None = None
    most: int | None = None
    prune: bool = True
    avoid_spurious: bool = True
    traces: list[list[float]] = field(default_factory=list)
    origins: list[str] = field(default_factory=list)
    dropped: list[DroppedRun] = field(default_factory=list)
    steps: int = 0

    def enter(self, *groups: tuple[str, MixtureBatch]) -> ActiveRuns:
        """Register new candidates, from batches that each have a named origin."""
        batch = joined(*(batch for _, batch in groups))
        first = len(self.traces)
        for origin, group in groups:
            self.origins.extend([origin] * len(group.means))
        self.traces.extend([] for _ in batch.means)
        s = len(batch.means)
        ids = list(range(first, first + s))
        return ActiveRuns(batch, batch, ids, np.full(s, -np.inf), np.full(s, np.inf))

    def run(
        self,
        runs: ActiveRuns,
        steps: int,
        tolerance: float,
        bar: float = -math.inf,
        prune: bool = True,
        horizon: int = HORIZON,
    ) -> ActiveRuns:
        """Take at most `steps` passes, each member until it gains less than `tolerance` (mean).

        With `prune`, members that would not reach `bar` or the objective of an earlier one in
        `horizon` more steps are dropped.
        """
        ids, resting = runs.ids, runs.take([])
        if self.most is not None:
            taken = max((len(self.traces[i]) for i in ids), default=0)
            steps = min(steps, self.most + 1 - taken)
        for step in range(1, steps + 1):
            if not runs.ids:
                break
            runs = self._step(runs)
            if step % _EVERY == 0 and prune and self.prune:
                runs = self._pruned(resting.and_then(runs).in_order_of(ids), bar, horizon)
                resting = runs.take([])
            level = np.abs(runs.gain) < tolerance * self.data.total
            if level.any():
                resting = resting.and_then(runs.take(np.flatnonzero(level).tolist()))
                runs = runs.take(np.flatnonzero(~level).tolist())
        return resting.and_then(runs).in_order_of(ids)

    def nothing(self) -> ActiveRuns:
        """Return no runs at all."""
        d = len(self.data.scale)
        empty = MixtureBatch(np.empty((0, 1)), np.empty((0, 1, d)), np.empty((0, 1, d, d)))
        return ActiveRuns(empty, empty, [], np.empty(0), np.empty(0))

    def resume(self, members: list[DroppedRun]) -> ActiveRuns:
        """Make dropped candidates active again."""
        for member in members:
            self.traces[member.id].pop()
        batch = joined(*(member.batch for member in members))
        s, ids = len(members), [member.id for member in members]
        return ActiveRuns(batch, batch, ids, np.full(s, -np.inf), np.full(s, np.inf))

    def run_to_convergence(
        self, runs: ActiveRuns, tolerance: float, steps: int
    ) -> list[ActiveRuns]:
        """Run until every member has converged in the sense of `em`, or taken that many steps.

        Returns the members one by one, in the order in which they converge.
        """
        done: list[ActiveRuns] = []
        most = np.inf if self.most is None else self.most
        while runs.ids:
            if steps == 0:
                return done + [runs.take([i]) for i in range(len(runs.ids))]
            steps -= 1
            ahead = [i for i, number in enumerate(runs.ids) if len(self.traces[number]) <= most]
            done.extend(runs.take([i]) for i in range(len(runs.ids)) if i not in ahead)
            before = {n: float(runs.gain[i]) for i, n in enumerate(runs.ids)}
            runs = self._step(runs.take(ahead)) if ahead else runs.take([])
            arrived = [
                i
                for i, n in enumerate(runs.ids)
                if self._has_converged(runs, i, before[n], tolerance)
            ]
            done.extend(runs.take([i]) for i in arrived)
            runs = runs.take([i for i in range(len(runs.ids)) if i not in arrived])
        return done

    def _has_converged(self, runs: ActiveRuns, i: int, before: float, tolerance: float) -> bool:
        total = self.data.total
        gain, objective = float(runs.gain[i]) / total, float(runs.objective[i]) / total
        return has_converged(gain, before / total, tolerance, objective)

    def leave(self, runs: ActiveRuns, status: str) -> None:
        """Record members as dropped."""
        for i, number in enumerate(runs.ids):
            objective = float(runs.objective[i])
            self.dropped.append(DroppedRun(number, status, runs.batch.take([i]), objective))

    def is_spurious(self, batch: MixtureBatch) -> Flags:
        """Flag members whose optimum would be spurious."""
        data = self.data
        if not self.avoid_spurious:
            return np.zeros(len(batch.means), dtype=np.bool_)
        return spurious(batch, data.structure, data.total, data.variance, data.min_variance)

    def _step(self, runs: ActiveRuns) -> ActiveRuns:
        if self.poll is not None:
            self.poll()
        self.steps += len(runs.ids)
        passed = self.data.em_step(runs.next_batch)
        for i, value in zip(runs.ids, passed.log_likelihood.tolist(), strict=True):
            self.traces[i].append(value)
        gain = passed.objective - runs.objective
        runs = ActiveRuns(runs.next_batch, passed.after, runs.ids, passed.objective, gain)
        return runs if passed.sound.all() else self._without(runs, ~passed.sound, COLLAPSED)

    def _without(self, runs: ActiveRuns, dropping: Flags, status: str) -> ActiveRuns:
        self.leave(runs.take(np.flatnonzero(dropping).tolist()), status)
        return runs.take(np.flatnonzero(~dropping).tolist())

    def _pruned(self, runs: ActiveRuns, bar: float, horizon: int) -> ActiveRuns:
        """Drop members that are spurious, or can't reach an earlier one that is not; and those
        that can't reach `bar`.
        """
        bad = self.is_spurious(runs.batch)
        if bad.any():
            sound_before = (np.cumsum(~bad) > 0) | (bar > -math.inf)
            runs = self._without(runs, bad & sound_before, SPURIOUS)
        if not runs.ids:
            return runs
        best = np.maximum.accumulate(np.concatenate([[bar], runs.objective[:-1]]))
        reachable = runs.objective + horizon * np.maximum(runs.gain, 0)
        dominated = np.isfinite(best) & (reachable < best - 1e-12 * np.abs(best))
        return self._without(runs, dominated, DOMINATED) if dominated.any() else runs

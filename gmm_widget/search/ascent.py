"""Climbing with a flock: EM until its members settle, while those without prospects drop out."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple, final

import numpy as np

from gmm_widget.core.linalg import Array

from .batch import Flags, MixtureBatch, joined
from .batched_em import BatchData
from .spurious import spurious

#: A member may drop out at every so many steps, if at the pace of its last step it would still
#: be below the best after _HORIZON more. Gains mostly shrink, so this gives the benefit of doubt.
_EVERY = 5
_HORIZON = 30
ARRIVED, BEHIND, COLLAPSED, SPURIOUS = "arrived", "behind", "collapsed", "spurious"


class ActiveRuns(NamedTuple):
    """Members on their way: who they are, where they stand, and what the last step gained (S,).

    `onward` is where the M-step leads from there.
    """

    flock: MixtureBatch
    onward: MixtureBatch
    ids: list[int]
    objective: Array
    gain: Array

    def take(self, members: list[int]) -> ActiveRuns:
        """The chosen members, in this order."""
        ids = [self.ids[i] for i in members]
        flock, onward = self.flock.take(members), self.onward.take(members)
        return ActiveRuns(flock, onward, ids, self.objective[members], self.gain[members])

    def and_then(self, other: ActiveRuns) -> ActiveRuns:
        """These members and then those of another herd."""
        return ActiveRuns(
            joined(self.flock, other.flock),
            joined(self.onward, other.onward),
            self.ids + other.ids,
            np.concatenate([self.objective, other.objective]),
            np.concatenate([self.gain, other.gain]),
        )


class DroppedRun(NamedTuple):
    """A member that went no further, why, and how high it came."""

    id: int
    fate: str
    flock: MixtureBatch
    objective: float


@final
@dataclass(eq=False)
class BatchEM:
    """Takes herds up one slope and keeps a record of each member's way.

    `traces` holds the log-likelihood at every step; an entry is that of the parameters it was
    taken at. No member takes more than `most` steps. `poll` is called before every pass and may
    raise to abandon the climb.
    """

    ground: BatchData
    poll: Callable[[], object] | None = None
    most: int | None = None
    prune: bool = True
    avoid_spurious: bool = True
    traces: list[list[float]] = field(default_factory=list)
    origins: list[str] = field(default_factory=list)
    dropped: list[DroppedRun] = field(default_factory=list)

    def enter(self, *parties: tuple[str, MixtureBatch]) -> ActiveRuns:
        """Members at their starting points, from flocks of which each has an origin."""
        flock = joined(*(flock for _, flock in parties))
        first = len(self.traces)
        for origin, party in parties:
            self.origins.extend([origin] * len(party.means))
        self.traces.extend([] for _ in flock.means)
        s = len(flock.means)
        ids = list(range(first, first + s))
        return ActiveRuns(flock, flock, ids, np.full(s, -np.inf), np.full(s, np.inf))

    def climb(
        self,
        herd: ActiveRuns,
        steps: int,
        tolerance: float,
        bar: float = -math.inf,
        prune: bool = True,
    ) -> ActiveRuns:
        """At most `steps` passes, until each member gains less than `tolerance` (mean) in one.

        Members that can't reach `bar`, or the best of the herd, drop out if `prune`.
        """
        least = tolerance * self.ground.total
        if self.most is not None:
            taken = max((len(self.traces[i]) for i in herd.ids), default=0)
            steps = min(steps, self.most + 1 - taken)
        for step in range(1, steps + 1):
            herd = self._step(herd)
            if step % _EVERY == 0 and prune and self.prune:
                herd = self._pruned(herd, bar)
            if not herd.ids or (np.abs(herd.gain) < least).all():
                break
        return herd

    def resume(self, members: list[DroppedRun]) -> ActiveRuns:
        """Members that dropped, on their way again."""
        for member in members:
            self.traces[member.id].pop()
        flock = joined(*(member.flock for member in members))
        s, ids = len(members), [member.id for member in members]
        return ActiveRuns(flock, flock, ids, np.full(s, -np.inf), np.full(s, np.inf))

    def settle(self, herd: ActiveRuns, tolerance: float, steps: int) -> list[ActiveRuns]:
        """Climb until every member has arrived in the sense of `em`, or taken that many steps.

        The members one by one, as they arrive.
        """
        done: list[ActiveRuns] = []
        most = np.inf if self.most is None else self.most
        while herd.ids:
            if steps == 0:
                return done + [herd.take([i]) for i in range(len(herd.ids))]
            steps -= 1
            ahead = [i for i, number in enumerate(herd.ids) if len(self.traces[number]) <= most]
            done.extend(herd.take([i]) for i in range(len(herd.ids)) if i not in ahead)
            before = {n: float(herd.gain[i]) for i, n in enumerate(herd.ids)}
            herd = self._step(herd.take(ahead)) if ahead else herd.take([])
            arrived = [
                i for i, n in enumerate(herd.ids) if self._arrived(herd, i, before[n], tolerance)
            ]
            done.extend(herd.take([i]) for i in arrived)
            herd = herd.take([i for i in range(len(herd.ids)) if i not in arrived])
        return done

    def _arrived(self, herd: ActiveRuns, i: int, before: float, tolerance: float) -> bool:
        """Aitken's rule, as in `em`: little was gained, and little more is to be gained."""
        total = self.ground.total
        gain, before = float(herd.gain[i]) / total, before / total
        if abs(gain) <= 1e-14 * (1 + abs(float(herd.objective[i])) / total):
            return True
        if not 0 <= gain < min(tolerance, before):
            return False
        return gain * gain / (before - gain) < 10 * tolerance

    def leave(self, herd: ActiveRuns, fate: str) -> None:
        """Record the members of a herd as having gone no further."""
        for i, number in enumerate(herd.ids):
            height = float(herd.objective[i])
            self.dropped.append(DroppedRun(number, fate, herd.flock.take([i]), height))

    def is_spurious(self, flock: MixtureBatch) -> Flags:
        """Members that should not be chosen."""
        ground = self.ground
        if not self.avoid_spurious:
            return np.zeros(len(flock.means), dtype=np.bool_)
        return spurious(flock, ground.structure, ground.total, ground.spread)

    def _step(self, herd: ActiveRuns) -> ActiveRuns:
        if self.poll is not None:
            self.poll()
        passed = self.ground.ascend(herd.onward)
        for i, value in zip(herd.ids, passed.log_likelihood.tolist(), strict=True):
            self.traces[i].append(value)
        gain = passed.objective - herd.objective
        herd = ActiveRuns(herd.onward, passed.after, herd.ids, passed.objective, gain)
        return herd if passed.sound.all() else self._without(herd, ~passed.sound, COLLAPSED)

    def _without(self, herd: ActiveRuns, parting: Flags, fate: str) -> ActiveRuns:
        self.leave(herd.take(np.flatnonzero(parting).tolist()), fate)
        return herd.take(np.flatnonzero(~parting).tolist())

    def _pruned(self, herd: ActiveRuns, bar: float) -> ActiveRuns:
        """Part from the spurious, unless all are, and from those who fall behind."""
        bad = self.is_spurious(herd.flock)
        if bad.any() and (not bad.all() or bar > -math.inf):
            herd = self._without(herd, bad, SPURIOUS)
        if not herd.ids:
            return herd
        best = max(bar, float(herd.objective.max()))
        hopes = herd.objective + _HORIZON * np.maximum(herd.gain, 0)
        behind = hopes < best - 1e-12 * abs(best)
        return self._without(herd, behind, BEHIND) if behind.any() else herd

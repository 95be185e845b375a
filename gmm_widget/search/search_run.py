"""One call of `restarts` under way: which start got where, and what has been finished so far."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import final

import numpy as np

from gmm_widget.core.e_step import e_step
from gmm_widget.core.errors import CollapseError
from gmm_widget.core.mixture import Mixture

from .ascent import BEHIND, COLLAPSED, ActiveRuns
from .batch import MixtureBatch, batch_of, mixture_of
from .outcomes import Optimum, Outcome, Restarts, sorted_optima
from .polish import Polisher
from .strategy import LEVEL, SAME, Plan, moving, search

#: Searches in all, when what they find is spurious.
_ATTEMPTS = 3


@final
@dataclass(eq=False)
class SearchRun:
    """Collects outcomes by the number of their start, and optima.

    Outcomes are yielded as they become known; `result` has their final form.
    """

    finisher: Polisher
    n_starts: int
    rng: np.random.Generator
    plan: Plan = field(default_factory=Plan)
    outcomes: dict[int, Outcome] = field(default_factory=dict)
    optima: list[Optimum] = field(default_factory=list)
    _numbers: dict[int, int] = field(default_factory=dict)
    _told: int = 0

    def climbing(self, first: list[Mixture], methods: list[str]) -> Iterator[Outcome]:
        """A climb from each of these mixtures to its end; methods say where they come from."""
        self._numbers.update((i, i) for i in range(len(first)))
        finisher, points = self.finisher, self.finisher.points
        if finisher.whole and len(first) > 1:
            flocks = ((m, batch_of(points, [f])) for m, f in zip(methods, first, strict=True))
            yield from self._finished(finisher.climber.enter(*flocks))
            return
        for i, mixture in enumerate(first):
            yield self._climbed(mixture, i, methods[i])

    def searching(self, k: int, warm: MixtureBatch | None = None) -> Iterator[Outcome]:
        """The search, and its best finished; once more if that is spurious."""
        climber, each = self.finisher.climber, self.plan.candidates
        self._numbers.update((i, i // each) for i in range(self.n_starts * each))
        for _ in range(_ATTEMPTS):
            herd: ActiveRuns | None = None
            for herd in search(climber, k, self.n_starts, self.rng, self.plan, warm):
                yield from self._left(herd)
            assert herd is not None
            yield from self._chosen(herd)
            if not self._enough():
                yield from self._those_behind()
            if self._enough():
                return

    def surpassed(self, incumbent: Mixture, candidates: MixtureBatch) -> Optimum | None:
        """The maximum above a candidate, if that clearly leads higher than a fitted mixture."""
        finisher, climber = self.finisher, self.finisher.climber
        standing = batch_of(finisher.points, [incumbent])
        bar = float(climber.ground.ascend(standing).objective[0])
        # Where cells are wide, the incumbent may climb on to another maximum by itself.
        parties = [] if finisher.knows_tops else [("incumbent", standing)]
        herd = climber.enter(*parties, ("neighbour", candidates))
        herd = climber.climb(herd, self.plan.stretch, LEVEL, bar)
        higher = herd.objective > bar + 10 * SAME * climber.ground.total
        herd = herd.take(np.flatnonzero(higher & ~climber.is_spurious(herd.flock)).tolist())
        if not herd.ids:
            return None
        herd = herd.take([int(np.argmax(herd.objective))])
        if finisher.knows_tops:
            herd = finisher.top(herd)
            same = finisher.top(climber.enter(("incumbent", standing)))
            if abs(herd.objective[0] - same.objective[0]) < SAME * climber.ground.total:
                return None
        outcomes = list(self._finished(herd))
        return self.optima[-1] if outcomes and self.optima else None

    def result(self) -> Restarts:
        """All that was found. Raises CollapseError if nothing was."""
        if not self.optima:
            raise self._collapse()
        optima, places = sorted_optima(self.optima, self.finisher.points.total_weight)
        for found, place in zip(self.optima, places, strict=True):
            number = found.starts[0]
            self.outcomes[number] = replace(self.outcomes[number], optimum=place)
        sound = [i for i, optimum in enumerate(optima) if not optimum.suspicions]
        chosen = sound[0] if sound and not self.finisher.options.allow_spurious else 0
        outcomes = [self.outcomes[number] for number in sorted(self.outcomes)]
        return Restarts(tuple(outcomes), tuple(optima), chosen)

    def _enough(self) -> bool:
        """Whether something has been found that can be chosen."""
        return any(
            self.finisher.options.allow_spurious or not optimum.suspicions
            for optimum in self.optima
        )

    def _chosen(self, herd: ActiveRuns) -> Iterator[Outcome]:
        """Finish members in their order until one can be chosen; with `thorough` all of them."""
        if self.finisher.options.thorough:
            yield from self._finished(herd)
            return
        members = [herd.take([i]) for i in range(len(herd.ids))]
        if not self.finisher.whole:
            members = self._by_height(members)
        for one in members:
            if not self._enough():
                yield from self._finished(one)
            else:
                yield self._passed(one)

    def _those_behind(self) -> Iterator[Outcome]:
        """Go back to those that fell behind others which have turned out spurious."""
        climber = self.finisher.climber
        behind = [p for p in climber.dropped if p.fate == BEHIND and p.id in self._numbers]
        if not behind:
            return
        herd = climber.climb(climber.resume(behind), self.plan.long, LEVEL)
        self._told = len(climber.dropped)
        herd = herd.take(np.argsort(-herd.objective).tolist())
        for further in moving(climber, herd, self.rng, self.plan):
            herd = further
        yield from self._chosen(herd)

    def _by_height(self, members: list[ActiveRuns]) -> list[ActiveRuns]:
        """The first few members, highest first on all the points, or cells that hold them."""
        finisher, few = self.finisher, self.plan.few
        points = (*finisher.levels, finisher.points)[max(0, len(finisher.levels) - 1)]
        settled = [found for one in members[:few] for found in finisher.settled(one)]
        eps, heights = finisher.options.regularisation, []
        for one in settled:
            mixture = mixture_of(finisher.points, one.flock, 0)
            found = e_step(points, mixture, regularisation=eps, poll=finisher.poll)
            heights.append(found.objective)
        bad = [bool(finisher.climber.is_spurious(one.flock)[0]) for one in settled]
        order = sorted(range(len(settled)), key=lambda i: (bad[i], -heights[i]))
        return [settled[i] for i in order] + members[few:]

    def _finished(self, herd: ActiveRuns) -> Iterator[Outcome]:
        """Take every member of a herd to its maximum."""
        climber = self.finisher.climber
        for one in self.finisher.settled(herd):
            member, number = one.ids[0], self._number(one.ids[0])
            before, gain = self.finisher.way(one)
            mixture = mixture_of(self.finisher.points, one.flock, 0)
            yield self._climbed(mixture, number, climber.origins[member], before, gain)
        yield from self._left(herd.take([]))

    def _climbed(
        self,
        mixture: Mixture,
        number: int,
        method: str,
        before: list[float] | None = None,
        gain: float = np.nan,
    ) -> Outcome:
        """The outcome of a start that is followed to its end, from a mixture on its way."""
        way = [] if before is None else before
        try:
            self.optima.append(self.finisher.climbed(mixture, way, gain, number))
        except CollapseError as error:
            self.outcomes[number] = self.finisher.failed(number, method, len(way), error)
        else:
            self.outcomes[number] = _reached(self.optima[-1], method)
        return self.outcomes[number]

    def _passed(self, one: ActiveRuns) -> Outcome:
        """The outcome of a member that stood high, but was not needed."""
        climber, number = self.finisher.climber, self._number(one.ids[0])
        climber.leave(one, BEHIND)
        self._told = len(climber.dropped)
        self.outcomes[number] = self.finisher.dropped(climber.dropped[-1], number)
        return self.outcomes[number]

    def _left(self, herd: ActiveRuns) -> Iterator[Outcome]:
        """The outcomes of starts that dropped since this was last asked.

        A start that has collapsed is lost only if all its candidates have; moves that lead
        nowhere are no outcomes.
        """
        climber = self.finisher.climber
        on = {self._number(i) for i in herd.ids}
        on |= {self._numbers[p.id] for p in climber.dropped if self._counts(p.id, p.fate)}
        fresh, self._told = climber.dropped[self._told :], len(climber.dropped)
        for member in fresh:
            number = self._numbers.get(member.id)
            if number is None or number in self.outcomes:
                continue
            if member.fate != COLLAPSED or number not in on:
                self.outcomes[number] = self.finisher.dropped(member, number)
                yield self.outcomes[number]

    def _counts(self, member: int, fate: str) -> bool:
        return fate != COLLAPSED and member in self._numbers

    def _number(self, member: int) -> int:
        """The number of the start that a member stands for; moves are numbered as they come."""
        if member not in self._numbers:
            known = max(self._numbers.values(), default=-1)
            self._numbers[member] = max(known + 1, self.n_starts)
        return self._numbers[member]

    def _collapse(self) -> CollapseError:
        first = self.finisher.errors[0] if self.finisher.errors else None
        if first is None:
            return CollapseError(
                0, "too little weight or width was left to it in every start", "ask for fewer"
            )
        cause = f"{first.cause} (so it went in the first of {self.n_starts} starts; all failed)"
        return CollapseError(first.component, cause, first.remedy)


def _reached(found: Optimum, method: str) -> Outcome:
    fate = "converged" if found.converged else "unfinished"
    return Outcome(
        found.starts[0],
        method,
        "spurious" if found.suspicions else fate,
        found.mixture,
        found.log_likelihood,
        found.objective,
        found.steps,
        None,
        found.spurious,
    )

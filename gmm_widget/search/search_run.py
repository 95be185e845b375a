"""One search in progress: the outcome of each start, and the optima polished so far."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import final

import numpy as np

from gmm_widget.core.e_step import e_step
from gmm_widget.core.errors import CollapseError
from gmm_widget.core.mixture import Mixture

from .ascent import COLLAPSED, DOMINATED, ActiveRuns
from .batch import MixtureBatch, batch_of, mixture_of
from .outcomes import Optimum, Outcome, Restarts, Spent, reached, sorted_optima
from .polish import ALONE, TOGETHER, Polisher
from .strategy import DIRECTED, LEVEL, SAME, Plan, best_first, first_runs, improve_by_moves, owners

#: Searches from one start, when all that has been found so far is spurious.
_ATTEMPTS = 3
#: Every so many starts, a round of moves away from the highest so far.
_FURTHER = 3


@final
@dataclass(eq=False)
class SearchRun:
    """Collects outcomes by the index of their start, and the optima.

    Outcomes are yielded as they become known; `result` has their final form. There is a start for
    each of `rngs`, and none depends on a later one.
    """

    polisher: Polisher
    rngs: Sequence[np.random.Generator]
    plan: Plan = field(default_factory=Plan)
    outcomes: dict[int, Outcome] = field(default_factory=dict)
    optima: list[Optimum] = field(default_factory=list)
    _start_of: dict[int, int] = field(default_factory=dict)
    _reported: int = 0
    _exact_steps: int = 0
    _began: float = field(default_factory=time.perf_counter)
    #: The highest objectives, before and after moves, of candidates that were not spurious.
    _before_moves: float = -np.inf
    _after_moves: float = -np.inf
    _highest: ActiveRuns | None = None

    @property
    def n_starts(self) -> int:
        """The number of starts."""
        return len(self.rngs)

    def fit_from(
        self, first: list[Mixture], methods: list[str], batched: bool = True
    ) -> Iterator[Outcome]:
        """Run EM from each of these mixtures to convergence; `methods` name where they come from.

        Few rows are passed over for all of them at once if `batched`, also for a single one, so
        that it takes the same steps as among others.
        """
        self._start_of.update((i, i) for i in range(len(first)))
        polisher, points = self.polisher, self.polisher.points
        if polisher.whole and batched:
            batches = ((m, batch_of(points, [f])) for m, f in zip(methods, first, strict=True))
            yield from self.polish_all(polisher.batch_em.enter(*batches), TOGETHER)
            return
        for i, mixture in enumerate(first):
            yield self._polished(mixture, i, methods[i])

    def searching(self, k: int, warm: MixtureBatch | None = None) -> Iterator[Outcome]:
        """Follow the starts one after another, each as far as it promises more than those before.

        Warm candidates belong to the first start.
        """
        batch_em = self.polisher.batch_em
        each, _ = self.plan.small_em(batch_em.data.structure.shared)
        runs: ActiveRuns | None = None
        for runs in first_runs(batch_em, k, self.rngs, self.plan, warm):
            self._start_of = self._start_of or owners(batch_em, each)
            yield from self._dropped_outcomes(runs)
        assert runs is not None
        owner = [self._start_of.get(number, 0) for number in runs.ids]
        attempts = 1
        for start, rng in enumerate(self.rngs):
            own = [i for i, other in enumerate(owner) if other == start]
            directed = [i for i in own if batch_em.origins[runs.ids[i]] == DIRECTED]
            plain = runs.take([i for i in own if i not in directed])
            yield from self._followed(plain if plain.ids else self._revived(start), rng)
            yield from self._followed(runs.take(directed), rng)
            if start % _FURTHER == _FURTHER - 1:
                yield from self._further(rng)
            while not self._has_sound_optimum() and attempts < _ATTEMPTS:
                attempts += 1
                *_, again = first_runs(batch_em, k, [rng], self.plan, warm)
                yield from self._followed(again, rng)

    def _followed(self, runs: ActiveRuns, rng: np.random.Generator) -> Iterator[Outcome]:
        """Moves away from the candidates of one start, and the best of them polished.

        Once a sound optimum is known, moves are made only away from candidates higher than all
        before, and only what they lead to is polished if that is higher than all before.
        """
        if not runs.ids:
            return
        batch_em, known = self.polisher.batch_em, self._n_sound()
        first = known == 0
        thorough = self.polisher.options.thorough
        runs = best_first(batch_em, runs)
        before = float(runs.objective[0])
        if first or before > self._before_moves:
            plan = self.plan if first else self.plan._replace(patience=1)
            for higher in improve_by_moves(batch_em, runs, rng, plan):
                runs = higher
                yield from self._dropped_outcomes(runs)
        elif not thorough:
            yield from self._skipped(runs)
            return
        after = float(runs.objective[0])
        if first or thorough or after > self._after_moves - self._margin():
            yield from self._polish_best(runs)
        else:
            yield from self._skipped(runs)
        if self._n_sound() == known:
            return
        self._before_moves = max(self._before_moves, before)
        if after > self._after_moves:
            self._after_moves, self._highest = after, runs.first(1)

    def _further(self, rng: np.random.Generator) -> Iterator[Outcome]:
        """More moves away from the highest so far; other starts may end where it began."""
        if self._highest is None:
            return
        plan, found = self.plan._replace(patience=1), self._highest
        for higher in improve_by_moves(self.polisher.batch_em, self._highest, rng, plan):
            found = higher
        if found is not self._highest:
            known = self._n_sound()
            yield from self._polish_best(found.first(len(found.ids) - 1))
            if self._n_sound() > known:
                self._after_moves, self._highest = float(found.objective[0]), found.first(1)

    def _margin(self) -> float:
        """How far below the highest on a sample a candidate may be and yet win on all points."""
        total = self.polisher.batch_em.data.total
        return -SAME * total if self.polisher.holds_all else float(np.sqrt(total))

    def _revived(self, start: int) -> ActiveRuns:
        """The dropped candidates of a start again, if they were dropped in favour of others all of
        which turned out spurious.
        """
        batch_em = self.polisher.batch_em
        behind = [
            p
            for p in batch_em.dropped
            if p.status == DOMINATED and self._start_of.get(p.id) == start
        ]
        if not behind or self._has_sound_optimum():
            return batch_em.nothing()
        return batch_em.run(batch_em.resume(behind), self.plan.long, LEVEL)

    def result(self) -> Restarts:
        """Return all that was found. Raises CollapseError if every start collapsed."""
        if not self.optima:
            raise self.polisher.all_collapsed(self.n_starts)
        optima, places = sorted_optima(self.optima, self.polisher.points.total_weight)
        for found, place in zip(self.optima, places, strict=True):
            number = found.starts[0]
            self.outcomes[number] = replace(self.outcomes[number], optimum=place)
        sound = [i for i, optimum in enumerate(optima) if not optimum.suspicions]
        chosen = sound[0] if sound and not self.polisher.options.allow_spurious else 0
        outcomes = [self.outcomes[number] for number in sorted(self.outcomes)]
        return Restarts(tuple(outcomes), tuple(optima), chosen, self._spent())

    def _spent(self) -> Spent:
        batch_em, seconds = self.polisher.batch_em, time.perf_counter() - self._began
        return Spent(batch_em.data.rows.shape[1], batch_em.steps, self._exact_steps, seconds)

    def _has_sound_optimum(self) -> bool:
        """Whether an optimum has been found that may be chosen."""
        return self._n_sound() > 0

    def _n_sound(self) -> int:
        """How many optima have been found that may be chosen."""
        allow = self.polisher.options.allow_spurious
        return sum(allow or not optimum.suspicions for optimum in self.optima)

    def _polish_best(self, runs: ActiveRuns) -> Iterator[Outcome]:
        """Polish members in their order until one may be chosen; all of them if `thorough`."""
        if self.polisher.options.thorough:
            yield from self.polish_all(runs)
            return
        members = [runs.take([i]) for i in range(len(runs.ids))]
        if not self.polisher.whole:
            members = self._by_objective(members)
        known = self._n_sound()
        for one in members:
            if self._n_sound() == known:
                yield from self.polish_all(one)
            else:
                yield from self._skipped(one)

    def _by_objective(self, members: list[ActiveRuns]) -> list[ActiveRuns]:
        """The first few members, ordered by their objective on all points (or on bins that hold
        them).
        """
        polisher, few = self.polisher, self.plan.few
        points = (*polisher.levels, polisher.points)[max(0, len(polisher.levels) - 1)]
        settled = [found for one in members[:few] for found in polisher.converge_on_rows(one)]
        eps, objectives = polisher.options.regularisation, []
        for one in settled:
            try:
                mixture = mixture_of(polisher.points, one.batch, 0)
            except CollapseError:  # the last to be polished, where it is given its reason
                objectives.append(-np.inf)
                continue
            found = e_step(points, mixture, regularisation=eps, poll=polisher.poll)
            objectives.append(found.objective)
        bad = [bool(polisher.batch_em.is_spurious(one.batch)[0]) for one in settled]
        order = sorted(range(len(settled)), key=lambda i: (bad[i], -objectives[i]))
        return [settled[i] for i in order] + members[few:]

    def polish_all(self, runs: ActiveRuns, steps: int = ALONE) -> Iterator[Outcome]:
        """Polish every member, after at most that many batched steps."""
        batch_em = self.polisher.batch_em
        for one in self.polisher.converge_on_rows(runs, steps):
            number, method = self._start_index(one.ids[0]), batch_em.origins[one.ids[0]]
            before, gain = self.polisher.trace_before(one)
            try:
                mixture = mixture_of(self.polisher.points, one.batch, 0)
            except CollapseError as error:
                yield self._failed(number, method, len(before), error)
            else:
                yield self._polished(mixture, number, method, before, gain)
        yield from self._dropped_outcomes(runs.take([]))

    def _polished(
        self,
        mixture: Mixture,
        number: int,
        method: str,
        before: list[float] | None = None,
        gain: float = np.nan,
    ) -> Outcome:
        """The outcome of a start that is polished, from a mixture on its way."""
        way = [] if before is None else before
        try:
            self.optima.append(self.polisher.polished_optimum(mixture, way, gain, number))
        except CollapseError as error:
            return self._failed(number, method, len(way), error)
        self._exact_steps += len(self.optima[-1].trace) - len(way) * self.polisher.whole
        self.outcomes[number] = reached(self.optima[-1], method)
        return self.outcomes[number]

    def _failed(self, number: int, method: str, steps: int, error: CollapseError) -> Outcome:
        """The outcome of a start that collapsed."""
        self.outcomes[number] = self.polisher.failed(number, method, steps, error)
        return self.outcomes[number]

    def _skipped(self, runs: ActiveRuns) -> Iterator[Outcome]:
        """The outcomes of good candidates that did not need polishing."""
        batch_em = self.polisher.batch_em
        for i in range(len(runs.ids)):
            number = self._start_index(runs.ids[i])
            batch_em.leave(runs.take([i]), DOMINATED)
            self._reported = len(batch_em.dropped)
            self.outcomes[number] = self.polisher.dropped(batch_em.dropped[-1], number)
            yield self.outcomes[number]

    def _dropped_outcomes(self, runs: ActiveRuns) -> Iterator[Outcome]:
        """The outcomes of starts dropped since the last call.

        A start has collapsed only if all its candidates have; moves that gain nothing are no
        outcomes.
        """
        batch_em = self.polisher.batch_em
        on = {self._start_index(i) for i in runs.ids}
        on |= {self._start_of[p.id] for p in batch_em.dropped if self._counts(p.id, p.status)}
        fresh, self._reported = batch_em.dropped[self._reported :], len(batch_em.dropped)
        for member in fresh:
            number = self._start_of.get(member.id)
            if number is None or number in self.outcomes:
                continue
            if member.status != COLLAPSED or number not in on:
                self.outcomes[number] = self.polisher.dropped(member, number)
                yield self.outcomes[number]

    def _counts(self, member: int, status: str) -> bool:
        return status != COLLAPSED and member in self._start_of

    def _start_index(self, member: int) -> int:
        """The index of the start that a member belongs to; moves are numbered as they come."""
        if member not in self._start_of:
            known = max(self._start_of.values(), default=-1)
            self._start_of[member] = max(known + 1, self.n_starts)
        return self._start_of[member]

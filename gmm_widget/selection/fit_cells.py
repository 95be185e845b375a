"""Fitting all numbers of components and structures that are asked for, one cell after another.

A cell is searched from fresh starts and from its neighbours: the fit of one component fewer with
one of its components cut in two, and fits of the same size under stricter structures. At the end
every cell is tried once more from the fit of one component more, with two of its made one, and
from those of the other structures, made to obey its own. So a table of cells costs little more
than its largest fits, and their likelihoods rise as they should.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple, final

import numpy as np

from gmm_widget.core.edits import conform
from gmm_widget.core.generators import result_of
from gmm_widget.core.linalg import diagonals
from gmm_widget.core.mixture import Mixture
from gmm_widget.core.passes.threads import Poll
from gmm_widget.core.points import Points
from gmm_widget.core.structure import Structure
from gmm_widget.search import split_merge_moves
from gmm_widget.search.batch import MixtureBatch, batch_of, joined
from gmm_widget.search.batched_em import BatchData
from gmm_widget.search.improve import improved
from gmm_widget.search.outcomes import Optimum
from gmm_widget.search.polish import Options
from gmm_widget.search.restarts import iterate_restarts, new_search
from gmm_widget.search.search_data import SearchData
from gmm_widget.search.search_run import SearchRun
from gmm_widget.search.strategy import QUICK, SAME

from .cell import COLLAPSED, FITTED, SPURIOUS, Cell
from .criteria import CRITERIA, FitFigures
from .cross_validation import Folds, Held
from .selection import Selection, collected

#: Mergers that are tried, and fresh starts in a fold of cross-validation.
_MERGERS, _FRESH = 3, 2
#: Components halved to go on from a cell of one fewer, and how far the halves lie from the middle,
#: in standard deviations along the longest axis.
_HALVED, _NEAR = 3, 0.2
_NOTHING = Held(float("nan"), (), ())


class Question(NamedTuple):
    """What to choose from and by: numbers of components, structures, criteria (see `CRITERIA`).

    The same `seed` gives the same cells, whether they are fitted in one go or in several.
    """

    counts: tuple[int, ...]
    structures: tuple[Structure, ...]
    criteria: tuple[str, ...]
    n_starts: int = 5
    folds: int = 5
    seed: int = 0
    options: Options = Options()

    @property
    def size(self) -> int:
        """Number of cells."""
        return len(self.counts) * len(self.structures)


def choosing(
    points: Points,
    question: Question,
    *,
    known: Iterable[Cell] = (),
    poll: Poll | None = None,
) -> Generator[Cell, None, Selection]:
    """Cells as they are fitted; the selection of all of them is the generator's value.

    A cell comes again if a better fit of it is found. To go on where a search was given up, pass
    the cells it had as `known`: they are not fitted again. `poll` is called before every pass and
    may raise to give up; the cells so far make a selection of their own (see `collected`).
    """
    work = _Work(points, question, poll, {cell.key: cell for cell in known})
    fresh = False
    for k in sorted(question.counts):
        for structure in question.structures:
            if (structure.name, k) not in work.done:
                yield work.store(work.fitted(k, structure))
                fresh = True
    if fresh:
        yield from work.revised()
        yield from work.continued()
    names = [structure.name for structure in question.structures]
    return collected(work.done.values(), names, question.criteria, points.total_weight)


@final
@dataclass(eq=False)
class _Work:
    """The cells so far, and what is needed to fit another."""

    points: Points
    question: Question
    poll: Poll | None
    done: dict[tuple[str, int], Cell]
    search_data: SearchData = field(init=False)
    folds: Folds | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        asked, rng = self.question, np.random.default_rng(self.question.seed)
        self.search_data = SearchData.of(self.points, rng, asked.options.algorithm, self.poll)
        if any(CRITERIA[name].holds_out for name in asked.criteria):
            self.folds = Folds(self.points, asked.folds, asked.seed, asked.options, self.poll)

    def store(self, cell: Cell) -> Cell:
        """Write a cell down in place of what was there."""
        self.done[cell.key] = cell
        return cell

    def fitted(self, k: int, structure: Structure) -> Cell:
        """A cell by a search, or the reason why there is none."""
        asked = self.question
        going = iterate_restarts(
            self.points,
            k,
            structure,
            asked.n_starts,
            rng=np.random.default_rng([asked.seed, k, *structure.name.encode()]),
            options=asked.options._replace(score_dropped=False),
            poll=self.poll,
            search_data=self.search_data,
            warm=self._warm(k, structure),
            plan=None if self.search_data.whole else QUICK,
        )
        try:
            best = result_of(going).best
        except ValueError as error:
            return self._empty(k, structure, str(error))
        return self._cell(structure, best)

    def revised(self) -> Iterator[Cell]:
        """Cells that turn out better from neighbours which were fitted after them."""
        for k in sorted(self.question.counts, reverse=True):
            for structure in self.question.structures:
                cell = self.done[structure.name, k]
                run = self._run(structure, k)
                candidates = self._later(k, structure, run.polisher.batch_em.data)
                if cell.mixture is None or candidates is None:
                    continue
                better = improved(run, cell.mixture, candidates)
                if better is not None and better.log_likelihood > cell.log_likelihood:
                    yield self.store(self._cell(structure, better))

    def continued(self) -> Iterator[Cell]:
        """Cells below one that they include, fitted from its optimum; stricter ones come first."""
        d, near = self.points.d, SAME * self.points.total_weight
        stricter = sorted(self.question.structures, key=lambda s: s.n_parameters(2, d))
        for k in sorted(self.question.counts):
            for structure in stricter:
                cell, within = self.done[structure.name, k], self._highest_within(k, structure)
                if cell.mixture is None or within is None:
                    continue
                if within.log_likelihood > cell.log_likelihood + near / 2:
                    better = self._continued(within, k, structure)
                    if better is not None and better.log_likelihood > cell.log_likelihood:
                        yield self.store(self._cell(structure, better))

    def _highest_within(self, k: int, structure: Structure) -> Cell | None:
        """The highest sound cell whose mixture is one of this cell's too."""
        within = [
            cell
            for cell in self.done.values()
            if cell.status == FITTED
            and (
                cell.key == (structure.name, k - 1)
                or (cell.n_components == k and cell.covariance_type != structure.name)
            )
            and _obeys(cell.mixture, structure)
        ]
        return max(within, key=lambda cell: cell.log_likelihood, default=None)

    def _continued(self, within: Cell, k: int, structure: Structure) -> Optimum | None:
        """The best optimum that EM reaches from that of a cell within this one; None if spurious.

        A component too few is made up by halves that lie near each other, or in one place: there
        the likelihood is the same, and EM can't lower it.
        """
        assert within.mixture is not None
        first = [within.mixture]
        if within.n_components < k:
            heaviest = np.argsort(-within.mixture.weights)[:_HALVED]
            first = [halved(within.mixture, i, _NEAR) for i in heaviest.tolist()]
            first.append(halved(within.mixture, int(heaviest[0]), 0.0))
        run = self._run(structure, k)
        for _ in run.fit_from(first, ["neighbour"] * len(first)):
            pass
        best = run.result().best if run.optima else None
        trusted = best is not None and (self.question.options.allow_spurious or not best.suspicions)
        return best if trusted else None

    def _later(self, k: int, structure: Structure, data: BatchData) -> MixtureBatch | None:
        """One component more with two made one; and the other structures' fits, made to obey."""
        if k == 1:
            return None
        parts, larger = [], self._mixture(structure, k + 1)
        if larger is not None:
            parts.append(split_merge_moves.mergers(data, batch_of(self.points, [larger]), _MERGERS))
        for other in self.question.structures:
            same = None if other is structure else self._mixture(other, k)
            if same is not None:
                parts.append(batch_of(self.points, [conform(same, structure)]))
        return joined(*parts) if parts else None

    def _run(self, structure: Structure, k: int) -> SearchRun:
        rng, options = np.random.default_rng(self.question.seed), self.question.options
        rows = self.search_data.for_parameters(structure.n_parameters(k, self.points.d))
        return new_search(self.points, structure, options, 1, rng, self.poll, rows)

    def _mixture(self, structure: Structure, k: int) -> Mixture | None:
        cell = self.done.get((structure.name, k))
        return cell.mixture if cell is not None and cell.status == FITTED else None

    def _warm(self, k: int, structure: Structure) -> MixtureBatch | None:
        """Starts for a cell that its neighbours suggest."""
        parts = []
        smaller = self._mixture(structure, k - 1)
        if smaller is not None:
            data = self.search_data.prepared(structure, self.question.options.regularisation)
            parts.append(split_merge_moves.splits(data, batch_of(self.points, [smaller])))
        same = [
            cell
            for cell in self.done.values()
            if cell.n_components == k and cell.status == FITTED and _obeys(cell.mixture, structure)
        ]
        if same:
            highest = max(same, key=lambda cell: cell.log_likelihood)
            assert highest.mixture is not None
            parts.append(batch_of(self.points, [highest.mixture]))
        return joined(*parts) if parts else None

    def _cell(self, structure: Structure, found: Optimum) -> Cell:
        asked, mixture = self.question, found.mixture
        k, held = mixture.n_components, _NOTHING
        if self.folds is not None:
            held = self.folds.held_out(mixture, structure, _FRESH)
        v = structure.n_parameters(k, self.points.d)
        facts = FitFigures(self.points, mixture, found.log_likelihood, v, held.mean)
        trusted = asked.options.allow_spurious or not found.suspicions
        return Cell(
            k,
            structure.name,
            FITTED if trusted else SPURIOUS,
            mixture,
            found.log_likelihood,
            v,
            {name: CRITERIA[name].score(facts) for name in asked.criteria},
            found.converged,
            found.spurious,
            held.each,
            held.lost,
        )

    def _empty(self, k: int, structure: Structure, reason: str) -> Cell:
        nan, v = float("nan"), structure.n_parameters(k, self.points.d)
        scores = dict.fromkeys(self.question.criteria, nan)
        return Cell(k, structure.name, COLLAPSED, None, nan, v, scores, reason=reason)


def halved(mixture: Mixture, i: int, offset: float) -> Mixture:
    """The mixture with two components of half its weight in place of component i.

    Each has its covariance, and lies `offset` standard deviations from it along its longest axis.
    """
    values, vectors = np.linalg.eigh(mixture.covariances[i])
    step = offset * np.sqrt(values[-1]) * vectors[:, -1]
    weights = np.append(mixture.weights, mixture.weights[i] / 2)
    means = np.vstack([mixture.means, mixture.means[i] + step])
    weights[i] /= 2
    means[i] -= step
    covariances = np.concatenate([mixture.covariances, mixture.covariances[[i]]])
    return Mixture(weights, means, covariances)


def _obeys(mixture: Mixture | None, structure: Structure) -> bool:
    """Whether a mixture is one of this structure."""
    if mixture is None:
        return False
    apart = np.abs(conform(mixture, structure).covariances - mixture.covariances)
    sd = np.sqrt(diagonals(mixture.covariances))
    return bool((apart <= 1e-9 * sd[:, :, None] * sd[:, None, :]).all())

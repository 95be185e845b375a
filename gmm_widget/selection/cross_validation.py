"""Cross-validation: how well a fit to most rows describes the rows that it did not see."""

from __future__ import annotations

from typing import NamedTuple, final

import numpy as np
from numpy.typing import NDArray

from gmm_widget.core.e_step import e_step
from gmm_widget.core.generators import result_of
from gmm_widget.core.mixture import Mixture
from gmm_widget.core.passes.threads import Poll
from gmm_widget.core.points import Points
from gmm_widget.core.structure import Structure
from gmm_widget.search.batch import batch_of
from gmm_widget.search.polish import Options
from gmm_widget.search.restarts import iterate_restarts
from gmm_widget.search.search_data import SearchData
from gmm_widget.search.strategy import QUICK


class Held(NamedTuple):
    """Mean log-likelihood (nats) per row: over all folds, and of each; and why any has none."""

    mean: float
    each: tuple[float, ...]
    lost: tuple[str, ...]


class _Fold(NamedTuple):
    train: SearchData
    test: Points


@final
class Folds:
    """A table cut into parts of equal size, at random; each part in turn is held out."""

    def __init__(
        self, points: Points, count: int, seed: int, options: Options, poll: Poll | None = None
    ) -> None:
        """Raises ValueError if there are fewer rows of any weight than folds."""
        weight = points.sample_weight
        used = np.arange(points.n) if weight is None else np.flatnonzero(weight > 0)
        if not 2 <= count <= len(used):
            raise ValueError(
                f"cross-validation of {len(used)} rows takes 2 to {len(used)} folds; got {count}"
            )
        order = np.random.default_rng(seed).permutation(used)
        self._options, self._seed, self._poll = options, seed, poll
        self._folds = [
            self._fold(points, np.sort(np.setdiff1d(used, part)), np.sort(part))
            for part in np.array_split(order, count)
        ]

    def _fold(self, points: Points, train: NDArray[np.intp], test: NDArray[np.intp]) -> _Fold:
        weight = points.sample_weight
        parts = [
            Points.of(
                points.rows[rows],
                None if weight is None else weight[rows],
                columns=points.columns,
            )
            for rows in (train, test)
        ]
        rng = np.random.default_rng(self._seed)
        return _Fold(SearchData.of(parts[0], rng, self._options.algorithm, self._poll), parts[1])

    def held_out(self, mixture: Mixture, structure: Structure, n_starts: int) -> Held:
        """Fit each time what is left, from a mixture (that of all rows) and from fresh starts.

        The mean is NaN if a fold can't be fitted: the others alone would be another question.
        """
        total, whole = 0.0, 0.0
        each: list[float] = []
        lost: list[str] = []
        for i, fold in enumerate(self._folds):
            try:
                found = self._fitted(fold, mixture, structure, n_starts)
            except ValueError as error:
                each.append(float("nan"))
                lost.append(f"without fold {i}: {error}")
                continue
            value = e_step(fold.test, found, poll=self._poll).log_likelihood
            each.append(value / fold.test.total_weight)
            total, whole = total + value, whole + fold.test.total_weight
        mean = float("nan") if lost else total / whole
        return Held(mean, tuple(each), tuple(lost))

    def _fitted(
        self, fold: _Fold, mixture: Mixture, structure: Structure, n_starts: int
    ) -> Mixture:
        points, k = fold.train.points, mixture.n_components
        going = iterate_restarts(
            points,
            k,
            structure,
            n_starts,
            rng=np.random.default_rng([self._seed, k]),
            options=self._options._replace(score_dropped=False),
            poll=self._poll,
            search_data=fold.train,
            warm=batch_of(points, [mixture]),
            plan=QUICK,
        )
        return result_of(going).best.mixture

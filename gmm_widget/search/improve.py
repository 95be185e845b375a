"""A known optimum bettered from candidates that others suggest, as neighbours of a selection do."""

from __future__ import annotations

import numpy as np

from gmm_widget.core.mixture import Mixture

from .batch import MixtureBatch, batch_of
from .outcomes import Optimum
from .search_run import SearchRun
from .strategy import LEVEL, SAME


def improved(run: SearchRun, incumbent: Mixture, candidates: MixtureBatch) -> Optimum | None:
    """Best local maximum reachable from `candidates`, or None if it does not beat
    `incumbent`.
    """
    polisher, batch_em = run.polisher, run.polisher.batch_em
    standing = batch_of(polisher.points, [incumbent])
    bar = float(batch_em.data.em_step(standing).objective[0])
    # On wide bins EM may take the incumbent itself to another maximum.
    groups = [] if polisher.uses_newton else [("incumbent", standing)]
    runs = batch_em.enter(*groups, ("neighbour", candidates))
    runs = batch_em.run(runs, run.plan.move_steps, LEVEL, bar)
    higher = runs.objective > bar + 10 * SAME * batch_em.data.total
    runs = runs.take(np.flatnonzero(higher & ~batch_em.is_spurious(runs.batch)).tolist())
    if not runs.ids:
        return None
    runs = runs.take([int(np.argmax(runs.objective))])
    if polisher.uses_newton:
        runs = polisher.newton(runs)
        same = polisher.newton(batch_em.enter(("incumbent", standing)))
        if abs(runs.objective[0] - same.objective[0]) < SAME * batch_em.data.total:
            return None
    outcomes = list(run.polish_all(runs))
    return run.optima[-1] if outcomes and run.optima else None

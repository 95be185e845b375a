"""The grid that one fits to choose k: k = 1..10, four structures, 5 starts, on 100,000 x 2.

scikit-learn fits as many cells as five minutes allow, those of k that lie far apart first; the
time of the others is interpolated between them, structure by structure, and marked with a ~. Both
are used with their defaults, so scikit-learn stops at a tolerance that is 100,000 times looser;
scores are those of the parameters that each returns, worked out by the same function.
"""

from __future__ import annotations

import time
import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.mixture import GaussianMixture as Peer

from gmm_widget import Mixture, select
from gmm_widget.choose.selection import Selection
from gmm_widget.core import Points, bic, e_step, structure
from gmm_widget.estimator.shapes import SHAPES

Array = NDArray[np.float64]
Row = dict[str, Any]
KINDS = ("spherical", "diag", "tied", "full")
COUNTS = range(1, 11)
ORDER = (1, 10, 4, 7, 2, 5, 9, 3, 6, 8)
STARTS, ROWS = 5, 100_000


def data(n: int = ROWS) -> Array:
    """n rows of six correlated clusters in two columns, some of which overlap."""
    rng = np.random.default_rng(0)
    a = 0.6 * rng.normal(size=(6, 2, 2))
    shapes = a @ a.transpose(0, 2, 1) + 0.2 * np.eye(2)
    weights = rng.dirichlet(np.full(6, 4.0))
    return Mixture(weights, 4 * rng.normal(size=(6, 2)), shapes).sample(n, rng)[0]


def peers(x: Array, budget: float) -> dict[tuple[str, int], tuple[float, float]]:
    """Seconds and BIC of scikit-learn's cells, in turn until the budget (seconds) is spent."""
    points, found = Points.of(x), {}
    began = time.perf_counter()
    for k in ORDER:
        for kind in KINDS:
            start = time.perf_counter()
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                model = Peer(k, covariance_type=kind, n_init=STARTS, random_state=0).fit(x)
            seconds = time.perf_counter() - start
            found[kind, k] = (seconds, _bic(points, model, kind))
        if k != ORDER[0] and time.perf_counter() - began > budget:
            break
    return found


def _bic(points: Points, model: Any, kind: str) -> float:
    """BIC of fitted parameters, by the same pass that ours is worked out with."""
    k, d = model.means_.shape
    units = np.repeat(np.eye(d)[None], k, axis=0)
    covariances = np.array(SHAPES[kind].unpack(model.covariances_, units))
    mixture = Mixture(model.weights_, model.means_, covariances)
    value = e_step(points, mixture).log_likelihood
    return bic(value, structure(kind).n_parameters(k, d), points.total_weight)


def interpolated(known: dict[tuple[str, int], tuple[float, float]], kind: str, k: int) -> float:
    """Seconds of a cell: as measured, or between its neighbours that were."""
    counts = sorted(count for name, count in known if name == kind)
    return float(np.interp(k, counts, [known[kind, count][0] for count in counts]))


def rows(ours: Selection, theirs: dict[tuple[str, int], tuple[float, float]]) -> list[Row]:
    """A row for each cell: both scores where there are both, and scikit-learn's seconds."""
    found = []
    for cell in ours.cells:
        other = theirs.get(cell.key)
        found.append(
            {
                "structure": cell.structure,
                "k": cell.k,
                "bic": cell.scores["bic"],
                "bic scikit-learn": None if other is None else other[1],
                "seconds scikit-learn": interpolated(theirs, cell.structure, cell.k),
                "measured": other is not None,
            }
        )
    return found


def line(row: Row) -> str:
    """A row as text."""
    mark = " " if row["measured"] else "~"
    score = "" if row["bic scikit-learn"] is None else f"{row['bic scikit-learn']:14.3f}"
    ahead = "" if not score else f"{row['bic scikit-learn'] - row['bic']:+12.3f}"
    seconds = f"{mark}{row['seconds scikit-learn']:.2f}"
    return f"{row['structure']:10}{row['k']:3}{row['bic']:14.3f}{score:>14}{ahead:>12}{seconds:>10}"


def main(budget: float = 300.0) -> list[Row]:
    """The table, and what it comes to."""
    x = data()
    select(x[:5000], 2, random_state=0)  # so that neither has to wait for imports
    began = time.perf_counter()
    ours = select(x, COUNTS, KINDS, n_init=STARTS, random_state=0)
    seconds = time.perf_counter() - began
    theirs = peers(x, budget)
    table = rows(ours, theirs)
    print(f"{'structure':10}{'k':>3}{'BIC':>14}{'scikit-learn':>14}{'behind':>12}{'seconds':>10}")
    print(*map(line, table), sep="\n")
    total = sum(row["seconds scikit-learn"] for row in table)
    spent = sum(taken for taken, _ in theirs.values())
    worst = min(r["bic scikit-learn"] - r["bic"] for r in table if r["measured"])
    print(
        f"gmm_widget {seconds:.1f} s for {len(table)} cells; scikit-learn {total:.0f} s, of which "
        f"{spent:.0f} s measured in {len(theirs)} cells and the rest interpolated: "
        f"{total / seconds:.0f} times longer. Its best lead in BIC is {max(0.0, -worst):.3g}."
    )
    summary = {"cells": len(table), "seconds": seconds, "seconds scikit-learn": total}
    return [*table, summary | {"measured scikit-learn": len(theirs), "lead scikit-learn": -worst}]

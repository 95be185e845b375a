"""The grid that one fits to choose k: k = 1..10, four structures, 5 starts, on 100,000 x 2.

scikit-learn is run twice. With its defaults (5 starts) it stops at a tolerance 100,000 times looser
than ours, mostly far below the maximum: these scores stand beside ours. At our tolerance one start
of each cell is timed, and counted five times, cells of small k first until five minutes have gone
by; cells beyond that are counted as if they took no longer than the largest that was timed, which
favours scikit-learn. Times so worked out are marked with a ~. All scores are those of the
parameters returned, by the same function.
"""

from __future__ import annotations

import time
import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.mixture import GaussianMixture as Peer

from gmm_widget import Mixture, select
from gmm_widget.core.e_step import e_step
from gmm_widget.core.information_criteria import bic
from gmm_widget.core.points import Points
from gmm_widget.core.structure import structure

Array = NDArray[np.float64]
Row = dict[str, Any]
Key = tuple[str, int]
KINDS = ("spherical", "diag", "tied", "full")
COUNTS = range(1, 11)
STARTS, ROWS, BUDGET = 5, 100_000, 300.0
DEFAULTS = {"n_init": STARTS}
STRICT = {"n_init": 1, "tol": 1e-8, "max_iter": 10_000}


def data(n: int = ROWS) -> Array:
    """n rows of six correlated clusters in two columns, some of which overlap."""
    rng = np.random.default_rng(0)
    a = 0.6 * rng.normal(size=(6, 2, 2))
    shapes = a @ a.transpose(0, 2, 1) + 0.2 * np.eye(2)
    weights = rng.dirichlet(np.full(6, 4.0))
    return Mixture(weights, 4 * rng.normal(size=(6, 2)), shapes).sample(n, rng)[0]


def peers(x: Array, options: dict[str, Any], budget: float) -> dict[Key, tuple[float, float]]:
    """Seconds and BIC of scikit-learn's cells, small k first, until the budget is spent."""
    points, began = Points.of(x), time.perf_counter()
    found: dict[Key, tuple[float, float]] = {}
    for k in COUNTS:
        for kind in KINDS:
            if time.perf_counter() - began > budget:
                return found
            start = time.perf_counter()
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                model = Peer(k, covariance_type=kind, random_state=0, **options).fit(x)
            found[kind, k] = (time.perf_counter() - start, _bic(points, model, kind))
    return found


def _bic(points: Points, model: Any, kind: str) -> float:
    """BIC of fitted parameters, by the same pass that ours is worked out with."""
    k, d = model.means_.shape
    covariances = structure(kind).unpack(model.covariances_, k, d)
    mixture = Mixture(model.weights_, model.means_, covariances)
    value = e_step(points, mixture).log_likelihood
    return bic(value, structure(kind).n_parameters(k, d), points.total_weight)


def seconds(known: dict[Key, tuple[float, float]], key: Key, starts: int) -> float:
    """Seconds of a cell of so many starts: as measured, or as the largest one measured."""
    counts = [count for kind, count in known if kind == key[0]]
    return starts * known[key[0], min(key[1], max(counts))][0]


def line(row: Row) -> str:
    """A row as text."""
    usual, strict = row["defaults"], row["strict"]
    return (
        f"{row['structure']:10}{row['k']:3}{row['bic']:15.3f}{usual['bic']:15.3f}"
        f"{usual['bic'] - row['bic']:+13.3f}{usual['seconds']:9.2f}"
        f"{'' if strict['measured'] else '~':>4}{strict['seconds']:8.1f}"
    )


def rows(cells: Any, usual: dict[Key, Any], strict: dict[Key, Any]) -> list[Row]:
    """A row for each cell."""
    return [
        {
            "structure": cell.covariance_type,
            "k": cell.n_components,
            "bic": cell.scores["bic"],
            "defaults": {"bic": usual[cell.key][1], "seconds": usual[cell.key][0]},
            "strict": {
                "seconds": seconds(strict, cell.key, STARTS),
                "measured": cell.key in strict,
            },
        }
        for cell in cells
    ]


def main(budget: float = BUDGET) -> list[Row]:
    """The table, and what it comes to."""
    x = data()
    select(x[:5000], 2, random_state=0)  # so that neither has to wait for imports
    began = time.perf_counter()
    ours = select(x, COUNTS, KINDS, n_init=STARTS, random_state=0)
    taken = time.perf_counter() - began
    usual, strict = peers(x, DEFAULTS, np.inf), peers(x, STRICT, budget)
    table = rows(ours.cells, usual, strict)
    print("                         BIC   scikit-learn       behind  seconds  at our tolerance")
    print(*map(line, table), sep="\n")
    totals = {name: sum(row[name]["seconds"] for row in table) for name in ("defaults", "strict")}
    lead = max(row["bic"] - row["defaults"]["bic"] for row in table)
    print(
        f"gmm_widget {taken:.1f} s for {len(table)} cells; scikit-learn {totals['defaults']:.0f} s "
        f"({totals['defaults'] / taken:.0f} times) with its defaults, where its best lead in BIC "
        f"is {max(0.0, lead):.2g}; at our tolerance at least {totals['strict']:.0f} s "
        f"({totals['strict'] / taken:.0f} times), from one start each of {len(strict)} cells."
    )
    return [
        *table,
        {"seconds": taken, "scikit-learn": totals, "timed at our tolerance": len(strict)},
    ]

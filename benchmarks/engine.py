"""Speed of the engine: one step, one step on cells, the time to the same optimum, memory."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gmm_widget.core.binning import MAX_BINNED_COLUMNS, bin_points
from gmm_widget.core.defaults import REGULARISATION
from gmm_widget.core.e_step import e_step
from gmm_widget.core.em import em
from gmm_widget.core.initialise import initial_mixture
from gmm_widget.core.m_step import m_step
from gmm_widget.core.mixture import Mixture
from gmm_widget.core.points import Points
from gmm_widget.core.squarem import accelerated
from gmm_widget.core.structure import structure

from .memory import beyond_input
from .peers import ENGINES
from .timing import medians, shown

Array = NDArray[np.float64]
Row = dict[str, Any]
SIZES = ((10_000, 2, 4), (1_000_000, 2, 5), (200_000, 8, 10), (100_000, 32, 10), (10_000_000, 2, 5))
FULL = structure("full")
NEAR = 1e-6  # mean nats from the converged log-likelihood
SAMPLED = 8  # steps of scikit-learn that are timed where all would take minutes


def data(n: int, d: int, k: int, apart: float = 4.0) -> Array:
    """n rows of k Gaussian clusters in d columns, some of which overlap."""
    rng = np.random.default_rng(n + d)
    centres = rng.normal(scale=apart, size=(k, d))
    widths = rng.uniform(0.5, 2.0, size=(k, d))
    label = rng.integers(0, k, n)
    return np.asarray(centres[label] + rng.normal(size=(n, d)) * widths[label])


def begin(x: Array, k: int) -> Mixture:
    """The start, the same for all engines."""
    return initial_mixture(Points.of(x), k, FULL, rng=np.random.default_rng(7))


def steps(rounds: int) -> list[Row]:
    """One exact EM step: the time of `more` steps less that of one, so that set-up cancels."""
    rows = []
    for n, d, k in SIZES:
        x = data(n, d, k)
        first = begin(x, k)
        more = 3 if n > 2_000_000 else 6
        tasks = {
            (name, taken): partial(engine, x, first, taken)
            for name, engine in ENGINES.items()
            for taken in (1, more)
        }
        times = medians(tasks, rounds if n <= 2_000_000 else max(2, rounds // 2))
        row: Row = {"what": "exact step", "n": n, "d": d, "k": k}
        row |= {name: (times[name, more] - times[name, 1]) / (more - 1) for name in ENGINES}
        row |= reached(x, first, more)
        rows.append(row | on_cells(x, first, rounds))
        print(line(row), flush=True)
    return rows


def reached(x: Array, first: Mixture, taken: int) -> Row:
    """Total log-likelihood of each engine's mixture after `taken` steps, by our own E-step."""
    points = Points.of(x)
    ends = {name: engine(x, first, taken) for name, engine in ENGINES.items()}
    return {f"l {name}": e_step(points, end).log_likelihood for name, end in ends.items()}


def on_cells(x: Array, first: Mixture, rounds: int) -> Row:
    """The time of one step on cells, and the gap of its bound to the log-likelihood per point."""
    if x.shape[1] > MAX_BINNED_COLUMNS:
        return {}
    points = Points.of(x)
    cells = bin_points(points)
    task = lambda: m_step(e_step(cells, first, regularisation=REGULARISATION), FULL)  # noqa: E731
    time = medians({"cells": task}, 4 * rounds)["cells"]
    bound, exact = e_step(cells, first), e_step(points, first)
    gap = (exact.log_likelihood - bound.log_likelihood) / len(x)
    print(f"  on {cells.n} cells: {shown(time)}, bound {gap:.1e} nats a point below", flush=True)
    return {"cell step": time, "cells": cells.n, "gap": gap}


def to_the_optimum(rounds: int) -> Row:
    """Seconds from the data and a start to within 1e-6 nats a point of the converged optimum.

    The peers take as many plain steps as are needed. scikit-learn's time is extrapolated from
    `SAMPLED` of them.
    """
    n, d, k = 1_000_000, 2, 5
    x = data(n, d, k, apart=2.5)
    first = begin(x, k)
    trace = [step.log_likelihood / n for step in em(Points.of(x), first, FULL, tolerance=1e-10)]
    needed = next(i for i, value in enumerate(trace) if value > trace[-1] - NEAR)
    ends: dict[str, Mixture] = {}

    def plain(name: str, taken: int) -> None:
        ends[name] = ENGINES[name](x, first, taken)

    def by_bins_first() -> None:
        points = Points.of(x)
        *_, end = accelerated(bin_points(points), first, FULL)
        for step in accelerated(points, end.mixture, FULL):
            ends["gmm_widget"] = step.mixture
            if step.log_likelihood / n > trace[-1] - NEAR:
                return

    tasks: dict[str, Callable[[], object]] = {
        "gmm_widget": by_bins_first,
        "oneDAL": partial(plain, "oneDAL", needed),
        "one": partial(plain, "scikit-learn", 1),
        "some": partial(plain, "scikit-learn", SAMPLED),
    }
    row: Row = {"what": "to the optimum", "n": n, "d": d, "k": k, "plain steps": needed}
    row |= medians(tasks, rounds)
    one, some = row.pop("one"), row.pop("some")
    row["scikit-learn"] = one + (some - one) * (needed - 1) / (SAMPLED - 1)
    points = Points.of(x)
    short = {
        name: trace[-1] - e_step(points, ends[name]).log_likelihood / n
        for name in ("gmm_widget", "oneDAL")
    }
    print(line(row), f"({needed} plain steps; scikit-learn's extrapolated)")
    print({name: f"{value:.1e} nats short" for name, value in short.items()}, flush=True)
    return row | {f"short {name}": value for name, value in short.items()}


def memory() -> Row:
    """Peak memory beyond the input of an exact fit on 1e7 x 2."""
    n, d, k = 10_000_000, 2, 5
    row: Row = {"what": "memory", "n": n, "d": d, "k": k}
    row |= {name: beyond_input(name, n, d, k, 2) for name in ENGINES}
    print({name: f"{row[name] / 2**20:.0f} MB" for name in ENGINES}, flush=True)
    return row


def line(row: Row) -> str:
    """A row as text: times, and how many times longer the others take."""
    own = row["gmm_widget"]
    parts = [f"{name} {shown(row[name])} ({row[name] / own:.3g}x)" for name in ENGINES]
    return f"{row['what']} {row['n']:.0e} x {row['d']}, K = {row['k']}: " + ", ".join(parts)


def main(rounds: int = 5) -> list[Row]:
    """All tables of the engine."""
    return [*steps(rounds), to_the_optimum(rounds), memory()]

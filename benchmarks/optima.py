"""The right optimum: our maximum, scikit-learn's and mclust's, side by side on real tables.

Ours and scikit-learn's are found here, each with its defaults and 10 starts, in turn; mclust's
were found by `optima_mclust.R` and are kept in `optima_mclust.json`. A maximum that is owed to a
handful of rows is marked with an s and not compared (see `gmm_widget/search/spurious.py`).
"""

from __future__ import annotations

import json
import statistics
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from sklearn.mixture import GaussianMixture as Peer

from gmm_widget.core.mixture import Mixture
from gmm_widget.core.points import Points
from gmm_widget.core.structure import STRUCTURES
from gmm_widget.estimator import GaussianMixture

from .optima_data import Table, tables
from .reached import Reached, mixture_of_peer, reached, seconds_of_fit

COMPONENTS = range(1, 7)
STARTS = 10
MCLUST = Path(__file__).with_name("optima_mclust.json")
#: Mean log-likelihoods nearer than this are equal: the rule by which an optimum counts as reached.
EQUAL = 1e-6


class Cell(NamedTuple):
    """One table, structure and number of components."""

    table: str
    structure: str
    k: int
    n: int
    ours: Reached
    sklearn: Reached
    mclust: Reached

    @property
    def missed(self) -> list[str]:
        """Who is above us, spurious maxima aside; us, if ours is one."""
        bar = self.ours.log_likelihood + EQUAL * self.n
        rivals = {"scikit-learn": self.sklearn, "mclust": self.mclust}
        above = [n for n, r in rivals.items() if not r.spurious and r.log_likelihood > bar]
        return above + ["spurious"] * self.ours.spurious


def measured(name: str, x: Table, kind: str, k: int, repeats: int, kept: dict[str, Any]) -> Cell:
    """Fit one cell, `repeats` times in turn for the times; the fits are the same each time."""
    points, times = Points.of(x), {"ours": [], "theirs": []}  # type: ignore[var-annotated]
    for _ in range(repeats):
        ours = GaussianMixture(k, covariance_type=kind, n_init=STARTS, random_state=0)
        theirs = Peer(k, covariance_type=kind, n_init=STARTS, random_state=0)
        times["ours"].append(seconds_of_fit(ours, x))
        times["theirs"].append(seconds_of_fit(theirs, x))
    mclust = kept[f"{name}/{kind}/{k}"]
    return Cell(
        name,
        kind,
        k,
        len(x),
        reached(points, ours.mixture_, kind, statistics.median(times["ours"])),
        reached(points, mixture_of_peer(theirs, kind), kind, statistics.median(times["theirs"])),
        reached(points, _unfolded(mclust), kind, float("nan"), mclust["log_likelihood"]),
    )


def _unfolded(record: dict[str, Any]) -> Mixture:
    """mclust's parameters: covariances come as lower triangles by rows, one if shared."""
    weights, means = np.array(record["weights"], float), np.array(record["means"], float)
    k, d = means.shape
    i, j = np.tril_indices(d)
    covariances = np.zeros((len(record["triangles"]), d, d))
    covariances[:, i, j] = covariances[:, j, i] = np.array(record["triangles"], float)
    if len(covariances) < k:
        covariances = np.repeat(covariances, k, axis=0)
    return Mixture(weights / weights.sum(), means, covariances)


def line(cell: Cell) -> str:
    """One row of the table: ours, how far ours is above theirs, and times."""

    def gap(rival: Reached) -> str:
        return f"{cell.ours.log_likelihood - rival.log_likelihood:+12.4f}{'s' * rival.spurious:1}"

    ours, theirs = cell.ours.seconds, cell.sklearn.seconds
    return (
        f"{cell.table:9}{cell.structure:10}{cell.k:2}{cell.ours.log_likelihood:14.4f}"
        f"{gap(cell.sklearn)}{gap(cell.mclust)}{1e3 * ours:9.1f}{1e3 * theirs:9.1f}"
        f"{ours / theirs:7.2f}  {' '.join(cell.missed)}"
    )


def summary(cells: list[Cell]) -> dict[str, Any]:
    """What the table comes to."""
    ratios = sorted(c.ours.seconds / c.sklearn.seconds for c in cells)
    below = {
        name: sum(
            c.ours.log_likelihood > r.log_likelihood + 0.01
            for c, r in ((c, getattr(c, name)) for c in cells)
            if not r.spurious
        )
        for name in ("sklearn", "mclust")
    }
    return {
        "cells": len(cells),
        "missed": [
            f"{c.table}/{c.structure}/{c.k}: {' '.join(c.missed)}" for c in cells if c.missed
        ],
        "scikit-learn lower by over 0.01 nats": below["sklearn"],
        "mclust lower by over 0.01 nats": below["mclust"],
        "spurious, scikit-learn": sum(c.sklearn.spurious for c in cells),
        "spurious, mclust": sum(c.mclust.spurious for c in cells),
        "seconds, ours": round(sum(c.ours.seconds for c in cells), 2),
        "seconds, scikit-learn": round(sum(c.sklearn.seconds for c in cells), 2),
        "ratio of times, median": round(statistics.median(ratios), 2),
        "ratio of times, largest": round(ratios[-1], 2),
        "cells slower than scikit-learn": sum(ratio > 1 for ratio in ratios),
    }


def main(rounds: int = 5) -> list[dict[str, Any]]:
    """Print the table and what it comes to."""
    kept = json.loads(MCLUST.read_text(encoding="utf-8"))
    print(f"ours and scikit-learn: defaults, {STARTS} starts; {kept['origin']}; s: spurious")
    print(
        f"{'table':9}{'structure':10}{'k':>2}{'ours':>14}{'- sklearn':>12} {'- mclust':>12} "
        f"{'ms':>9}{'sklearn':>9}{'ratio':>7}"
    )
    cells = []
    for name, x in tables().items():
        for kind in STRUCTURES:
            for k in COMPONENTS:
                cells.append(measured(name, x, kind, k, rounds, kept["cells"]))
                print(line(cells[-1]), flush=True)
    found = summary(cells)
    print(*(f"{key}: {value}" for key, value in found.items()), sep="\n", flush=True)
    return [found, *(_record(cell) for cell in cells)]


def _record(cell: Cell) -> dict[str, Any]:
    rivals = {who: getattr(cell, who)._asdict() for who in ("ours", "sklearn", "mclust")}
    rivals["mclust"].pop("seconds")  # it did not run here
    return {**cell._asdict(), **rivals}

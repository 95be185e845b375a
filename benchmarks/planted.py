"""The search on planted problems: ours with 1, 10 and 40 starts, and scikit-learn's with 10.

The best known maximum of a table is the highest sound one of all these fits and of one from the
planted parameters. A fit reaches it within half a nat in total; one that is owed to a handful of
rows is spurious (see `gmm_widget/search/spurious.py`) and reaches nothing.
`python -m benchmarks.planted [NAME ...] --seeds 3 --starts 1 10 --no-peer` runs a part.
"""

from __future__ import annotations

import argparse
import statistics
import time
from typing import Any

from sklearn.mixture import GaussianMixture as Peer
from threadpoolctl import threadpool_info

from gmm_widget.core.points import Points
from gmm_widget.core.structure import structure
from gmm_widget.estimator import GaussianMixture
from gmm_widget.search.restarts import fit_from

from .planted_data import PROBLEMS, Problem, drawn
from .reached import Reached, mixture_of_peer, reached, seconds_of_fit

STARTS = (1, 10, 40)
PEER_STARTS = 10
SEEDS = 10
#: The seed of the first table; the others follow.
FIRST_SEED = 100
#: Total nats below the best known at which it still counts as reached.
NEAR = 0.5


def fits(problem: Problem, seed: int, starts: tuple[int, ...], peer: bool) -> dict[str, Reached]:
    """All fits of one table, by name; "planted" began at the planted parameters."""
    x, planted = drawn(problem, seed)
    points, kind = Points.of(x), structure(problem.kind)
    began = time.perf_counter()
    known = fit_from(points, [planted], kind).best.mixture
    found = {"planted": reached(points, known, problem.kind, time.perf_counter() - began)}
    options = {"covariance_type": problem.kind, "random_state": seed}
    for count in starts:
        ours = GaussianMixture(problem.k, n_init=count, **options)  # type: ignore[arg-type]
        seconds = seconds_of_fit(ours, x)
        found[f"ours, {count}"] = reached(points, ours.mixture_, problem.kind, seconds)
    if peer:
        theirs = Peer(problem.k, n_init=PEER_STARTS, **options)
        seconds = seconds_of_fit(theirs, x)
        mixture = mixture_of_peer(theirs, problem.kind)
        name = f"scikit-learn, {PEER_STARTS}"
        found[name] = reached(points, mixture, problem.kind, seconds)
    return found


def summary(name: str, tables: list[dict[str, Reached]]) -> list[dict[str, Any]]:
    """For each searcher: the share of tables at the best known, worst shortfall, median time."""
    sound = [[f.log_likelihood for f in table.values() if not f.spurious] for table in tables]
    best = [max(values, default=float("nan")) for values in sound]
    rows = []
    for who in tables[0]:
        mine = [table[who] for table in tables]
        short = [b - f.log_likelihood for b, f in zip(best, mine, strict=True) if not f.spurious]
        rows.append(
            {
                "problem": name,
                "fit": who,
                "reached": sum(gap <= NEAR for gap in short) / len(tables),
                "worst shortfall": max(short, default=float("nan")),
                "spurious": len(mine) - len(short),
                "seconds": statistics.median(f.seconds for f in mine),
                "log_likelihoods": [f.log_likelihood for f in mine],
            }
        )
    return rows


def line(row: dict[str, Any]) -> str:
    """One row of the table."""
    return (
        f"{row['problem']:18} {row['fit']:17}{row['reached']:8.0%}{row['worst shortfall']:12.2f}"
        f"{row['spurious']:9}{row['seconds']:9.2f}"
    )


def main(
    names: tuple[str, ...] = (),
    seeds: int = SEEDS,
    starts: tuple[int, ...] = STARTS,
    peer: bool = True,
) -> list[dict[str, Any]]:
    """Print the table of all problems, or of those named."""
    kernels = {f"{i['internal_api']} {i.get('architecture', '')}" for i in threadpool_info()}
    print("BLAS:", ", ".join(sorted(kernels)))
    print(
        f"{'problem':18} {'fit':17}{'reached':>8}{'worst gap':>12}{'spurious':>9}{'seconds':>9}",
        flush=True,
    )
    rows: list[dict[str, Any]] = []
    for name in names or PROBLEMS:
        numbers = range(FIRST_SEED, FIRST_SEED + seeds)
        found = summary(name, [fits(PROBLEMS[name], seed, starts, peer) for seed in numbers])
        print(*map(line, found), sep="\n", flush=True)
        rows += found
    return rows


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", choices=[[], *PROBLEMS], metavar="NAME")
    parser.add_argument("--seeds", type=int, default=SEEDS)
    parser.add_argument("--starts", type=int, nargs="+", default=STARTS)
    parser.add_argument("--no-peer", action="store_true")
    chosen = parser.parse_args()
    main(tuple(chosen.names), chosen.seeds, tuple(chosen.starts), not chosen.no_peer)

"""The fit of `GaussianMixture`: its arguments checked and passed to the search."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping
from typing import Any

from gmm_widget.core.binning import MAX_BINNED_COLUMNS
from gmm_widget.core.mixture import Mixture
from gmm_widget.core.points import Points
from gmm_widget.core.random_state import generator
from gmm_widget.core.structure import structure
from gmm_widget.search.outcomes import Outcome, Restarts
from gmm_widget.search.restarts import fit_from, restarts

from .starts import METHODS, given_start, random_start


def fitted(params: Mapping[str, Any], points: Points, warm: Mixture | None) -> Restarts:
    """Fit the points with the constructor's arguments; `warm` is a mixture to continue from."""
    rng, kind = generator(params["random_state"]), structure(params["covariance_type"])
    k, n_starts = params["n_components"], params["n_init"]
    if params["algorithm"] == "cells" and points.d > MAX_BINNED_COLUMNS:
        raise ValueError(
            f"cells serve up to {MAX_BINNED_COLUMNS} columns and X has {points.d}; "
            "use algorithm='exact' or 'auto'"
        )
    limits = {
        "regularisation": params["reg_covar"],
        "tolerance": params["tol"],
        "max_steps": params["max_iter"],
        "allow_spurious": params["allow_spurious"],
        "algorithm": params["algorithm"],
        "on_outcome": _printer(params["verbose"]),
    }
    if warm is not None and warm.means.shape == (k, points.d):
        return fit_from(points, [warm], kind, "warm start", **limits)
    given = given_start(params, points, kind, rng)
    if given is not None:
        return fit_from(points, [given], kind, "given", **limits)
    if params["init_params"] == "random":
        first = [random_start(points, k, kind, rng) for _ in range(n_starts)]
        return fit_from(points, first, kind, "random", batched=True, **limits)
    method = METHODS.get(params["init_params"], "search")
    return restarts(points, k, kind, n_starts, methods=method, rng=rng, **limits)


def _printer(verbose: int) -> Callable[[Outcome], object] | None:
    """Print a line for each start; if `verbose` is more than 1, with the time elapsed."""
    if not verbose:
        return None
    start_time = time.perf_counter()

    def show(outcome: Outcome) -> None:
        elapsed = f" ({time.perf_counter() - start_time:.3f} s)" if verbose > 1 else ""
        reached = outcome.reason or f"log-likelihood {outcome.log_likelihood:.6f}"
        line = f"start {outcome.start} ({outcome.method}): {outcome.status} after {outcome.steps} "
        sys.stdout.write(f"{line}steps, {reached}{elapsed}\n")

    return show

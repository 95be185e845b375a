"""Predictions and scores of a fitted mixture, beside scikit-learn and one exact EM step."""

from __future__ import annotations

import tracemalloc
from functools import partial
from typing import Any

import numpy as np
from sklearn.mixture import GaussianMixture as Peer

from gmm_widget import GaussianMixture
from gmm_widget.core.defaults import REGULARISATION
from gmm_widget.core.e_step import e_step
from gmm_widget.core.m_step import m_step
from gmm_widget.core.points import Points

from .engine import FULL, data
from .timing import medians, shown

SIZES = ((1_000_000, 2, 5), (200_000, 8, 10))
METHODS = ("score", "score_samples", "predict", "predict_proba")
WIDE = (3_000_000, 8, 10)  # float32, for memory


def main() -> list[dict[str, Any]]:
    """Print times, their ratios, and the memory beyond input and output."""
    rows = [row for size in SIZES for row in _times(*size)]
    return [*rows, *_memory(*WIDE)]


def _times(n: int, d: int, k: int) -> list[dict[str, Any]]:
    x, points = data(n, d, k), Points.of(data(n, d, k))
    model, peer = _models(x, k)

    def step() -> None:
        found = e_step(points, model.mixture_, regularisation=REGULARISATION)
        m_step(found, FULL, regularisation=REGULARISATION)

    tasks = {("step", ""): step}
    for name in METHODS:
        tasks[name, "ours"] = partial(getattr(model, name), x)
        tasks[name, "scikit-learn"] = partial(getattr(peer, name), x)
    times = medians(tasks)
    rows = []
    for name in METHODS:
        ours, theirs = times[name, "ours"], times[name, "scikit-learn"]
        steps = ours / times["step", ""]
        print(
            f"{n:>9,} x {d}, K = {k}: {name:13} {shown(ours):>8}, {steps:.2f} exact steps, "
            f"scikit-learn {theirs / ours:.1f} times as long",
            flush=True,
        )
        rows.append({"n": n, "d": d, "k": k, "method": name, "ours": ours, "peer": theirs})
    return rows


def _models(x: Any, k: int) -> tuple[GaussianMixture, Any]:
    """Both packages' models with one mixture, that of a few rows."""
    few = x[:20_000]
    model = GaussianMixture(k, max_iter=20, random_state=0).fit(few)
    peer = Peer(k, max_iter=1, random_state=0, init_params="random_from_data").fit(few)
    peer.weights_, peer.means_ = model.weights_, model.means_
    peer.covariances_, peer.precisions_cholesky_ = model.covariances_, model.precisions_cholesky_
    return model, peer


def _memory(n: int, d: int, k: int) -> list[dict[str, Any]]:
    x = np.random.default_rng(0).standard_normal((n, d), dtype=np.float32)
    model, _ = _models(x, k)
    rows = []
    for name in METHODS:
        tracemalloc.start()
        result = getattr(model, name)(x)
        used = tracemalloc.get_traced_memory()[1] - getattr(result, "nbytes", 0)
        tracemalloc.stop()
        print(f"{n:>9,} x {d} float32: {name:13} {used / 2**20:.0f} MB beyond input and output")
        rows.append({"n": n, "d": d, "k": k, "method": name, "bytes": used})
    return rows

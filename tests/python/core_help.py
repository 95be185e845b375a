"""For the core's tests: a dense E-step in long double, and mixtures of a chosen difficulty."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from hard_cases import LONG, Answer, log_joint

from gmm_widget.core.e_step import Expectation
from gmm_widget.core.mixture import Mixture


class Dense(NamedTuple):
    """Total log-likelihood, counts (K,), means (K, D) and covariances (K, D, D) by definition."""

    log_likelihood: float
    counts: np.ndarray
    means: np.ndarray
    covariances: np.ndarray
    responsibilities: np.ndarray


def dense(x: np.ndarray, mixture: Mixture, weight: np.ndarray | None = None) -> Dense:
    """The E-step with everything written out, on the points as they are."""
    z = x.astype(LONG)
    w = np.ones(len(z), LONG) if weight is None else weight.astype(LONG)
    parts = (mixture.weights, mixture.means, mixture.covariances)
    joint = log_joint(z, Answer(*(part.astype(LONG) for part in parts), LONG(0)))
    top = joint.max(axis=1, keepdims=True)
    density = np.exp(joint - top).sum(axis=1)
    r = np.exp(joint - top) / density[:, None]
    share = r * w[:, None]
    counts = share.sum(axis=0)
    means = share.T @ z / counts[:, None]
    scatters = [(z - m).T @ (share[:, [k]] * (z - m)) for k, m in enumerate(means)]
    covariances = np.array(scatters) / counts[:, None, None]
    return Dense(w @ (top[:, 0] + np.log(density)), counts, means, covariances, r)


def assert_same(found: Expectation, answer: Dense, tolerance: float) -> None:
    """Relative in the log-likelihood and the counts; means and covariances in the widths found."""
    frame = found.points.frame
    sd = np.sqrt(np.einsum("kii->ki", answer.covariances))
    means = (frame.means_out(found.moments.means) - answer.means) / sd
    covariances = frame.covariances_out(found.moments.covariances()) - answer.covariances
    off = {
        "log-likelihood": found.log_likelihood / answer.log_likelihood - 1,
        "counts": found.moments.counts / answer.counts - 1,
        "means": means,
        "covariances": covariances / sd[:, :, None] / sd[:, None, :],
    }
    wrong = {k: float(np.abs(v).max()) for k, v in off.items() if not np.abs(v).max() <= tolerance}
    assert not wrong, f"off by {wrong}, more than {tolerance:g}"


def at_ratio(ratio: float, d: int, rng: np.random.Generator) -> Mixture:
    """Two components `ratio` of their widths away from the centre of the points, and a wide one."""
    means = rng.standard_normal((3, d))
    means /= np.linalg.norm(means, axis=1)[:, None]
    narrow = np.eye(d) / ratio**2
    return Mixture([0.3, 0.3, 0.4], means, [narrow, 1.5 * narrow, 0.3 * np.eye(d)])


def cloud(n: int, d: int, k: int, seed: int = 0) -> tuple[np.ndarray, Mixture]:
    """n points of a mixture of k correlated components in d columns, and another such mixture."""
    rng = np.random.default_rng(seed)
    a = rng.standard_normal((2 * k, d, d)) / np.sqrt(d)
    covariances = a @ a.transpose(0, 2, 1) + 0.5 * np.eye(d)
    means = 2 * rng.standard_normal((k, d))
    weights = rng.uniform(0.5, 1.5, k)
    weights /= weights.sum()
    x, _ = Mixture(weights, means, covariances[:k]).sample(n, rng)
    guess = Mixture(weights[::-1], means + 0.5 * rng.standard_normal((k, d)), covariances[k:])
    return x, guess

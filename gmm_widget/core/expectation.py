"""The E-step: one fused pass over the points that gives log-likelihood and moments.

Per block the log joint is `theta @ T`, responsibilities are its softmax, and their moments are
`R @ T^T`; the N x K responsibilities are never stored.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

import numpy as np

from . import natural
from .linalg import Array, cholesky, whiteners
from .mixture import Mixture
from .moments import Moments
from .points import Points
from .threads import Poll, in_order, scratch

#: exp of less than this would be subnormal, which is slow; it is lost against the rest anyway.
FLOOR = -700.0
#: A point whose best log joint lies this far below the highest peak gets a shift of its own.
DEEP = -600.0
#: Components whose R^2 exceeds this are evaluated in a frame of their own.
THRESHOLD = 2.0**20
_BLOCK_BYTES = 1 << 20
_STRIPS = 64


@final
@dataclass(frozen=True, eq=False)
class Expectation:
    """What one pass finds out about `mixture`.

    `log_likelihood` is the total in nats, `moments` are in the frame of the points, and
    `log_max_responsibility` is the sum over points of log max_k r_nk (0 when every point is
    certain to come from one component), which ICL needs.
    """

    mixture: Mixture
    log_likelihood: float
    moments: Moments
    log_max_responsibility: float
    points: Points


@final
class _Local:
    """A mixture prepared for a pass over points in a frame."""

    def __init__(self, points: Points, mixture: Mixture) -> None:
        frame = points.frame
        self.means = frame.means_in(mixture.means)
        covariances = frame.covariances_in(mixture.covariances)
        self.lower = cholesky(covariances)
        self.whitener = whiteners(self.lower)
        constants = natural.log_constants(mixture.weights, self.lower)
        self.top = float(constants.max())
        self.constants = constants - self.top
        self.theta = natural.parameters(self.constants, self.means, self.whitener)
        precision = np.abs(self.whitener.transpose(0, 2, 1) @ self.whitener)
        reach = np.abs(self.means) + np.sqrt(np.einsum("kii->ki", covariances))
        ratio = np.einsum("ki,kij,kj->k", reach, precision, reach)
        self.apart = [int(k) for k in np.flatnonzero(ratio > THRESHOLD)]
        #: The log joint is per unit of the frame, and below its highest peak: this undoes both.
        self.offset = self.top - float(np.log(frame.scale).sum())

    def log_joint(self, t: Array, out: Array) -> None:
        np.matmul(self.theta, t, out=out)
        for k in self.apart:
            y = self.own(k, t)
            out[k] = self.constants[k] - np.einsum("db,db->b", y, y) / 2

    def own(self, k: int, t: Array) -> Array:
        d = self.means.shape[1]
        return np.asarray(self.whitener[k] @ (t[1 : 1 + d] - self.means[k][:, None]))


def e_step(points: Points, mixture: Mixture, *, poll: Poll | None = None) -> Expectation:
    """Log-likelihood and moments of the points under the mixture, in one pass.

    `poll` is called between blocks, in the calling thread; what it raises abandons the pass.
    """
    if points.d != mixture.n_features:
        raise ValueError(
            f"the points have {points.d} columns, the mixture has {mixture.n_features}"
        )
    local = _Local(points, mixture)
    d, k, f = points.d, mixture.n_components, natural.n_statistics(points.d)
    size = max(256, min(8192, _BLOCK_BYTES // (8 * (f + k + 2))))
    blocks = -(-points.n // size)
    per_strip = -(-blocks // _STRIPS)
    strips = -(-blocks // per_strip)

    def strip(i: int, check: Poll) -> tuple[Array, Array, Array]:
        total, sums = np.zeros(2), np.zeros((k, f))
        apart = np.zeros((len(local.apart), f))
        for b in range(i * per_strip, min(blocks, (i + 1) * per_strip)):
            check()
            start, stop = b * size, min(points.n, (b + 1) * size)
            total += _block(points, local, start, stop, sums, apart)
        return total, sums, apart

    parts = in_order(strips, strip, poll)
    total = np.sum([p[0] for p in parts], axis=0)
    log_likelihood = total[0] + points.total_weight * local.offset
    sums = np.sum([p[1] for p in parts], axis=0)
    moments = natural.moments(sums, d, local.means)
    apart = np.sum([p[2] for p in parts], axis=0)
    _own_moments(local, apart, moments)
    return Expectation(mixture, float(log_likelihood), moments, float(total[1]), points)


def _block(
    points: Points, local: _Local, start: int, stop: int, sums: Array, apart: Array
) -> Array:
    """Add one block's moments to `sums` and `apart`; return its two log sums."""
    b, d = stop - start, points.d
    k, f = sums.shape
    t, r, s = scratch((f, b), (k, b), (b,))
    points.fill(start, stop, t[1 : 1 + d])
    natural.fill_products(t, d)
    local.log_joint(t, r)
    shift: Array | None = None
    np.maximum(r, FLOOR, out=r)
    np.exp(r, out=r)
    np.add.reduce(r, axis=0, out=s)
    if s.min() < np.exp(DEEP):
        local.log_joint(t, r)
        shift = r.max(axis=0)
        r -= shift
        np.maximum(r, FLOOR, out=r)
        np.exp(r, out=r)
        np.add.reduce(r, axis=0, out=s)
    certainty = np.log(r.max(axis=0) / s)
    weight = points.weight(start, stop)
    if weight is None:
        r /= s
    else:
        r *= weight / s
    sums += r @ t.T
    for row, j in enumerate(local.apart):
        u = np.empty((f, b))
        u[1 : 1 + d] = local.own(j, t)
        natural.fill_products(u, d)
        apart[row] += u @ r[j]
    np.log(s, out=s)
    if shift is not None:
        s += shift
    logs = np.stack([s, certainty])
    return np.asarray(logs.sum(axis=1) if weight is None else logs @ weight)


def _own_moments(local: _Local, apart: Array, moments: Moments) -> None:
    """Replace the moments of the components that were summed in frames of their own."""
    if not len(local.apart):
        return
    d = local.means.shape[1]
    own = natural.moments(apart, d, np.zeros((len(apart), d)))
    for row, k in enumerate(local.apart):
        lower = local.lower[k]
        moments.means[k] = local.means[k] + lower @ own.means[row]
        moments.scatters[k] = lower @ own.scatters[row] @ lower.T

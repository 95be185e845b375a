"""Batched EM: one E-step and M-step for S mixtures over the same rows.

On small data the cost of a pass is mostly call overhead, and ten starts in one batch cost little
more than one. This implementation is written for speed on a few thousand rows and not for extreme
data: results that are reported are always finished with the exact steps of `core`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple, final

import numpy as np

from gmm_widget.core.density import LOG_2PI
from gmm_widget.core.linalg import Array
from gmm_widget.core.moments import Moments
from gmm_widget.core.passes import natural_parameters
from gmm_widget.core.points import Points
from gmm_widget.core.structure import Structure

from .batch import Flags, Indices, MixtureBatch

_FLOOR = -700.0
#: Densities between this and its inverse keep all digits; otherwise each row is shifted by its
#: maximum.
_FAINT = float(np.exp(-600.0))
_NO_WEIGHT = 1e-12
_MAX_PENALTY = 20.0
#: Responsibilities that fit the cache; larger batches are processed a few members at a time.
_CACHED = 1 << 17


class EMUpdate(NamedTuple):
    """Result of one pass: `log_likelihood` and `objective` (S,) before, the batch `after` the
    M-step.

    Where `sound` (S,) is False a component lost its weight or covariance, and `after` is
    meaningless.
    """

    log_likelihood: Array
    objective: Array
    after: MixtureBatch
    sound: Flags


class Evaluation(NamedTuple):
    """E-step of one mixture: theta, the responsibility-weighted sums of T (K, F), log-likelihood
    and objective.
    """

    theta: Array
    sums: Array
    log_likelihood: float
    objective: float


@final
class Buffers:
    """Working memory reused from pass to pass, because allocating costs more than the
    arithmetic.
    """

    def __init__(self) -> None:
        self._flat = np.empty(0)

    def arrays(self, s: int, k: int, n: int) -> tuple[Array, Array, Array, Array]:
        """Return uninitialised arrays (S, K, N) and three times (S, N), valid until the next
        call.
        """
        size = s * n
        if self._flat.size < (k + 3) * size:
            self._flat = np.empty((k + 3) * size)
        ends = [(k + i) * size for i in range(4)]
        joint = self._flat[: ends[0]].reshape(s, k, n)
        a, b, c = (self._flat[end : end + size].reshape(s, n) for end in ends[:3])
        return joint, a, b, c


@final
@dataclass(frozen=True, eq=False)
class BatchData:
    """The rows of a search, standardised: statistics T (F, N) and their transpose.

    `kept` indexes the entries of T that the structure needs: a diagonal one needs no cross
    products. `blur` (D,) is the variance that regularisation adds to every row, `min_variance` (D,)
    the least that the rounding of the rows leaves a component.
    """

    rows: Array
    statistics: Array
    by_rows: Array
    kept: Indices
    weight: Array | None
    total: float
    variance: Array
    blur: Array
    min_variance: Array
    scale: Array
    structure: Structure
    buffers: Buffers

    @classmethod
    def of(cls, points: Points, structure: Structure, regularisation: float) -> BatchData:
        """Prepare all rows of the points, which may be bins."""
        frame = points.frame
        rows = np.ascontiguousarray(
            ((np.asarray(points.rows, dtype=np.float64) - frame.origin) / frame.scale).T
        )
        d, n = rows.shape
        kept = natural_parameters.used_statistics(d, structure.diagonal)
        i, j, _ = natural_parameters.pairs(d)
        products = rows[i] * rows[j]
        if points.within_covariance is not None:
            products += (points.within_covariance / (frame.scale[i] * frame.scale[j])).T
        t = np.concatenate([np.ones((1, n)), rows, products])[kept]
        return cls(
            rows,
            t,
            np.ascontiguousarray(t.T),
            kept,
            points.sample_weight,
            points.total_weight,
            points.variance,
            regularisation * points.variance,
            points.min_variance,
            points.frame.scale,
            structure,
            Buffers(),
        )

    def em_step(self, batch: MixtureBatch) -> EMUpdate:
        """Run one EM pass for every member."""
        s, k, _ = batch.means.shape
        theta, penalties = self._parameters(batch)
        theta = theta.reshape(s, k, -1)
        few = max(1, _CACHED // (k * self.rows.shape[1]))
        parts = [self._pass(theta[i : i + few], penalties[i : i + few]) for i in range(0, s, few)]
        sums, log_likelihood, objective = (np.concatenate(p) for p in zip(*parts, strict=True))
        moments, sound = self._moments(sums, k)
        after = self.fitted(moments, sound)
        sound &= np.isfinite(objective)
        return EMUpdate(log_likelihood, objective, after, sound)

    def look(self, batch: MixtureBatch) -> Evaluation:
        """Run the E-step of the first member only."""
        theta, penalties = self._parameters(batch.take([0]))
        sums, log_likelihood, objective = self._pass(theta[None], penalties)
        return Evaluation(theta, sums, float(log_likelihood[0]), float(objective[0]))

    def log_joint(self, batch: MixtureBatch) -> Array:
        """Log weights plus penalised log densities (K, N) of the first member, in the frame."""
        theta, _ = self._parameters(batch.take([0]))
        return np.asarray(theta @ self.statistics)

    def part(self, rows: Indices, weight: Array, variance: Array) -> BatchData:
        """Some of the rows, with other weights and another unit of distance for seeds."""
        return replace(
            self,
            rows=self.rows[:, rows],
            statistics=self.statistics[:, rows],
            by_rows=self.by_rows[rows],
            weight=weight,
            total=float(weight.sum()),
            variance=variance,
        )

    def at(self, moments: Moments) -> MixtureBatch | None:
        """Return the one mixture with these moments (total weight 1), None if a covariance is
        singular.
        """
        sound, counts = np.ones(1, dtype=np.bool_), self.total * moments.counts
        blurred = counts[:, None, None] * np.diag(self.blur)
        scatters = self.total * moments.scatters - blurred
        batch = self.fitted(Moments(counts, moments.means, scatters), sound)
        return batch if sound[0] else None

    def is_valid(self, sums: Array) -> bool:
        """Tell whether sums (K, F) of one member lead to a mixture with regular covariances."""
        moments, sound = self._moments(sums, len(sums))
        if sound.all():
            self.fitted(moments, sound)
        return bool(sound.all())

    def grouped(self, labels: Indices, k: int) -> Moments:
        """Moments of the S * K groups given by labels (S, N)."""
        shares = (labels[:, None, :] == np.arange(k)[:, None]).astype(np.float64)
        if self.weight is not None:
            shares *= self.weight
        return self.shared_out(shares.reshape(-1, shares.shape[2]))

    def shared_out(self, shares: Array) -> Moments:
        """Moments of components that hold these shares (K, N) of the rows."""
        return self._moments(shares @ self.by_rows, len(shares))[0]

    def fitted(self, moments: Moments, sound: Flags) -> MixtureBatch:
        """M-step for moments of S * K components; members with a singular covariance become
        unsound.
        """
        s, d = len(sound), len(self.scale)
        k = len(moments.counts) // s
        counts = moments.counts.reshape(s, k)
        log_weights = np.log(counts / counts.sum(axis=1, keepdims=True))
        covariances = self.structure.at_least(self._constrained(moments, k), self.min_variance)
        lower = _factors(covariances, sound)
        return MixtureBatch(log_weights, moments.means.reshape(s, k, d), lower)

    def _pass(self, theta: Array, penalties: Array) -> tuple[Array, Array, Array]:
        """Sums (S * K, F) of weighted T, log-likelihoods and objectives (S,) of a few members."""
        s, k, f = theta.shape
        joint, top, density, logs = self.buffers.arrays(s, k, self.rows.shape[1])
        flat = joint.reshape(s * k, -1)
        np.matmul(theta.reshape(s * k, f), self.statistics, out=flat)
        self._exponentials(joint, density)
        shift = None
        if not (density.min() > _FAINT and density.max() < 1 / _FAINT):
            np.matmul(theta.reshape(s * k, f), self.statistics, out=flat)
            shift = np.max(joint, axis=1, out=top)
            joint -= shift[:, None]
            self._exponentials(joint, density)
        objective = self._summed(np.log(density, out=logs), shift)
        log_likelihood = objective
        if self.blur.any():
            penalty_factors = np.exp(np.minimum(penalties, _MAX_PENALTY))[:, None]
            plain = np.matmul(penalty_factors, joint, out=logs[:, None])[:, 0]
            log_likelihood = self._summed(np.log(plain, out=logs), shift)
        np.divide(1.0 if self.weight is None else self.weight, density, out=density)
        joint *= density[:, None]
        return flat @ self.by_rows, log_likelihood, objective

    @staticmethod
    def _exponentials(joint: Array, density: Array) -> None:
        """Exponentiate log joints (S, K, N) in place; write their sums over components to (S,
        N).
        """
        np.maximum(joint, _FLOOR, out=joint)
        with np.errstate(over="ignore"):
            np.exp(joint, out=joint)
        np.sum(joint, axis=1, out=density)

    def _summed(self, logs: Array, shift: Array | None) -> Array:
        """Weighted sums (S,) of the log densities logs + shift (S, N), in data units."""
        if shift is not None:
            logs += shift
        sums = logs.sum(axis=1) if self.weight is None else logs @ self.weight
        return np.asarray(sums - self.total * np.log(self.scale).sum())

    def _parameters(self, batch: MixtureBatch) -> tuple[Array, Array]:
        """Natural parameters theta (S * K, F), and the penalties (S, K) of log joints by
        regularisation.
        """
        s, k, d = batch.means.shape
        whitener = np.linalg.inv(batch.lower.reshape(s * k, d, d))
        precisions = whitener.transpose(0, 2, 1) @ whitener
        penalties = np.einsum("kii->ki", precisions) @ self.blur / 2
        peaks = batch.log_weights.ravel() - penalties - d * LOG_2PI / 2
        peaks += np.log(np.einsum("kii->ki", whitener)).sum(axis=1)
        theta = natural_parameters.parameters(peaks, batch.means.reshape(s * k, d), precisions)
        return theta[:, self.kept], penalties.reshape(s, k)

    def _moments(self, kept: Array, k: int) -> tuple[Moments, Flags]:
        """Moments from sums (S * K, F), and a flag for members that lost no component."""
        d = len(self.scale)
        sums = np.zeros((len(kept), natural_parameters.n_statistics(d)))
        sums[:, self.kept] = kept
        least = _NO_WEIGHT * self.total
        sound = np.asarray((sums[:, 0] > least).reshape(-1, k).all(axis=1))
        sums[:, 0] = np.maximum(sums[:, 0], least)
        return natural_parameters.moments(sums, d), sound

    def _constrained(self, moments: Moments, k: int) -> Array:
        """Covariances (S, K, D, D) of moments of S * K components, with regularisation."""
        d, counts = len(self.scale), moments.counts
        scatters = moments.scatters + np.diag(self.blur) * counts[:, None, None]
        if self.structure.averages and not self.structure.shared:
            widened = Moments(counts, moments.means, scatters)
            return self.structure.constrain(widened, self.scale).reshape(-1, k, d, d)
        if self.structure.averages and not self.structure.isotropic:
            pooled = scatters.reshape(-1, k, d, d).sum(axis=1) / self.total
            pooled = pooled * np.eye(d) if self.structure.diagonal else pooled
            return np.repeat(pooled[:, None], k, axis=1)
        each = [slice(i, i + k) for i in range(0, len(counts), k)]
        parts = [Moments(counts[i], moments.means[i], scatters[i]) for i in each]
        return np.stack([self.structure.constrain(part, self.scale) for part in parts])


def _factors(covariances: Array, sound: Flags) -> Array:
    """Cholesky factors; a member without one becomes unsound and gets identity matrices."""
    try:
        return np.asarray(np.linalg.cholesky(covariances))
    except np.linalg.LinAlgError:
        lower = np.empty_like(covariances)
        for s, member in enumerate(covariances):
            try:
                lower[s] = np.linalg.cholesky(member)
            except np.linalg.LinAlgError:
                lower[s], sound[s] = np.eye(member.shape[-1]), False
        return lower

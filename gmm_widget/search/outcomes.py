"""What many starts led to: an outcome for each, and the optima that they reached."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, replace
from typing import NamedTuple, final

import numpy as np

from gmm_widget.core.frozen import frozen_fields
from gmm_widget.core.linalg import Array
from gmm_widget.core.mixture import Mixture

from .spurious import Suspicion

#: Two fits are the same optimum when their mean log-likelihoods differ by less than the first,
#: and means, covariances and weights by less than the second, in units of the component's width.
SAME_OBJECTIVE = 1e-5
SAME_PLACE = 0.1


@final
@dataclass(frozen=True, eq=False)
class Outcome:
    """What one start led to.

    `start` is its index; indices from n_starts on belong to moves away from the best so far.
    `optimum` is the index of the optimum it reached, None if it was not followed to convergence.
    `status` is one of

    - "converged": it was followed to an optimum.
    - "unfinished": it ran out of steps.
    - "level": it was as high as another one that was followed instead.
    - "behind": it was dropped when it could hardly reach the best.
    - "spurious": its likelihood is owed to a few rows, as `reason` says.
    - "failed": it collapsed, as `reason` says; there is no mixture then.
    """

    start: int
    method: str
    status: str
    mixture: Mixture | None
    log_likelihood: float
    objective: float
    steps: int
    optimum: int | None = None
    reason: str | None = None


@final
@dataclass(frozen=True, eq=False)
@frozen_fields
class Optimum:
    """A local maximum, the starts that reached it, and the components that make it spurious.

    `objective` is what EM maximises, the log-likelihood (total, nats) with its regularisation
    penalty, and `converged` says that EM converged within its steps. `trace` (steps + 1,) holds
    log-likelihoods, each that of the parameters it was computed at.
    """

    mixture: Mixture
    log_likelihood: float
    objective: float
    converged: bool
    trace: Array
    starts: tuple[int, ...]
    suspicions: tuple[Suspicion, ...]

    @property
    def steps(self) -> int:
        """EM steps from the start, or from the move, to this optimum."""
        return len(self.trace) - 1

    @property
    def spurious(self) -> str | None:
        """Why this likelihood should not be trusted, if so."""
        return "; ".join(map(str, self.suspicions)) or None


class Spent(NamedTuple):
    """What a search took.

    EM steps of single candidates over `rows`, which are the points, a sample or bins of them; then
    steps over all points; and the seconds of the clock.
    """

    rows: int
    steps: int
    exact_steps: int
    seconds: float


@final
@dataclass(frozen=True, eq=False, repr=False)
class Restarts:
    """All outcomes, the optima from the highest down, the index of the chosen one, and the cost.

    `repr` is a short summary; printed, it lists every optimum with its starts.
    """

    outcomes: tuple[Outcome, ...]
    optima: tuple[Optimum, ...]
    chosen: int
    spent: Spent

    @property
    def best(self) -> Optimum:
        """The chosen optimum: the highest, spurious ones passed over where there are others."""
        return self.optima[self.chosen]

    @property
    def failures(self) -> tuple[Outcome, ...]:
        """The starts that collapsed."""
        return tuple(outcome for outcome in self.outcomes if outcome.status == "failed")

    def __repr__(self) -> str:
        statuses = Counter(outcome.status for outcome in self.outcomes).most_common()
        counts = ", ".join(f"{count} {status}" for status, count in statuses)
        passed = f", {self.chosen} passed over as spurious" if self.chosen else ""
        return (
            f"Restarts of {len(self.outcomes)}: {counts}\n"
            f"  best log-likelihood {self.best.log_likelihood:.4f}, "
            f"reached from {_counted(len(self.best.starts), 'start')}\n"
            f"  {_counted(len(self.optima), 'optimum', 'optima')}{passed}; print() lists them"
        )

    def __str__(self) -> str:
        spent = self.spent
        took = f"{spent.steps} EM steps on {spent.rows} rows, {spent.exact_steps} on all"
        rows = [f"{len(self.outcomes)} starts, {len(self.failures)} failed; {took}"]
        for i, optimum in enumerate(self.optima):
            mark = "*" if i == self.chosen else " "
            note = f", spurious: {optimum.spurious}" if optimum.spurious else ""
            starts = ", ".join(map(str, optimum.starts))
            rows.append(
                f"{mark} log-likelihood {optimum.log_likelihood:.4f} after {optimum.steps} steps, "
                f"from start {starts}{note}"
            )
        return "\n".join(rows)


def reached(found: Optimum, method: str) -> Outcome:
    """The outcome of a start that was followed to an optimum."""
    status = "converged" if found.converged else "unfinished"
    return Outcome(
        found.starts[0],
        method,
        "spurious" if found.suspicions else status,
        found.mixture,
        found.log_likelihood,
        found.objective,
        found.steps,
        None,
        found.spurious,
    )


def _counted(n: int, one: str, many: str | None = None) -> str:
    return f"{n} {one if n == 1 else many or one + 's'}"


def same(a: Mixture, b: Mixture) -> bool:
    """Whether two mixtures agree up to the order of components, within SAME_PLACE."""
    if a.means.shape != b.means.shape:
        return False
    whiteners = a.factors.whiteners
    steps = np.einsum("kij,klj->kli", whiteners, b.means[None] - a.means[:, None])
    shapes = whiteners[:, None] @ b.covariances[None] @ whiteners[:, None].swapaxes(-1, -2)
    shapes -= np.eye(a.n_features)
    weights = b.weights[None] / a.weights[:, None] - 1
    apart = np.maximum(np.abs(steps).max(axis=2), np.abs(shapes).max(axis=(2, 3)))
    apart = np.maximum(apart, np.abs(weights))
    nearest = apart.argmin(axis=1)
    distinct = len(set(nearest.tolist())) == a.n_components
    return distinct and bool((apart.min(axis=1) < SAME_PLACE).all())


def sorted_optima(optima: list[Optimum], total: float) -> tuple[list[Optimum], list[int]]:
    """Optima from the highest down, duplicates merged; and the new index of each."""
    order = sorted(range(len(optima)), key=lambda i: -optima[i].objective)
    found: list[Optimum] = []
    places = [0] * len(optima)
    for i in order:
        for place, other in enumerate(found):
            near = math.isclose(
                optima[i].objective, other.objective, rel_tol=0, abs_tol=SAME_OBJECTIVE * total
            )
            if near and same(optima[i].mixture, other.mixture):
                starts = tuple(sorted(other.starts + optima[i].starts))
                found[place] = replace(other, starts=starts)
                places[i] = place
                break
        else:
            places[i] = len(found)
            found.append(optima[i])
    return found, places

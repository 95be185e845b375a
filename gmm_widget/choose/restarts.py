"""Many starts in one call: what became of each, the optima they reached, and the best of these.

How the default search was chosen. Seven real tables of 2 to 10 columns, four structures, 2 to 6
components, three seeds: 420 fits of 10 starts each. "Missed" counts fits that stay below what
scikit-learn (10 starts) or mclust reach, spurious fits aside, and "best" those within 0.05 nats
of the best known; work is in passes of one start.

MEASURED_TABLE
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence

import numpy as np

from ..core.maximise import REGULARISATION
from ..core.points import Points
from ..core.start import METHODS as PLAIN
from ..core.structure import Structure
from .climb import Climber
from .finish import Finisher, Limits
from .ground import Ground
from .outcomes import Outcome, Restarts
from .run import Run

METHODS = ("search", *PLAIN)
#: Rows beyond this many are searched in a sample; what is found there is finished on all of them.
SAMPLE = 4096


def restarts(
    points: Points,
    n_components: int,
    structure: Structure,
    n_starts: int = 10,
    *,
    methods: str | Sequence[str] = "search",
    rng: np.random.Generator | None = None,
    regularisation: float = REGULARISATION,
    tolerance: float = 1e-8,
    max_steps: int | None = None,
    allow_spurious: bool = False,
    thorough: bool = False,
    poll: Callable[[], object] | None = None,
    on_outcome: Callable[[Outcome], object] | None = None,
) -> Restarts:
    """Fit from many starts and keep the best.

    "search" climbs from k-means++ seeds, leaves starts that fall behind, and tries moves away
    from the best; with `thorough` no start is left. Other methods ("k-means++", "kmeans",
    "random", dealt out in turn) climb from each start to its end, and make no moves.

    `poll` is called before every pass and may raise to abandon everything; `on_outcome` is told
    each outcome as it becomes known. Raises CollapseError if every start collapses, and
    ValueError if there are fewer distinct points than components.
    """
    going = restarting(
        points,
        n_components,
        structure,
        n_starts,
        methods=methods,
        rng=rng,
        limits=Limits(regularisation, tolerance, max_steps),
        allow_spurious=allow_spurious,
        thorough=thorough,
        poll=poll,
    )
    while True:
        try:
            outcome = next(going)
        except StopIteration as end:
            found: Restarts = end.value
            return found
        if on_outcome is not None:
            on_outcome(outcome)


def restarting(
    points: Points,
    n_components: int,
    structure: Structure,
    n_starts: int = 10,
    *,
    methods: str | Sequence[str] = "search",
    rng: np.random.Generator | None = None,
    limits: Limits | None = None,
    allow_spurious: bool = False,
    thorough: bool = False,
    poll: Callable[[], object] | None = None,
) -> Generator[Outcome, None, Restarts]:
    """The same as `restarts`, one outcome at a time, so that it can be shown and given up."""
    names = _checked(methods, n_starts, n_components)
    rng = np.random.default_rng() if rng is None else rng
    limits = Limits(REGULARISATION, 1e-8, None) if limits is None else limits
    chosen = None
    if points.n > SAMPLE:
        chosen = np.sort(rng.choice(points.n, SAMPLE, replace=False))
    ground = Ground.of(points, structure, limits.regularisation, chosen)
    climber = Climber(ground, poll, prune=not thorough, avoid_spurious=not allow_spurious)
    finisher = Finisher(points, structure, limits, climber, chosen is None, poll)
    run = Run(finisher, n_components, n_starts, rng, thorough, allow_spurious)
    if limits.max_steps == 0 or n_components == 1 or names != ["search"]:
        plain = ["k-means++"] if names == ["search"] else names
        yield from run.plainly([plain[i % len(plain)] for i in range(n_starts)])
    else:
        yield from run.searching()
    return run.result()


def _checked(methods: str | Sequence[str], n_starts: int, n_components: int) -> list[str]:
    """The methods as a list; ValueError says which there are, and how many starts make sense."""
    names = [methods] if isinstance(methods, str) else list(methods)
    wrong = [name for name in names if name not in METHODS]
    if wrong or not names:
        known = ", ".join(repr(name) for name in METHODS)
        raise ValueError(f"unknown method {wrong[0] if wrong else names!r}; choose from {known}")
    if "search" in names and len(names) > 1:
        raise ValueError("'search' is a method of its own: it can't be mixed with others")
    for value, what in ((n_starts, "starts"), (n_components, "components")):
        if value != int(value) or value < 1:
            raise ValueError(f"the number of {what} must be 1 or more; got {value}")
    return names

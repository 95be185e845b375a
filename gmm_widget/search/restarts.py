"""Many starts in one call: the outcome of each, the optima they reached, and the best of these.

How the default search was chosen: seven real tables of 2 to 10 columns, four structures, 2 to 6
components, three seeds, which makes 420 fits of 10 starts each. "Missed" are those that stay below
scikit-learn (10 starts) or mclust, or end spurious; "best" those within 0.05 nats of the best
known; "gap" is the mean shortfall from that per row, in nats; the time is that of one fit, on one
core.

    =============================  ======  ====  ======  ==
    starts                         missed  best  gap     ms
    =============================  ======  ====  ======  ==
    kmeans                         61      243   0.0323  66
    random                         52      288   0.0213  62
    k-means++                      34      288   0.0201  62
    Ward's agglomeration (140)     59      55    0.0650  16
    small EM, one component more   21      310   0.0158  19
    and then swaps                 5       345   0.0061  42
    and then splits and merges     4       331   0.0093  34
    and then both (the default)    1       350   0.0066  43
    =============================  ======  ====  ======  ==

Ward's is one start, which has no seed. `benchmarks/optima.py` has the single cells. Since then each
start has its own random numbers, and moves are made from each start that is higher than all before.

Beyond 8192 rows times components, `screened_moves` go first; what they are owed to shows on planted
problems (`benchmarks/planted.py`, nine seeds, one core): the worst shortfall in nats, and seconds.

    ===================  ============  ============  =============  ===============
    problem              1 start       10 starts     40 starts      scikit-learn 10
    ===================  ============  ============  =============  ===============
    20 000 x 8, K = 10   0, 2.3        0, 5.6        0, 16          192, 3.3
    20 000 x 8, K = 20   1, 9.5        0, 27         0, 64          345, 8.7
    20 000 x 6, K = 40   0, 5.8        0, 22         0, 57          652, 5.3
    2 000 x 8, K = 10    12, 0.9       12, 2.1       0, 4.7         65, 0.4
    5 000 x 3, K = 6     7, 0.5        7, 1.5        7, 2.9         78, 0.3
    ===================  ============  ============  =============  ===============
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence

import numpy as np

from gmm_widget.core.binning import Algorithm
from gmm_widget.core.defaults import REGULARISATION, TOLERANCE
from gmm_widget.core.generators import result_of
from gmm_widget.core.initialise import METHODS as PLAIN
from gmm_widget.core.initialise import initial_mixture
from gmm_widget.core.mixture import Mixture
from gmm_widget.core.points import Points
from gmm_widget.core.structure import Structure

from .ascent import BatchEM
from .batch import MixtureBatch
from .outcomes import Outcome, Restarts
from .polish import Options, Polisher
from .search_data import SAMPLE, SearchData
from .search_run import SearchRun
from .strategy import Plan

__all__ = ["METHODS", "SAMPLE", "Options", "fit_from", "iterate_restarts", "restarts"]

METHODS = ("search", *PLAIN)
Poll = Callable[[], object]
OnOutcome = Callable[[Outcome], object]


def restarts(
    points: Points,
    n_components: int,
    structure: Structure,
    n_starts: int = 10,
    *,
    methods: str | Sequence[str] = "search",
    rng: np.random.Generator | None = None,
    regularisation: float = REGULARISATION,
    tolerance: float = TOLERANCE,
    max_steps: int | None = None,
    allow_spurious: bool = False,
    thorough: bool = False,
    algorithm: Algorithm = "auto",
    poll: Poll | None = None,
    on_outcome: OnOutcome | None = None,
) -> Restarts:
    """Fit from many starts and keep the best.

    "search" runs batched EM from k-means++ seeds, drops starts that can't reach the best, and
    tries moves away from the best; with `thorough` no start is dropped. Other methods
    ("k-means++", "kmeans", "random", used in turn) run EM from each start to convergence, and make
    no moves.

    `algorithm` says whether fits of many points begin on bins ("auto", "exact", "cells").
    `max_steps` counts from each start, and from each move. `poll` is called before every pass and
    may raise to abandon the search; `on_outcome` is called with each outcome as it becomes known.
    Raises CollapseError if every start collapses, and ValueError if there are fewer distinct
    points than components.
    """
    options = Options(regularisation, tolerance, max_steps, allow_spurious, thorough, algorithm)
    going = iterate_restarts(
        points,
        n_components,
        structure,
        n_starts,
        methods=methods,
        rng=rng,
        options=options,
        poll=poll,
    )
    return result_of(going, on_outcome)


def fit_from(
    points: Points,
    mixtures: Sequence[Mixture],
    structure: Structure,
    method: str = "given",
    *,
    batched: bool = False,
    regularisation: float = REGULARISATION,
    tolerance: float = TOLERANCE,
    max_steps: int | None = None,
    allow_spurious: bool = False,
    algorithm: Algorithm = "auto",
    poll: Poll | None = None,
    on_outcome: OnOutcome | None = None,
) -> Restarts:
    """Run EM from each of the given mixtures to convergence, and report as `restarts` does.

    With `batched`, few rows are passed over for all of them at once.
    """
    options = Options(regularisation, tolerance, max_steps, allow_spurious, True, algorithm)
    run = new_search(points, structure, options, len(mixtures), np.random.default_rng(0), poll)
    going = _all(run, run.fit_from(list(mixtures), [method] * len(mixtures), batched))
    return result_of(going, on_outcome)


def iterate_restarts(
    points: Points,
    n_components: int,
    structure: Structure,
    n_starts: int = 10,
    *,
    methods: str | Sequence[str] = "search",
    rng: np.random.Generator | None = None,
    options: Options | None = None,
    poll: Poll | None = None,
    search_data: SearchData | None = None,
    warm: MixtureBatch | None = None,
    plan: Plan | None = None,
) -> Generator[Outcome, None, Restarts]:
    """The same as `restarts`, as a generator of outcomes, so that progress can be shown and
    stopped.

    An outcome may come again with better figures; those in the result are final. `search_data`, if
    given, was made of these points. `warm` holds further candidates to start from.
    """
    names = _checked(methods, n_starts, n_components)
    rng = np.random.default_rng() if rng is None else rng
    options = Options() if options is None else options
    if n_components == 1:  # there is but one optimum
        names, n_starts = ["kmeans"], 1
    if search_data is None:
        search_data = SearchData.of(points, rng, options.algorithm, poll)
    search_data = search_data.for_parameters(structure.n_parameters(n_components, points.d))
    run = new_search(points, structure, options, n_starts, rng, poll, search_data, plan)
    if names == ["search"]:
        return (yield from _all(run, run.searching(n_components, warm)))
    dealt = [names[i % len(names)] for i in range(n_starts)]
    first = [initial_mixture(points, n_components, structure, method, rng) for method in dealt]
    return (yield from _all(run, run.fit_from(first, dealt)))


def new_search(
    points: Points,
    structure: Structure,
    options: Options,
    n_starts: int,
    rng: np.random.Generator,
    poll: Poll | None = None,
    search_data: SearchData | None = None,
    plan: Plan | None = None,
) -> SearchRun:
    """Prepare a search of the points."""
    if search_data is None:
        search_data = SearchData.of(points, rng, options.algorithm, poll)
    batch_em = BatchEM(
        search_data.prepared(structure, options.regularisation),
        poll,
        options.max_steps,
        prune=not options.thorough,
        avoid_spurious=not options.allow_spurious,
    )
    polisher = Polisher(
        points, structure, options, batch_em, search_data.whole, poll, search_data.levels
    )
    root = int(rng.integers(2**63))
    rngs = [np.random.default_rng([root, start]) for start in range(n_starts)]
    return SearchRun(polisher, rngs, Plan() if plan is None else plan)


def _all(run: SearchRun, outcomes: Iterator[Outcome]) -> Generator[Outcome, None, Restarts]:
    yield from outcomes
    return run.result()


def _checked(methods: str | Sequence[str], n_starts: int, n_components: int) -> list[str]:
    """The methods as a list; ValueError for unknown ones and for counts below 1."""
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

"""`select`: fit a table with every number of components and structure, and say which to take."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from numbers import Integral
from typing import Any

from numpy.typing import ArrayLike

from gmm_widget.core.binning import Algorithm
from gmm_widget.core.points import Points
from gmm_widget.core.random_state import generator
from gmm_widget.core.structure import STRUCTURES, structure
from gmm_widget.data.table import read_resolution, read_weights
from gmm_widget.search.polish import Options
from gmm_widget.selection import criteria as known
from gmm_widget.selection.fit_cells import Question, choosing
from gmm_widget.selection.selection import Selection

from . import intake

_NAME = "select"


def select(
    X: Any,
    n_components: int | Iterable[int] = range(1, 10),
    covariance_types: str | Iterable[str] | None = None,
    *,
    criteria: str | Iterable[str] = ("bic", "aic", "icl"),
    n_init: int = 5,
    cv: int = 5,
    columns: Sequence[Any] | None = None,
    sample_weight: ArrayLike | None = None,
    random_state: Any = None,
    reg_covar: float = 1e-8,
    tol: float = 1e-8,
    max_iter: int = 10_000,
    allow_spurious: bool = False,
    algorithm: Algorithm = "auto",
    resolution: Any = "auto",
) -> Selection:
    """Fit X (N, D) for each of these numbers of components and structures, and score the fits.

    `covariance_types` are all that there are by default. `criteria`, of which the first is the
    one that `Selection.best` goes by: "bic", "aic", "icl" (mclust's: BIC - 2 sum log max_k r_nk),
    and "cv", minus the mean log-likelihood per row held out, in `cv` folds drawn at random; each
    fold is fitted from the fit to all rows and from two fresh starts. For all, lower is better.

    Each cell has `n_init` fresh starts besides those that its neighbours suggest. `columns` are
    names, or positions, of the columns to use. The other arguments are those of
    `GaussianMixture`. A cell that collapses, or whose likelihood is owed to a handful of rows, is
    named with the reason and not chosen. Raises ValueError naming what is wrong with an argument.
    """
    question = asked(
        n_components,
        covariance_types,
        criteria,
        n_init=n_init,
        cv=cv,
        seed=int(generator(random_state).integers(2**62)),
        options=Options(reg_covar, tol, max_iter, allow_spurious, algorithm=algorithm),
    )
    rows = intake.read(X, _NAME, least=2, columns=columns)
    intake.warn_of(rows, depth=1)
    titles = () if rows.names is None else tuple(rows.names.tolist())
    weights = read_weights(sample_weight, len(rows.values))
    points = Points.of(rows.values, weights, read_resolution(resolution, rows.columns))
    intake.warn_of_columns(rows, weights, depth=1)
    going = choosing(points, question)
    while True:
        try:
            next(going)
        except StopIteration as end:
            found: Selection = end.value
            return Selection(found.cells, found.criteria, found.n, titles)


def asked(
    n_components: int | Iterable[int],
    covariance_types: str | Iterable[str] | None,
    criteria: str | Iterable[str],
    *,
    n_init: int = 5,
    cv: int = 5,
    seed: int = 0,
    options: Options | None = None,
) -> Question:
    """The question that such arguments of `select` stand for; ValueError names a wrong one."""
    names = [covariance_types] if isinstance(covariance_types, str) else covariance_types
    question = Question(
        _counts(n_components),
        tuple(structure(name) for name in dict.fromkeys(STRUCTURES if names is None else names)),
        known.checked(criteria),
        _whole("n_init", n_init, 1),
        _whole("cv", cv, 2),
        seed,
        options or Options(regularisation=1e-8),
    )
    if not question.structures:
        raise ValueError(f"covariance_types is empty; there are {', '.join(STRUCTURES)}")
    return question


def _counts(given: int | Iterable[int]) -> tuple[int, ...]:
    counts = [given] if isinstance(given, Integral) else list(given)  # type: ignore[arg-type]
    if not counts:
        raise ValueError("n_components is empty; give one number or several, such as range(1, 10)")
    return tuple(sorted({_whole("n_components", k, 1) for k in counts}))


def _whole(name: str, value: Any, least: int) -> int:
    if not isinstance(value, Integral) or isinstance(value, bool) or value < least:
        raise ValueError(f"{name} must be an int of {least} or more; got {value!r}")
    return int(value)

"""`select`: fits for many numbers of components and covariance structures, and their criteria."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from numbers import Integral
from typing import Any

from numpy.typing import ArrayLike

from gmm_widget.core.binning import Algorithm
from gmm_widget.core.defaults import REGULARISATION, TOLERANCE
from gmm_widget.core.generators import result_of
from gmm_widget.core.points import Points
from gmm_widget.core.random_state import generator
from gmm_widget.core.renamed import renamed
from gmm_widget.core.structure import STRUCTURES, structure
from gmm_widget.data.table import read_resolution, read_weights
from gmm_widget.search.polish import Options
from gmm_widget.selection import criteria as known
from gmm_widget.selection.fit_cells import Question, choosing
from gmm_widget.selection.selection import Selection

from . import intake

_NAME = "select"


@renamed(covariance_types="covariance_type")
def select(
    X: Any,
    n_components: int | Iterable[int] = range(1, 10),
    covariance_type: str | Iterable[str] | None = None,
    *,
    criteria: str | Iterable[str] = ("bic", "aic", "icl"),
    n_init: int = 5,
    cv: int = 5,
    columns: Sequence[Any] | None = None,
    sample_weight: ArrayLike | None = None,
    random_state: Any = None,
    reg_covar: float = REGULARISATION,
    tol: float = TOLERANCE,
    max_iter: int = 10_000,
    allow_spurious: bool = False,
    algorithm: Algorithm = "auto",
    resolution: Any = "auto",
) -> Selection:
    """Fit X for many numbers of components and covariance structures, and score the fits.

    Parameters
    ----------
    X : table (N, D)
    n_components : int or iterable of int, default 1 to 9
    covariance_type : str or iterable of str, optional
        By default all structures that there are.
    criteria : str or iterable of str
        "bic", "aic", "icl" (mclust's: BIC - 2 sum log max_k r_nk) and "cv", minus the mean
        log-likelihood per row held out. `Selection.best` goes by the first; for all, lower is
        better.
    n_init : int, default 5
        Fresh starts of each fit, besides those from neighbouring fits.
    cv : int, default 5
        Folds, drawn at random. Each is fitted from the fit to all rows and two fresh starts.
    columns : sequence of names or positions, optional
        The columns to fit.
    sample_weight, random_state, reg_covar, tol, max_iter, allow_spurious, algorithm, resolution
        As in `GaussianMixture`.

    Returns
    -------
    Selection
        A table of the fits. One that collapsed, or whose likelihood is owed to a few rows, has a
        reason and is not chosen.

    Raises
    ------
    ValueError
        Naming what is wrong with an argument.

    Examples
    --------
    >>> from gmm_widget import select
    >>> from gmm_widget.datasets import old_faithful
    >>> found = select(old_faithful(as_frame=True), [1, 2], "full", n_init=1, random_state=0)
    >>> found.best("bic").n_components
    2
    """
    question = asked(
        n_components,
        covariance_type,
        criteria,
        n_init=n_init,
        cv=cv,
        seed=int(generator(random_state).integers(2**62)),
        options=Options(reg_covar, tol, max_iter, allow_spurious, algorithm=algorithm),
    )
    rows = intake.read(X, _NAME, least=2, columns=columns)
    intake.warn_of(rows, depth=2)
    titles = () if rows.names is None else tuple(rows.names.tolist())
    weights = read_weights(sample_weight, len(rows.values))
    steps = read_resolution(resolution, rows.columns)
    points = Points.of(rows.values, weights, steps, rows.columns)
    intake.warn_of_columns(rows, weights, depth=2)
    found = result_of(choosing(points, question))
    return Selection(found.cells, found.criteria, found.n, titles)


def asked(
    n_components: int | Iterable[int],
    covariance_type: str | Iterable[str] | None,
    criteria: str | Iterable[str],
    *,
    n_init: int = 5,
    cv: int = 5,
    seed: int = 0,
    options: Options | None = None,
) -> Question:
    """These arguments of `select`, checked; ValueError names a wrong one."""
    names = [covariance_type] if isinstance(covariance_type, str) else covariance_type
    question = Question(
        _counts(n_components),
        tuple(structure(name) for name in dict.fromkeys(STRUCTURES if names is None else names)),
        known.checked(criteria),
        _whole("n_init", n_init, 1),
        _whole("cv", cv, 2),
        seed,
        options or Options(),
    )
    if not question.structures:
        raise ValueError(f"covariance_type is empty; there are {', '.join(STRUCTURES)}")
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

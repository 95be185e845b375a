"""The criteria by which a number of components and a structure are chosen; lower is better for all.

The registry at the end is the only place where a name meets a criterion.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from gmm_widget.core.information_criteria import aic, bic, icl
from gmm_widget.core.mixture import Mixture
from gmm_widget.core.points import Points


class FitFigures(NamedTuple):
    """The figures of one fit. `held_out` is the mean log-likelihood of rows not used in the fit.

    NaN where it was not asked for, or can't be computed.
    """

    points: Points
    mixture: Mixture
    log_likelihood: float
    n_parameters: int
    held_out: float


class Criterion(NamedTuple):
    """A title, the score, and whether rows have to be held out for it."""

    title: str
    score: Callable[[FitFigures], float]
    holds_out: bool = False


CRITERIA = {
    "bic": Criterion("BIC", lambda f: bic(f.log_likelihood, f.n_parameters, f.points.total_weight)),
    "aic": Criterion("AIC", lambda f: aic(f.log_likelihood, f.n_parameters)),
    "icl": Criterion("ICL", lambda f: icl(f.points, f.mixture, f.log_likelihood, f.n_parameters)),
    "cv": Criterion("nats lost per row held out", lambda f: -f.held_out, holds_out=True),
}


def checked(names: str | Iterable[str]) -> tuple[str, ...]:
    """Names of criteria, each once; ValueError lists those that there are."""
    given = (names,) if isinstance(names, str) else tuple(dict.fromkeys(names))
    wrong = [name for name in given if name not in CRITERIA]
    if wrong or not given:
        known = ", ".join(repr(name) for name in CRITERIA)
        raise ValueError(f"unknown criterion {wrong[0] if wrong else given!r}; choose from {known}")
    return given

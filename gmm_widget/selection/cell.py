"""One cell of a model selection, and what its views need to know of the whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol, final

from gmm_widget.core.frozen import frozen_fields
from gmm_widget.core.mixture import Mixture
from gmm_widget.core.renamed import renamed_attribute

FITTED, SPURIOUS, COLLAPSED = "fitted", "spurious", "collapsed"


@final
@dataclass(frozen=True, eq=False)
@frozen_fields
class Cell:
    """One number of components under one structure.

    `status` is "fitted"; or "spurious", where the likelihood is owed to a handful of rows; or
    "collapsed", and there is no mixture then. `reason` says why. `scores` has a number for each
    criterion, lower being better, NaN where there is none. `held_out` is the mean log-likelihood
    per row of each fold that was left out, and `lost` says why a fold has none. `log_likelihood`
    is that of the mixture (total, nats).
    """

    n_components: int
    covariance_type: str
    status: str
    mixture: Mixture | None
    log_likelihood: float
    n_parameters: int
    scores: Mapping[str, float]
    converged: bool = False
    reason: str | None = None
    held_out: tuple[float, ...] = ()
    lost: tuple[str, ...] = ()

    k = renamed_attribute("k", "n_components")
    structure = renamed_attribute("structure", "covariance_type")

    @property
    def key(self) -> tuple[str, int]:
        """What tells this cell from all others."""
        return self.covariance_type, self.n_components


class Table(Protocol):
    """What the plot and the text of a selection read. `Selection` is the one that there is."""

    @property
    def cells(self) -> tuple[Cell, ...]:
        """All cells."""

    @property
    def criteria(self) -> tuple[str, ...]:
        """Names of the criteria that were computed."""

    @property
    def structures(self) -> tuple[str, ...]:
        """Names of the covariance structures."""

    @property
    def counts(self) -> tuple[int, ...]:
        """Numbers of components, ascending."""

    def ranked(self, criterion: str | None = None) -> tuple[Cell, ...]:
        """Sound cells from the best by a criterion to the worst."""

"""Settings of EM in a session, with their limits; searches take their options from them."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple, final

from gmm_widget.core.defaults import REGULARISATION, TOLERANCE
from gmm_widget.search.polish import Options

Poll = Callable[[], None]
MIN_SPEED, MAX_SPEED = 0.1, 30.0  # steps a second


@final
class Settings(NamedTuple):
    """Settings of EM.

    Attributes
    ----------
    regularisation : added to each variance, relative to the data's variance.
    tolerance : EM has converged when a step gains less than this (nats per point).
    max_steps : longest run of `Session.fit`.
    softness : tempering exponent of the responsibilities, from 0 (k-means) to 1 (EM).
    concentration : of the Dirichlet prior of the weights; None for maximum likelihood.
    """

    regularisation: float = REGULARISATION
    tolerance: float = TOLERANCE
    max_steps: int = 100_000
    softness: float = 1.0
    concentration: float | None = None

    def checked(self) -> Settings:
        """These settings; ValueError gives the range of one that is out of it."""
        if not 0 <= self.regularisation <= 1:
            raise ValueError(f"regularisation must be 0 to 1, got {self.regularisation!r}")
        if not 0 <= self.tolerance < math.inf:
            raise ValueError(f"tolerance must be 0 or more, got {self.tolerance!r}")
        if not 0 <= self.softness <= 1:
            raise ValueError(f"softness must be 0 (k-means) to 1 (EM), got {self.softness!r}")
        if self.concentration is not None and not 1e-6 <= self.concentration <= 1e6:
            raise ValueError(
                f"concentration must be 1e-6 to 1e6, or None, got {self.concentration!r}"
            )
        return self

    def search_options(self, *, thorough: bool = False) -> Options:
        """Options under which a search maximises what EM does here.

        ValueError if EM maximises something else: a search knows no softness and no prior.
        """
        if self.softness != 1:
            raise ValueError(
                f"a search maximises the likelihood, but softness is {self.softness:g}: "
                "set it to 1 first"
            )
        if self.concentration is not None:
            raise ValueError(
                f"a search maximises the likelihood, but concentration is {self.concentration:g}: "
                "set it to None first"
            )
        return Options(self.regularisation, self.tolerance, thorough=thorough)

    def keep_converged(self, options: Options) -> bool:
        """Whether a fit that converged under these options of a search has converged here too."""
        same_objective = self.softness == 1 and self.concentration is None
        same_objective &= self.regularisation == options.regularisation
        return same_objective and self.tolerance >= options.tolerance


def checked_speed(steps: float | None) -> float | None:
    """The speed of a run; ValueError gives the range."""
    if steps is not None and not MIN_SPEED <= steps <= MAX_SPEED:
        raise ValueError(
            f"speed must be {MIN_SPEED:g} to {MAX_SPEED:g} steps a second, or None for no limit, "
            f"got {steps!r}"
        )
    return steps

"""How EM runs in a session: the options that a user can set, and their ranges."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, final

Poll = Callable[[], None]
SLOWEST, FASTEST = 0.1, 30.0  # steps a second of a run that is watched


@final
class Settings(NamedTuple):
    """Relative regularisation, tolerance (mean nats a step), and the longest run.

    `concentration` is that of the Dirichlet prior of the weights, None for maximum likelihood.
    `softness` of responsibilities goes from 0 (k-means) to 1 (EM).
    """

    regularisation: float = 1e-6
    tolerance: float = 1e-8
    max_steps: int = 100_000
    softness: float = 1.0
    concentration: float | None = None

    def checked(self) -> Settings:
        """These settings, or a ValueError that tells which there may be."""
        if not 0 <= self.regularisation <= 1:
            raise ValueError(f"regularisation must be 0 to 1, got {self.regularisation!r}")
        if not 0 <= self.softness <= 1:
            raise ValueError(f"softness must be 0 (k-means) to 1 (EM), got {self.softness!r}")
        if self.concentration is not None and not 1e-6 <= self.concentration <= 1e6:
            raise ValueError(
                f"concentration must be 1e-6 to 1e6, or None; got {self.concentration!r}"
            )
        return self


def checked_speed(steps: float | None) -> float | None:
    """A speed that a run may have, or a ValueError that tells which there are."""
    if steps is not None and not SLOWEST <= steps <= FASTEST:
        raise ValueError(
            f"the speed must be {SLOWEST:g} to {FASTEST:g} steps a second, or None for as fast "
            f"as it goes; got {steps}"
        )
    return steps

"""Sessions for the tests: small data with a known shape, and a driver whose output is kept."""

from __future__ import annotations

import numpy as np

from gmm_widget.core.mixture import Mixture
from gmm_widget.core.points import Points
from gmm_widget.core.structure import structure
from gmm_widget.session.session import Session
from gmm_widget.session.state import State


def three_clusters(n: int = 300) -> np.ndarray:
    """Points of three round clusters, n in all."""
    rng = np.random.default_rng(5)
    centres = np.array([[0.0, 0.0], [6.0, 0.0], [0.0, 6.0]])
    return centres[rng.integers(0, 3, n)] + rng.normal(size=(n, 2))


def poor_start() -> Mixture:
    """Three components on top of each other, near one of the clusters."""
    means = [[0.5, 0.0], [0.0, 0.5], [0.2, 0.2]]
    return Mixture(np.full(3, 1 / 3), means, np.tile(4 * np.eye(2), (3, 1, 1)))


def new_session(kind: str = "full", n: int = 300) -> Session:
    """A session on the three clusters, from the poor start."""
    return Session(Points.of(three_clusters(n)), State.of(poor_start(), structure(kind)))

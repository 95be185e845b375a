"""The numerical core: frozen values and pure functions, on NumPy alone.

Nothing here knows of Jupyter, of a screen or of a history.
"""

from __future__ import annotations

from .closest import closest_pair
from .e_step import Expectation, e_step
from .edits import add, conform, merge, move, place, remove, reshape, reweigh, share, split, turn
from .em import Step, em
from .errors import CollapseError
from .frame import Frame
from .initialise import from_labels, from_responsibilities, start
from .locks import Locks
from .m_step import m_step
from .mixture import Mixture
from .moments import Moments
from .points import Points
from .score import aic, bic, icl, n_parameters
from .structure import STRUCTURES, Structure, structure

__all__ = [
    "STRUCTURES",
    "CollapseError",
    "Expectation",
    "Frame",
    "Locks",
    "Mixture",
    "Moments",
    "Points",
    "Step",
    "Structure",
    "add",
    "aic",
    "bic",
    "closest_pair",
    "conform",
    "e_step",
    "em",
    "from_labels",
    "from_responsibilities",
    "icl",
    "m_step",
    "merge",
    "move",
    "n_parameters",
    "place",
    "remove",
    "reshape",
    "reweigh",
    "share",
    "split",
    "start",
    "structure",
    "turn",
]

"""Cells of a bone marrow in a flow cytometer: uncompensated events, rounded and partly negative."""

from __future__ import annotations

from importlib import resources
from typing import Any, NamedTuple, final

import numpy as np
from numpy.typing import NDArray

from .reading import tabled


@final
class Events(NamedTuple):
    """Events as the instrument wrote them.

    raw : readings (8342,) by channel: two of scattered light, eight of dyes.
    spill : (8, 8), what part of each dye (row) the detectors of the dyes (columns) see.
    markers : the molecule that a channel's dye is bound to, where the file says so.
    """

    raw: Any
    spill: NDArray[np.float64]
    markers: dict[str, str]


def marrow(as_frame: bool = False) -> Events:
    """8,342 events of a bone marrow sample, uncompensated, with their spillover matrix.

    `raw` is a dict of float64 arrays, or a pandas data frame with `as_frame=True` (ImportError
    without pandas); its first two channels are FSC-A and SSC-A, and the rest are in the order of
    `spill`. Readings are rounded to whole numbers and run from about -300 to 262,143.

    Source: every tenth of the 83,411 events of `facs_diva_test.fcs` (BD FACSDiva 6.2, 2014), a
    file of the tests of fcsparser by E. Yurtsev and others, MIT licence, without personal data.
    """
    file = resources.files(__package__).joinpath("marrow.npz")
    with file.open("rb") as stream, np.load(stream, allow_pickle=False) as held:
        events = held["events"].astype(np.float64)
        channels, markers = held["channels"].tolist(), held["markers"].tolist()
        spill = np.asarray(held["spill"], dtype=np.float64)
    raw = tabled(dict(zip(channels, events.T, strict=True)), as_frame)
    known = {channel: marker for channel, marker in zip(channels, markers, strict=True) if marker}
    return Events(raw, spill, known)

"""The Old Faithful eruptions, the usual first example of a mixture."""

from __future__ import annotations

from typing import Any

from .reading import columns_of, tabled


def old_faithful(as_frame: bool = False) -> Any:
    """272 eruptions of the Old Faithful geyser: columns `eruptions` and `waiting`, in minutes.

    `eruptions` is how long an eruption lasted, `waiting` the time until the next. A dict of
    float64 arrays (272,), or a pandas data frame with `as_frame=True` (ImportError without
    pandas).

    Source: A. Azzalini and A. W. Bowman (1990), "A look at some data on the Old Faithful
    geyser", Applied Statistics 39, 357-365; as shipped with R under the name `faithful`
    (package datasets, part of R, GPL-2 or later; the numbers are facts in the public domain).
    """
    return tabled(columns_of("faithful.csv"), as_frame)

"""The history as the browser draws it: a bounded part of the tree around the present entry."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

from gmm_widget.session.history import Entry, History

MAX_SHOWN = 200  # entries
MAX_VALUES = 600  # log-likelihoods in all of them, about


def describe_trace(history: History) -> dict[str, Any]:
    """The entries near the present one, and newest first those of other branches.

    Columns of equal length, one row an entry: its `id`, its `parent` (the nearest ancestor that
    is here, or None), `cause` and `words`, and in `values` the log-likelihoods (total, nats)
    passed on the way, its own last. The first `branch` rows are the present branch, in order;
    `position` is the id of the present entry, `total` how many entries there are.
    """
    branch = _window(history)
    shown = [*branch, *_others(history, MAX_SHOWN - len(branch))]
    entries = [history.entries[id] for id in shown]
    passed = [entry.trace or (entry.state.log_likelihood,) for entry in entries]
    stride = -(-sum(map(len, passed)) // MAX_VALUES)
    known = set(shown)
    return {
        "id": shown,
        "parent": [_ancestor(history, entry, known) for entry in entries],
        "cause": [entry.cause for entry in entries],
        "words": [entry.words for entry in entries],
        "values": [[finite(v) for v in way[::-1][::stride][::-1]] for way in passed],
        "branch": len(branch),
        "position": history.position,
        "total": len(history.entries),
    }


def finite(value: float | None) -> float | None:
    """The value, or None where JSON has no number for it."""
    return value if value is not None and math.isfinite(value) else None


def _window(history: History) -> Sequence[int]:
    """The ids of the present branch, at most MAX_SHOWN of them about the present entry."""
    branch = history.branch()
    at = branch.index(history.position)
    first = max(0, min(at - MAX_SHOWN // 2, len(branch) - MAX_SHOWN))
    return branch[first : first + MAX_SHOWN]


def _others(history: History, most: int) -> Iterator[int]:
    """Ids of entries on other branches, the newest first."""
    here = set(history.branch())
    aside = (id for id in reversed(history.entries) if id not in here)
    for _, id in zip(range(most), aside, strict=False):
        yield id


def _ancestor(history: History, entry: Entry, known: set[int]) -> int | None:
    at = entry.parent
    while at is not None and at not in known:
        at = history.entries[at].parent
    return at

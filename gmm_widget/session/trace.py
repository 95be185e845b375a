"""The history as the browser draws it: a bounded part of the tree around the present entry."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

from gmm_widget.session.entry import Entry, Passed
from gmm_widget.session.history import History

MAX_SHOWN = 200  # entries
MAX_VALUES = 600  # log-likelihoods in all of them, about


def describe_trace(history: History) -> dict[str, Any]:
    """The entries near the present one, and the newest of other branches.

    Columns of equal length, one row an entry: its `id`, its `parent` (the nearest ancestor that
    is here, or None), `cause` and `words`, and in `values` the log-likelihoods (total, nats)
    passed on the way, its own last. `steps` tells of each of several values how many EM steps
    from the entry's beginning it is; in the entries that `kept` names those can be gone to. The
    first `branch` rows are the present branch, in order; `position` is the id of the present
    entry, `total` how many entries there are. A parent's row comes before those of its children.
    """
    branch = _window(history)
    shown = [*branch, *reversed([*_others(history, MAX_SHOWN - len(branch))])]
    entries = [history.entries[id] for id in shown]
    stride = -(-sum(max(1, len(entry.passed)) for entry in entries) // MAX_VALUES)
    passed = [entry.passed[::-1][::stride][::-1] for entry in entries]
    known = set(shown)
    return {
        "id": shown,
        "parent": [_ancestor(history, entry, known) for entry in entries],
        "cause": [entry.cause for entry in entries],
        "words": [entry.words for entry in entries],
        "values": [_values(*each) for each in zip(entries, passed, strict=True)],
        "steps": [
            [each.steps - entry.begun for each in way] if len(way) > 1 else []
            for entry, way in zip(entries, passed, strict=True)
        ],
        "kept": [entry.id for entry in entries if entry.keeps],
        "branch": len(branch),
        "position": history.position,
        "total": len(history.entries),
    }


def _values(entry: Entry, way: Sequence[Passed]) -> list[float | None]:
    if not way:
        return [finite(entry.state.log_likelihood)]
    return [finite(each.value) for each in way]


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

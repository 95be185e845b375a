"""The history as it is sent to the browser: a bounded part of the tree around the current entry."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

from gmm_widget.session.entry import Entry
from gmm_widget.session.history import History

MAX_SHOWN = 200  # entries
MAX_VALUES = 600  # log-likelihoods in all of them, about


def describe_trace(history: History) -> dict[str, Any]:
    """The entries near the current one, and the newest of other branches.

    Columns of equal length, one row an entry: its `id`, its `parent` (the nearest ancestor
    included, or None), `cause` and `label` (a code with values), and in `values` the
    log-likelihoods (total, nats) of its steps, its own last. `steps` gives for each of several
    values the number of EM steps from the entry's beginning; in the entries named by `kept`
    those can be gone to. The first `branch` rows are the current branch, in order; `position` is
    the id of the current entry. A parent's row comes before those
    of its children.
    """
    whole = history.branch()
    branch = _window(whole, history.position)
    shown = [*branch, *reversed([*_others(history, whole, MAX_SHOWN - len(branch))])]
    entries = [history.entries[id] for id in shown]
    stride = -(-sum(len(entry.step_records) or 1 for entry in entries) // MAX_VALUES)
    ways = [_way(entry, stride) for entry in entries]
    known = set(shown)
    return {
        "id": shown,
        "parent": [
            entry.parent if entry.parent in known else _ancestor(history, entry, known)
            for entry in entries
        ],
        "cause": [entry.cause for entry in entries],
        "label": [entry.label.to_json() for entry in entries],
        "values": [values for values, _ in ways],
        "steps": [steps for _, steps in ways],
        "kept": [entry.id for entry in entries if entry.has_states],
        "branch": len(branch),
        "position": history.position,
    }


def _way(entry: Entry, stride: int) -> tuple[list[float | None], list[int]]:
    """Every so many values of an entry, its own last; and their step numbers, if several."""
    if not entry.step_records:
        return [finite(entry.state.log_likelihood)], []
    way = entry.step_records[::-1][::stride][::-1]
    steps = [each.steps - entry.steps_before for each in way] if len(way) > 1 else []
    return [finite(each.value) for each in way], steps


def finite(value: float | None) -> float | None:
    """The value, or None where JSON has no number for it."""
    return value if value is not None and math.isfinite(value) else None


def _window(branch: Sequence[int], position: int) -> Sequence[int]:
    """The ids of the current branch, at most MAX_SHOWN of them around the current entry."""
    at = branch.index(position)
    first = max(0, min(at - MAX_SHOWN // 2, len(branch) - MAX_SHOWN))
    return branch[first : first + MAX_SHOWN]


def _others(history: History, branch: Sequence[int], most: int) -> Iterator[int]:
    """Ids of entries on other branches, the newest first."""
    if most <= 0:
        return
    here = set(branch)
    aside = (id for id in reversed(history.entries) if id not in here)
    for _, id in zip(range(most), aside, strict=False):
        yield id


def _ancestor(history: History, entry: Entry, known: set[int]) -> int | None:
    at = entry.parent
    while at is not None and at not in known:
        at = history.entries[at].parent
    return at

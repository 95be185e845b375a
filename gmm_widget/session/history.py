"""Everything that was done, as a tree: undo goes to the parent, a new act grows a branch.

Undoing and then acting keeps the undone branch, and `jump` leads to any entry. The present
entry's state may be amended (a figure that arrives later, the next frame of the same drag, the
next step of the same run), never another's. So that a long day stays small the tree is bounded:
past the bound the oldest entries are taken out and their branches joined to what came before.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import final

from gmm_widget.session.state import State

RUN_TRACE = 500  # points of one run that are kept; a longer run is thinned to every other
MOST_ENTRIES = 2000
FEWEST_ENTRIES = 100
BUDGET = 128 * 2**20  # bytes of parameters in all entries together


@final
@dataclass(frozen=True)
class Entry:
    """One act and where it led.

    `id` is its own for good and `parent` the id of the entry that it was done on; `words` say
    what was done. `trace` holds the total log-likelihoods (nats) passed on the way, for a run one
    a step; `gesture` ties the frames of one drag together.
    """

    id: int
    state: State
    cause: str
    parent: int | None
    words: str = ""
    gesture: Hashable = None
    trace: tuple[float, ...] = ()


@final
@dataclass
class History:
    """The tree of entries by id, the present one's id, and the branch that redo would follow."""

    entries: dict[int, Entry]
    position: int = 0
    _next: dict[int, int] = field(default_factory=dict)
    _newest: int = 0

    @classmethod
    def of(cls, state: State) -> History:
        """A history that starts with this state."""
        return cls({0: Entry(0, state, "start", None, "start")})

    @property
    def present(self) -> Entry:
        """The entry that is on the table."""
        return self.entries[self.position]

    @property
    def before(self) -> Entry:
        """The entry that undo would lead to; the present one if there is none."""
        parent = self.present.parent
        return self.present if parent is None else self.entries[parent]

    @property
    def can_undo(self) -> bool:
        """Whether there is an earlier state."""
        return self.present.parent is not None

    @property
    def can_redo(self) -> bool:
        """Whether there is an undone state."""
        return self.position in self._next

    def goes_on(self, gesture: Hashable) -> bool:
        """Whether the present entry is of this gesture, and nothing was done on it since."""
        return self.present.gesture == gesture and self.position == self._newest

    def push(self, state: State, cause: str, words: str = "", gesture: Hashable = None) -> None:
        """Grow the tree by an act done on the present entry."""
        self._newest += 1
        parent, self.position = self.position, self._newest
        entry = Entry(self.position, state, cause, parent, words or cause, gesture)
        self.entries[self.position] = entry
        self._next[parent] = self.position
        while len(self.entries) > _room(state):
            self._contract()

    def withdraw(self) -> None:
        """Forget the present entry and go to its parent: a gesture that was taken back."""
        parent = self.present.parent
        if parent is None or self.position != self._newest:
            raise ValueError("only the newest entry can be withdrawn, and never the first")
        del self.entries[self.position]
        self._next.pop(parent, None)
        self.position = parent

    def amend(self, state: State, trace: tuple[float, ...] = (), words: str = "") -> None:
        """Replace the present entry's state, lengthen its trace, and say what it is now."""
        entry = self.present
        longer = entry.trace + trace
        while len(longer) > RUN_TRACE:
            longer = (*longer[:-1:2], longer[-1])
        changed = replace(entry, state=state, trace=longer, words=words or entry.words)
        self.entries[self.position] = changed

    def undo(self) -> State:
        """Go to the parent; ValueError at the first entry."""
        parent = self.present.parent
        if parent is None:
            raise ValueError("there is nothing to undo")
        self._next[parent] = self.position
        self.position = parent
        return self.present.state

    def redo(self) -> State:
        """Go forward along the branch last left; ValueError at its end."""
        if not self.can_redo:
            raise ValueError("there is nothing to redo")
        self.position = self._next[self.position]
        return self.present.state

    def jump(self, entry: int) -> State:
        """Go to the entry with this id, wherever it is; ValueError if there is none."""
        if entry not in self.entries:
            raise ValueError(
                f"the history has no entry {entry}; it goes from 0 to {self._newest}, "
                "and the oldest of a long history are left out"
            )
        path = self.path(entry)
        self._next.update(pairwise(path))
        self.position = entry
        return self.present.state

    def path(self, entry: int) -> list[int]:
        """Ids of the entries from the first one to this."""
        path: list[int] = []
        at: int | None = entry
        while at is not None:
            path.append(at)
            at = self.entries[at].parent
        return path[::-1]

    def branch(self) -> list[int]:
        """Ids of the entries from the first through the present to the end of redo."""
        path = self.path(self.position)
        at = self._next.get(self.position)
        while at is not None:
            path.append(at)
            at = self._next.get(at)
        return path

    def _contract(self) -> None:
        """Take out the oldest entry but the first and the present; what followed it moves up."""
        old = next(
            e for e in self.entries.values() if e.parent is not None and e is not self.present
        )
        del self.entries[old.id]
        for entry in self.entries.values():
            if entry.parent == old.id:
                self.entries[entry.id] = replace(entry, parent=old.parent)
        after = self._next.pop(old.id, None)
        assert old.parent is not None
        if self._next.get(old.parent) == old.id:
            del self._next[old.parent]
            if after is not None:
                self._next[old.parent] = after


def _room(state: State) -> int:
    """How many entries there may be, for states as large as this one."""
    k, d = state.mixture.n_components, state.mixture.n_features
    size = (
        8 * k * (1 + d + 4 * d * d) + 4096
    )  # covariances, two factors, moments; the rest is small
    return max(FEWEST_ENTRIES, min(MOST_ENTRIES, BUDGET // size))

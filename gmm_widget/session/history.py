"""The history of a session as a tree: undo goes to the parent, a new command adds a branch.

Undoing and then editing keeps the undone branch, and `jump` leads to any entry. Only the
current entry's state may be amended (by a figure that arrives later, the next frame of the same
drag, the next step of the same run). The tree is bounded: past the bound the oldest entries are
removed and their children attached to their parents.

One can also go to a single EM step inside a run. That place is an entry of its own for as long
as one is there, and for good once something is done there; undo takes all moves inside the run
back at once.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import NamedTuple, final

from gmm_widget.session.entry import STATES_BUDGET, Entry, Passed, size
from gmm_widget.session.state import State

MOST_ENTRIES = 2000
FEWEST_ENTRIES = 100
BUDGET = 128 * 2**20  # bytes of parameters in all entries together


@final
class Position(NamedTuple):
    """A position in the history: the end of an entry, or inside it after so many EM steps in
    all.
    """

    entry: int
    steps: int | None = None


@final
@dataclass
class History:
    """The tree of entries by id, the current one's id, and the branch that redo would follow."""

    entries: dict[int, Entry]
    position: int = 0
    _next: dict[int, int] = field(default_factory=dict)
    _newest: int = 0
    _walk_start: Position | None = None  # where the moves inside a run began
    _walk_undone: Position | None = None  # where the moves led that were undone

    @classmethod
    def of(cls, state: State) -> History:
        """A history that starts with this state."""
        return cls({0: Entry(0, state, "start", None, "start")})

    @property
    def present(self) -> Entry:
        """The current entry."""
        return self.entries[self.position]

    @property
    def before(self) -> Entry:
        """The entry that undo would lead to; the current one if there is none."""
        parent = self.present.parent
        return self.present if parent is None else self.entries[parent]

    @property
    def can_undo(self) -> bool:
        """Whether there is an earlier state."""
        return self.present.parent is not None

    @property
    def can_redo(self) -> bool:
        """Whether there is an undone state."""
        return self._walk_undone is not None or self.position in self._next

    def continues(self, gesture: Hashable) -> bool:
        """Whether the current entry belongs to this gesture, and nothing was done since."""
        return self.present.gesture == gesture and self.position == self._newest

    def push(self, state: State, cause: str, label: str = "", gesture: Hashable = None) -> None:
        """Add an entry for a command done on the current entry."""
        self._walk_start = self._walk_undone = None
        self._newest += 1
        parent, self.position = self.position, self._newest
        begun = self.entries[parent].state.steps
        entry = Entry(self.position, state, cause, parent, label or cause, gesture, begun=begun)
        self.entries[self.position] = entry
        self._next[parent] = self.position
        self._bound()

    def withdraw(self) -> None:
        """Remove the current entry and go to its parent: a gesture that was taken back."""
        parent = self.present.parent
        if parent is None or self.position != self._newest:
            raise ValueError("only the newest entry can be withdrawn, and never the first")
        del self.entries[self.position]
        self._next.pop(parent, None)
        self.position = parent

    def amend(self, state: State, passed: tuple[Passed, ...] = (), label: str = "") -> None:
        """Replace the current entry's state, append steps, and update its label."""
        entry = self.present
        changed = replace(entry.extended(passed, state), label=label or entry.label)
        self.entries[self.position] = changed
        if changed.has_states and not entry.has_states:
            self._forget()

    def undo(self) -> State:
        """Go back to before the moves inside a run, else to the parent; ValueError at the first."""
        began, here, parent = self._walk_start, self._position_here, self.present.parent
        if began is not None:
            self._move_to(began)
            self._walk_undone = here
            return self.present.state
        if parent is None:
            raise ValueError("there is nothing to undo")
        self._next[parent] = self.position
        self._move_to(Position(parent))
        return self.present.state

    def redo(self) -> State:
        """Go forward along the branch last left; ValueError at its end."""
        if not self.can_redo:
            raise ValueError("there is nothing to redo")
        walked, here = self._walk_undone, self._position_here
        if walked is not None:
            self._move_to(walked)
            self._walk_start = here
        else:
            self._move_to(Position(self._next[self.position]))
        return self.present.state

    def jump(self, entry: int, step: int | None = None) -> State:
        """Go to the entry with this id, or to one of the EM steps inside it.

        Inside, the entry is cut in two at that step, for good if something is done there; redo
        leads to the rest of it, which keeps the id. ValueError if there is no such entry, or
        the step is not stored.
        """
        if entry not in self.entries:
            raise ValueError(
                f"the history has no entry {entry}; it goes from 0 to {self._newest}, "
                "and the oldest of a long history are left out"
            )
        goal = self.entries[entry]
        if step is None or goal.ends_at(step):
            if entry != self.position:
                self._move_to(Position(entry))
            return self.present.state
        goal.at(step)
        here, began = self._position_here, self._walk_start
        run = here.entry if entry == self.position else entry
        self._move_to(Position(run, goal.begun + step))
        self._walk_start = began if began and here.entry == run else here
        return self.present.state

    @property
    def _position_here(self) -> Position:
        """The current position, in terms of the tree without a temporary cut."""
        rest = self._rest()
        return Position(rest.id, self.present.state.steps) if rest else Position(self.position)

    def _rest(self) -> Entry | None:
        """The rest of a run that was cut at the current entry, if nothing was done here."""
        here = self.present
        rest = None if here.rest is None else self.entries.get(here.rest)
        if rest is None or not here.joins(rest):
            return None
        alone = all(e is rest for e in self.entries.values() if e.parent == here.id)
        return rest if alone else None

    def _move_to(self, goal: Position) -> None:
        """Leave the current entry, and remove a temporary cut."""
        id, rest = self._newest + 1, self._rest()
        if rest is not None:
            if rest.id == goal.entry:
                id = self.position  # the temporary cut moves along
            self._join(self.present, rest)
        self._walk_start = self._walk_undone = None
        self.position = goal.entry
        if goal.steps is not None:
            self._cut(self.present, goal.steps, id)
        self._next.update(pairwise(self.path(self.position)))

    def _join(self, place: Entry, rest: Entry) -> None:
        """Join the two parts of a run again."""
        del self.entries[place.id]
        self.entries[rest.id] = place.joined(rest)
        self._next.pop(place.id, None)
        if place.parent is not None and self._next.get(place.parent) == place.id:
            self._next[place.parent] = rest.id

    def _cut(self, whole: Entry, steps: int, id: int) -> None:
        """Cut an entry in two and go to its first part; redo leads to the rest."""
        first, rest = whole.cut(steps - whole.begun, id)
        self._newest = max(self._newest, id)
        before = list(self.entries.values())
        at = next(i for i, each in enumerate(before) if each.id == whole.id)
        before[at : at + 1] = [first, rest]  # a parent comes before its children
        self.entries = {each.id: each for each in before}
        self._next[id] = rest.id
        self.position = id

    def path(self, entry: int) -> list[int]:
        """Ids of the entries from the first one to this."""
        path: list[int] = []
        at: int | None = entry
        while at is not None:
            path.append(at)
            at = self.entries[at].parent
        return path[::-1]

    def branch(self) -> list[int]:
        """Ids of the entries from the first through the current one to the end of redo."""
        path = self.path(self.position)
        at = self._next.get(self.position)
        while at is not None:
            path.append(at)
            at = self._next.get(at)
        return path

    def _bound(self) -> None:
        while len(self.entries) > _room(self.present.state):
            self._contract()

    def _forget(self) -> None:
        """Drop stored states inside the older runs, past the budget in all."""
        left = STATES_BUDGET
        for entry in [e for e in reversed(self.entries.values()) if e.has_states]:
            left -= len(entry.passed) * size(entry.state)
            if left < 0:
                self.entries[entry.id] = entry.without_states()

    def _contract(self) -> None:
        """Remove the oldest entry except the first and the current; its children move up."""
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
    """The most entries for states of this size."""
    return max(FEWEST_ENTRIES, min(MOST_ENTRIES, BUDGET // size(state)))

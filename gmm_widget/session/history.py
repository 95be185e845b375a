"""The history of a session as a tree: undo goes to the parent, a new act adds a child.

An act after an undo keeps the undone branch, and `jump` goes to any entry. Only the current
entry's state may be amended (figures computed later, the next frame of the same drag, the next
step of the same run). The tree is bounded: beyond the limit the oldest entries are removed and
their children attached to the parent.

Going to a step within a run splits its entry in two there, so that the current state always is
the end of an entry. The two parts are rejoined when the user moves on, unless something was done
at that step. Undo reverts a sequence of such moves as a whole.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import NamedTuple, final

from gmm_widget.session.coded_text import CodedText
from gmm_widget.session.entry import STATES_BUDGET, Entry, StepRecord, state_bytes
from gmm_widget.session.state import State

MAX_ENTRIES = 2000
MIN_ENTRIES = 100
BUDGET = 128 * 2**20  # bytes of parameters in all entries together


@final
class Location(NamedTuple):
    """The end of an entry, or a step within it, counted in EM steps since the start."""

    entry: int
    steps: int | None = None


@final
@dataclass
class History:
    """The tree of entries by id, the current one's id, and the branch that redo follows."""

    entries: dict[int, Entry]
    position: int = 0
    _next: dict[int, int] = field(default_factory=dict)
    _last_id: int = 0
    _moved_from: Location | None = None  # where the moves between steps began that led here
    _moved_to: Location | None = None  # where the moves led that were undone

    @classmethod
    def of(cls, state: State) -> History:
        """A history that starts with this state."""
        return cls({0: Entry(0, state, "start", None, CodedText("start"))})

    @property
    def present(self) -> Entry:
        """The current entry."""
        return self.entries[self.position]

    @property
    def before(self) -> Entry:
        """The entry that undo leads to; the current one if there is none."""
        parent = self.present.parent
        return self.present if parent is None else self.entries[parent]

    @property
    def can_undo(self) -> bool:
        """Whether there is an earlier state."""
        return self.present.parent is not None

    @property
    def can_redo(self) -> bool:
        """Whether something was undone."""
        return self._moved_to is not None or self.position in self._next

    def continues(self, gesture: Hashable) -> bool:
        """Whether the current entry is of this gesture and is the newest."""
        return self.present.gesture == gesture and self.position == self._last_id

    def push(self, state: State, cause: str, label: CodedText, gesture: Hashable = None) -> None:
        """Add an entry for an act done on the current one."""
        self._moved_from = self._moved_to = None
        self._last_id += 1
        parent, self.position = self.position, self._last_id
        before = self.entries[parent].state.steps
        self.entries[self.position] = Entry(
            self.position, state, cause, parent, label, gesture, steps_before=before
        )
        self._next[parent] = self.position
        self._bound()

    def withdraw(self) -> None:
        """Remove the current entry, whose gesture ended where it began, and go to its parent."""
        parent = self.present.parent
        if parent is None or self.position != self._last_id:
            raise ValueError("only the newest entry can be withdrawn, and never the first")
        del self.entries[self.position]
        self._next.pop(parent, None)
        self.position = parent

    def amend(
        self, state: State, steps: tuple[StepRecord, ...] = (), label: CodedText | None = None
    ) -> None:
        """Replace the current entry's state, add steps of a run, and set its label if given."""
        entry = self.present
        changed = replace(entry.extended(steps, state), label=label or entry.label)
        self.entries[self.position] = changed
        if changed.has_states and not entry.has_states:
            self._drop_states()

    def undo(self) -> State:
        """Revert moves between steps of a run, else go to the parent; ValueError at the start."""
        start, here, parent = self._moved_from, self._location, self.present.parent
        if start is not None:
            self._go_to(start)
            self._lead_here()
            self._moved_to = here
            return self.present.state
        if parent is None:
            raise ValueError("there is nothing to undo")
        self._next[parent] = self.position
        self._go_to(Location(parent))
        return self.present.state

    def redo(self) -> State:
        """Go forward along the branch last undone; ValueError at its end."""
        if not self.can_redo:
            raise ValueError("there is nothing to redo")
        target, here = self._moved_to, self._location
        if target is not None:
            self._go_to(target)
            self._lead_here()
            self._moved_from = here
        else:
            self._go_to(Location(self._next[self.position]))
        return self.present.state

    def jump(self, entry: int, step: int | None = None) -> State:
        """Go to the entry with this id, or to a step within it.

        The entry is split in two at that step: until the user moves on, or for good if something
        is done there. The second part keeps the id, and redo leads to it. ValueError if there is
        no such entry or the step is not stored.
        """
        if entry not in self.entries:
            raise ValueError(
                f"the history has no entry {entry}; ids go from 0 to {self._last_id}, "
                "and the oldest entries of a long history are removed"
            )
        goal = self.entries[entry]
        if step is None or goal.ends_at(step):
            if entry != self.position:
                self._go_to(Location(entry))
                self._lead_here()
            return self.present.state
        goal.state_at(step)
        here, start = self._location, self._moved_from
        run = here.entry if entry == self.position else entry
        self._go_to(Location(run, goal.steps_before + step))
        self._lead_here()
        self._moved_from = start if start and here.entry == run else here
        return self.present.state

    @property
    def _location(self) -> Location:
        """The current location in terms of the tree with all runs rejoined."""
        remainder = self._remainder()
        if remainder is None:
            return Location(self.position)
        return Location(remainder.id, self.present.state.steps)

    def _remainder(self) -> Entry | None:
        """The part split off the current entry, if the two can be rejoined."""
        here = self.present
        remainder = None if here.remainder is None else self.entries.get(here.remainder)
        if remainder is None or not here.can_rejoin(remainder):
            return None
        only_child = all(e is remainder for e in self.entries.values() if e.parent == here.id)
        return remainder if only_child else None

    def _go_to(self, location: Location) -> None:
        """Go to a location, rejoining the run left behind and splitting the one entered."""
        id, remainder = self._last_id + 1, self._remainder()
        if remainder is not None:
            if remainder.id == location.entry:
                id = self.position  # a move within one run: its first part keeps the id
            self._rejoin(self.present, remainder)
        self._moved_from = self._moved_to = None
        self.position = location.entry
        if location.steps is not None:
            self._split(self.present, location.steps, id)

    def _lead_here(self) -> None:
        """After a move to another branch: redo from any ancestor leads to the current entry."""
        self._next.update(pairwise(self.path(self.position)))

    def _rejoin(self, first: Entry, remainder: Entry) -> None:
        """Make one entry of the two parts of a run."""
        del self.entries[first.id]
        self.entries[remainder.id] = first.rejoined(remainder)
        self._next.pop(first.id, None)
        if first.parent is not None and self._next.get(first.parent) == first.id:
            self._next[first.parent] = remainder.id

    def _split(self, run: Entry, steps: int, id: int) -> None:
        """Split an entry in two and make the first part the current entry."""
        first, remainder = run.split_at(steps - run.steps_before, id)
        self._last_id = max(self._last_id, id)
        entries = list(self.entries.values())
        at = next(i for i, each in enumerate(entries) if each.id == run.id)
        entries[at : at + 1] = [first, remainder]  # parents come before their children
        self.entries = {each.id: each for each in entries}
        self._next[id] = remainder.id
        self.position = id

    def path(self, entry: int) -> list[int]:
        """Ids of the entries from the first one to this one."""
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
        while len(self.entries) > _max_entries(self.present.state):
            self._remove_oldest()

    def _drop_states(self) -> None:
        """Keep intermediate states of the newest runs only, within the budget."""
        left = STATES_BUDGET
        for entry in [e for e in reversed(self.entries.values()) if e.has_states]:
            left -= len(entry.step_records) * state_bytes(entry.state)
            if left < 0:
                self.entries[entry.id] = entry.without_states()

    def _remove_oldest(self) -> None:
        """Remove the oldest entry but the first and the current; its children go to its parent."""
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


def _max_entries(state: State) -> int:
    """How many entries there may be for states this large."""
    return max(MIN_ENTRIES, min(MAX_ENTRIES, BUDGET // state_bytes(state)))

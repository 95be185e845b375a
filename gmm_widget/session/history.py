"""Everything that was done, as a tree: undo goes to the parent, a new act grows a branch.

Undoing and then acting keeps the undone branch, and `jump` leads to any entry. The present
entry's state may be amended (a figure that arrives later, the next frame of the same drag, the
next step of the same run), never another's. So that a long day stays small the tree is bounded:
past the bound the oldest entries are taken out and their branches joined to what came before.

Inside a run one walks from step to step, and the place where one stands is an entry of its own.
It moves along, goes when one leaves, and stays where something is done at it; undo takes the walk
back as a whole.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import NamedTuple, final

from gmm_widget.session.entry import KEPT_BUDGET, Entry, Passed, size
from gmm_widget.session.state import State

MOST_ENTRIES = 2000
FEWEST_ENTRIES = 100
BUDGET = 128 * 2**20  # bytes of parameters in all entries together


@final
class Spot(NamedTuple):
    """Where to stand: at the end of an entry, or inside it after so many EM steps in all."""

    entry: int
    steps: int | None = None


@final
@dataclass
class History:
    """The tree of entries by id, the present one's id, and the branch that redo would follow."""

    entries: dict[int, Entry]
    position: int = 0
    _next: dict[int, int] = field(default_factory=dict)
    _newest: int = 0
    _began: Spot | None = None  # where the walk began that led here
    _undone: Spot | None = None  # where the walk led that was taken back

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
        return self._undone is not None or self.position in self._next

    def goes_on(self, gesture: Hashable) -> bool:
        """Whether the present entry is of this gesture, and nothing was done on it since."""
        return self.present.gesture == gesture and self.position == self._newest

    def push(self, state: State, cause: str, words: str = "", gesture: Hashable = None) -> None:
        """Grow the tree by an act done on the present entry."""
        self._began = self._undone = None
        self._newest += 1
        parent, self.position = self.position, self._newest
        begun = self.entries[parent].state.steps
        entry = Entry(self.position, state, cause, parent, words or cause, gesture, begun=begun)
        self.entries[self.position] = entry
        self._next[parent] = self.position
        self._bound()

    def withdraw(self) -> None:
        """Forget the present entry and go to its parent: a gesture that was taken back."""
        parent = self.present.parent
        if parent is None or self.position != self._newest:
            raise ValueError("only the newest entry can be withdrawn, and never the first")
        del self.entries[self.position]
        self._next.pop(parent, None)
        self.position = parent

    def amend(self, state: State, passed: tuple[Passed, ...] = (), words: str = "") -> None:
        """Replace the present entry's state, lengthen its way, and say what it is now."""
        entry = self.present
        changed = replace(entry.longer(passed, state), words=words or entry.words)
        self.entries[self.position] = changed
        if changed.keeps and not entry.keeps:
            self._forget()

    def undo(self) -> State:
        """Go to where the walk inside a run began, else to the parent; ValueError at the first."""
        began, here, parent = self._began, self._spot, self.present.parent
        if began is not None:
            self._go(began)
            self._undone = here
            return self.present.state
        if parent is None:
            raise ValueError("there is nothing to undo")
        self._next[parent] = self.position
        self._go(Spot(parent))
        return self.present.state

    def redo(self) -> State:
        """Go forward along the branch last left; ValueError at its end."""
        if not self.can_redo:
            raise ValueError("there is nothing to redo")
        walked, here = self._undone, self._spot
        if walked is not None:
            self._go(walked)
            self._began = here
        else:
            self._go(Spot(self._next[self.position]))
        return self.present.state

    def jump(self, entry: int, step: int | None = None) -> State:
        """Go to the entry with this id, wherever it is, or to a step on the way to it.

        The entry is cut in two at that step while one is there, and for good if something is done
        there; redo leads to the rest of it, which keeps the id. ValueError if there is no such
        entry, or the step is not kept.
        """
        if entry not in self.entries:
            raise ValueError(
                f"the history has no entry {entry}; it goes from 0 to {self._newest}, "
                "and the oldest of a long history are left out"
            )
        goal = self.entries[entry]
        if step is None or goal.ends_at(step):
            if entry != self.position:
                self._go(Spot(entry))
            return self.present.state
        goal.at(step)
        here, began = self._spot, self._began
        run = here.entry if entry == self.position else entry
        self._go(Spot(run, goal.begun + step))
        self._began = began if began and here.entry == run else here
        return self.present.state

    @property
    def _spot(self) -> Spot:
        """Where one stands, in terms of the tree as it is without the place in a run."""
        rest = self._rest()
        return Spot(rest.id, self.present.state.steps) if rest else Spot(self.position)

    def _rest(self) -> Entry | None:
        """What was cut off the present entry, if that is a place where nothing was done."""
        here = self.present
        rest = None if here.rest is None else self.entries.get(here.rest)
        if rest is None or not here.joins(rest):
            return None
        alone = all(e is rest for e in self.entries.values() if e.parent == here.id)
        return rest if alone else None

    def _go(self, spot: Spot) -> None:
        """Leave the present entry, and the tree as it is without it if that is a mere place."""
        id, rest = self._newest + 1, self._rest()
        if rest is not None:
            if rest.id == spot.entry:
                id = self.position  # the place moves
            self._join(self.present, rest)
        self._began = self._undone = None
        self.position = spot.entry
        if spot.steps is not None:
            self._cut(self.present, spot.steps, id)
        self._next.update(pairwise(self.path(self.position)))

    def _join(self, place: Entry, rest: Entry) -> None:
        """Put a run together again."""
        del self.entries[place.id]
        self.entries[rest.id] = place.joined(rest)
        self._next.pop(place.id, None)
        if place.parent is not None and self._next.get(place.parent) == place.id:
            self._next[place.parent] = rest.id

    def _cut(self, whole: Entry, steps: int, id: int) -> None:
        """Cut an entry in two and stand at its first part, after which redo leads to the rest."""
        first, rest = whole.cut(steps - whole.begun, id)
        self._newest = max(self._newest, id)
        before = list(self.entries.values())
        at = next(i for i, each in enumerate(before) if each.id == whole.id)
        before[at : at + 1] = [first, rest]  # a parent comes before what follows it
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
        """Ids of the entries from the first through the present to the end of redo."""
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
        """Leave states on the way to the newest runs only, as many as may be kept in all."""
        left = KEPT_BUDGET
        for entry in [e for e in reversed(self.entries.values()) if e.keeps]:
            left -= len(entry.passed) * size(entry.state)
            if left < 0:
                self.entries[entry.id] = entry.forgetful()

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
    return max(FEWEST_ENTRIES, min(MOST_ENTRIES, BUDGET // size(state)))

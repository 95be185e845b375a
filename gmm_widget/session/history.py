"""Everything that was done, as a tree: undo goes to the parent, a new act grows a branch.

Entries are only ever added; undoing and then acting keeps the undone branch. The
present entry's state may be amended (a figure that arrives later, the next frame of
the same drag, the next step of the same run), never another's.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field, replace
from typing import final

from gmm_widget.session.state import State

RUN_TRACE = 500  # points of one run that are kept; a longer run is thinned to every other


@final
@dataclass(frozen=True)
class Entry:
    """One act and where it led.

    `trace` holds the total log-likelihoods (nats) passed on the way, for a run one a
    step; `gesture` ties the frames of one drag together.
    """

    state: State
    cause: str
    parent: int | None
    gesture: Hashable = None
    trace: tuple[float, ...] = ()


@final
@dataclass
class History:
    """The tree of entries, the present one, and the branch that redo would follow."""

    entries: list[Entry]
    position: int = 0
    _next: dict[int, int] = field(default_factory=dict)

    @classmethod
    def of(cls, state: State) -> History:
        """A history that starts with this state."""
        return cls([Entry(state, "start", None)])

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

    def push(self, state: State, cause: str, gesture: Hashable = None) -> None:
        """Grow the tree by an act done on the present entry."""
        self.entries.append(Entry(state, cause, self.position, gesture))
        self._next[self.position] = len(self.entries) - 1
        self.position = len(self.entries) - 1

    def withdraw(self) -> None:
        """Forget the present entry and go to its parent: a gesture that was taken back."""
        last = len(self.entries) - 1
        parent = self.present.parent
        if parent is None or self.position != last:
            raise ValueError("only the newest entry can be withdrawn, and never the first")
        del self.entries[last]
        self._next = {a: b for a, b in self._next.items() if last not in (a, b)}
        self.position = parent

    def amend(self, state: State, trace: tuple[float, ...] = ()) -> None:
        """Replace the present entry's state, and lengthen its trace."""
        entry = self.present
        longer = entry.trace + trace
        while len(longer) > RUN_TRACE:
            longer = (*longer[:-1:2], longer[-1])
        self.entries[self.position] = replace(entry, state=state, trace=longer)

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

    def branch(self) -> list[int]:
        """Indices of the entries from the first through the present to the end of redo."""
        path: list[int] = []
        at: int | None = self.position
        while at is not None:
            path.append(at)
            at = self.entries[at].parent
        path.reverse()
        at = self._next.get(self.position)
        while at is not None:
            path.append(at)
            at = self._next.get(at)
        return path

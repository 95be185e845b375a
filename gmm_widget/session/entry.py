"""A history entry. For an EM run it stores intermediate states, each of which can be gone to.

They are thinned as the run grows; an entry can be cut in two at any stored state and joined again.
"""

from __future__ import annotations

import math
from collections.abc import Hashable
from dataclasses import dataclass, replace
from typing import NamedTuple, final

from gmm_widget.session import entry_labels
from gmm_widget.session.state import State

RUN_TRACE = 500  # steps stored of one run; a longer run is thinned to every other
MIN_STATES = 16  # steps stored of a run of a very large mixture
STATES_BUDGET = 32 * 2**20  # bytes of intermediate states in all entries together


@final
class Passed(NamedTuple):
    """A step of EM: the number of steps taken in all, the total log-likelihood (nats), the state.

    The value is NaN where it was not computed. The state is None once it has been dropped.
    """

    steps: int
    value: float
    state: State | None


def passed(state: State) -> Passed:
    """The step that led to this state, with its log-likelihood if it is known."""
    known = state.log_likelihood
    return Passed(state.steps, math.nan if known is None else known, state)


@final
@dataclass(frozen=True)
class Entry:
    """One command and the state it led to.

    `id` is its own for good and `parent` the id of the entry that it was done on; `label` says
    what was done. `passed` are the intermediate steps, the first of them after `begun` steps in
    all; `gesture` ties the frames of one drag together. Of a run that was cut in two, `rest` is
    the id of the second part.
    """

    id: int
    state: State
    cause: str
    parent: int | None
    label: str = ""
    gesture: Hashable = None
    passed: tuple[Passed, ...] = ()
    begun: int = 0
    rest: int | None = None

    @property
    def trace(self) -> tuple[float, ...]:
        """Total log-likelihoods (nats) of the intermediate steps, NaN where not computed."""
        return tuple(each.value for each in self.passed)

    @property
    def has_states(self) -> bool:
        """Whether there are intermediate states that can be gone to."""
        return len(self.passed) > 1 and self.passed[-1].state is not None

    def extended(self, more: tuple[Passed, ...], end: State) -> Entry:
        """This entry with further steps, thinned to the bound, and another end."""
        way = thinned(self.passed + more, end)
        if way and way[-1].steps == end.steps and (way[-1].state or more):
            way = (*way[:-1], passed(end))  # the end has been evaluated meanwhile
        return replace(self, state=end, passed=way)

    def without_states(self) -> Entry:
        """This entry without its intermediate states."""
        return replace(self, passed=tuple(each._replace(state=None) for each in self.passed))

    def ends_at(self, step: int) -> bool:
        """Whether this many EM steps are all of the entry."""
        return step == self.state.steps - self.begun

    def at(self, step: int) -> State:
        """The state so many steps from the beginning of the entry; ValueError if it is not
        stored.
        """
        steps = self.begun + step
        state = next((each.state for each in self.passed if each.steps == steps), None)
        if state is None:
            raise ValueError(
                f"entry {self.id} has no stored state at step {step}; {self._kept()}, and its end"
            )
        return state

    def cut(self, step: int, id: int) -> tuple[Entry, Entry]:
        """Two entries in place of this one: up to a step, under a new id, and the rest.

        `step` counts from the beginning of the entry. ValueError if its state is not stored.
        """
        state, at = self.at(step), self.begun + step
        first = replace(
            self,
            id=id,
            state=state,
            gesture=None,
            label=entry_labels.of_part(self.label, step),
            passed=tuple(each for each in self.passed if each.steps <= at),
            rest=self.id,
        )
        rest = replace(
            self,
            parent=id,
            begun=at,
            label=entry_labels.of_part(self.label, self.state.steps - at),
            passed=tuple(each for each in self.passed if each.steps > at),
        )
        return first, rest

    def joins(self, rest: Entry) -> bool:
        """Whether this and what was cut off it still make up one run, with all that it kept."""
        kept = all(part.passed and part.passed[-1].state for part in (self, rest))
        whole = rest.parent == self.id and rest.begun == self.state.steps
        return kept and whole and self.state.phase == "rest"

    def joined(self, rest: Entry) -> Entry:
        """This and the rest of it as one entry, under the id of the rest."""
        return replace(
            rest,
            parent=self.parent,
            begun=self.begun,
            label=entry_labels.of_part(rest.label, rest.state.steps - self.begun),
            passed=self.passed + rest.passed,
        )

    def _kept(self) -> str:
        if not self.has_states:
            return "of this entry none is"
        steps = [each.steps - self.begun for each in self.passed[:-1]]
        named = [str(s) for s in (steps if len(steps) <= 8 else [*steps[:4], *steps[-2:]])]
        if len(steps) > 8:
            named.insert(4, "...")
        return f"there are {', '.join(named)}"


def thinned(passed: tuple[Passed, ...], state: State) -> tuple[Passed, ...]:
    """As many of these steps as a run may keep with states as large as this: the even ones."""
    most = max(MIN_STATES, min(RUN_TRACE, STATES_BUDGET // (2 * size(state))))
    stride = 1
    while len(passed) > most:
        stride *= 2
        passed = (*(each for each in passed[:-1] if each.steps % stride == 0), passed[-1])
    return passed


def size(state: State) -> int:
    """Bytes of a state, about: covariances, two factors, moments, beliefs; the rest is small."""
    k, d = state.mixture.n_components, state.mixture.n_features
    matrices = 4 + (state.posterior is not None)
    return 8 * k * (1 + d + matrices * d * d) + 4096

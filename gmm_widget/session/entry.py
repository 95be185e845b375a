"""A history entry. For an EM run it also stores intermediate states.

A run is one act, but `jump` leads to any stored step of it: the entry is then split in two at
that step, and rejoined when the user leaves. Stored states are thinned as a run grows.
"""

from __future__ import annotations

import math
from collections.abc import Hashable
from dataclasses import dataclass, replace
from typing import NamedTuple, final

from gmm_widget.session.coded_text import CodedText
from gmm_widget.session.state import State

MAX_STEPS_KEPT = 500  # of one run; beyond, every other step is dropped
MIN_STEPS_KEPT = 16  # of one run, however large the mixture
STATES_BUDGET = 32 * 2**20  # bytes of intermediate states in all entries together


@final
class StepRecord(NamedTuple):
    """A step of a run: EM steps since the start, total log-likelihood (nats), and the state.

    The value is NaN where it was not computed; the state is None once it was dropped.
    """

    steps: int
    value: float
    state: State | None


def record_step(state: State) -> StepRecord:
    """The record of the step that led to this state."""
    known = state.log_likelihood
    return StepRecord(state.steps, math.nan if known is None else known, state)


@final
@dataclass(frozen=True)
class Entry:
    """One act and the state it led to.

    Attributes
    ----------
    id : never changes and is never used again.
    parent : id of the entry that the act was done on.
    label : what was done.
    gesture : identifies the drag that the entry is of, so that its frames make one entry.
    step_records : the steps of a run, in order; the first comes after `steps_before` EM steps.
    remainder : of the first part of a run split in two, the id of the second part.
    """

    id: int
    state: State
    cause: str
    parent: int | None
    label: CodedText
    gesture: Hashable = None
    step_records: tuple[StepRecord, ...] = ()
    steps_before: int = 0
    remainder: int | None = None

    @property
    def trace(self) -> tuple[float, ...]:
        """Total log-likelihoods (nats) of the steps, NaN where one was not computed."""
        return tuple(each.value for each in self.step_records)

    @property
    def has_states(self) -> bool:
        """Whether intermediate states are stored."""
        return len(self.step_records) > 1 and self.step_records[-1].state is not None

    def extended(self, more: tuple[StepRecord, ...], end: State) -> Entry:
        """This entry with further steps, thinned, and another final state."""
        records = thinned(self.step_records + more, end)
        if records and records[-1].steps == end.steps and (records[-1].state or more):
            records = (*records[:-1], record_step(end))  # its figures may be known only now
        return replace(self, state=end, step_records=records)

    def without_states(self) -> Entry:
        """This entry without its intermediate states."""
        bare = tuple(each._replace(state=None) for each in self.step_records)
        return replace(self, step_records=bare)

    def ends_at(self, step: int) -> bool:
        """Whether the entry has exactly this many EM steps."""
        return step == self.state.steps - self.steps_before

    def state_at(self, step: int) -> State:
        """The state after `step` EM steps of this entry; ValueError if it is not stored."""
        steps = self.steps_before + step
        state = next((each.state for each in self.step_records if each.steps == steps), None)
        if state is None:
            raise ValueError(
                f"entry {self.id} has no stored state at step {step}; stored: {self._stored()}"
            )
        return state

    def split_at(self, step: int, id: int) -> tuple[Entry, Entry]:
        """Split into two entries: up to `step` (counted within the entry) and the remainder.

        The first part gets the new id. ValueError if the state at `step` is not stored.
        """
        state, at = self.state_at(step), self.steps_before + step
        first = replace(
            self,
            id=id,
            state=state,
            gesture=None,
            label=self.label.with_steps(step),
            step_records=tuple(each for each in self.step_records if each.steps <= at),
            remainder=self.id,
        )
        remainder = replace(
            self,
            parent=id,
            steps_before=at,
            label=self.label.with_steps(self.state.steps - at),
            step_records=tuple(each for each in self.step_records if each.steps > at),
        )
        return first, remainder

    def can_rejoin(self, remainder: Entry) -> bool:
        """Whether this and the part split off it are unchanged, so that they still make one run."""
        parts = (self, remainder)
        stored = all(part.step_records and part.step_records[-1].state for part in parts)
        adjacent = remainder.parent == self.id and remainder.steps_before == self.state.steps
        return stored and adjacent and self.state.phase == "rest"

    def rejoined(self, remainder: Entry) -> Entry:
        """This and its remainder as one entry, under the id of the remainder."""
        steps = remainder.state.steps - self.steps_before
        return replace(
            remainder,
            parent=self.parent,
            steps_before=self.steps_before,
            label=remainder.label.with_steps(steps),
            step_records=self.step_records + remainder.step_records,
        )

    def _stored(self) -> str:
        if not self.has_states:
            return "its last state only"
        steps = [each.steps - self.steps_before for each in self.step_records[:-1]]
        named = [str(s) for s in (steps if len(steps) <= 8 else [*steps[:4], *steps[-2:]])]
        if len(steps) > 8:
            named.insert(4, "...")
        return ", ".join([*named, "last"])


def thinned(records: tuple[StepRecord, ...], state: State) -> tuple[StepRecord, ...]:
    """As many of these steps as a run may store of states this large: multiples of a power of 2."""
    limit = max(MIN_STEPS_KEPT, min(MAX_STEPS_KEPT, STATES_BUDGET // (2 * state_bytes(state))))
    stride = 1
    while len(records) > limit:
        stride *= 2
        records = (*(each for each in records[:-1] if each.steps % stride == 0), records[-1])
    return records


def state_bytes(state: State) -> int:
    """Approximate size of a state: covariances, two factors, moments and the posterior."""
    k, d = state.mixture.n_components, state.mixture.n_features
    matrices = 4 + (state.posterior is not None)
    return 8 * k * (1 + d + matrices * d * d) + 4096

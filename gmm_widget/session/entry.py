"""One entry of the history, and what a run is to it: the states passed on the way.

A run is one act, but each of its steps can be gone back to: an entry keeps states that it
passed, thinned as it grows, and can be cut in two at any of them and put together again.
"""

from __future__ import annotations

import math
from collections.abc import Hashable
from dataclasses import dataclass, replace
from typing import NamedTuple, final

from gmm_widget.session import entry_labels
from gmm_widget.session.state import State

RUN_TRACE = 500  # points of one run that are kept; a longer run is thinned to every other
FEWEST_KEPT = 16  # of a run of a very large mixture
KEPT_BUDGET = 32 * 2**20  # bytes of states on the way in all entries together


@final
class Passed(NamedTuple):
    """A step of EM: how many steps led there in all, total log-likelihood (nats), the state.

    The value is NaN where it has not been computed. The state is None once it has been let go.
    """

    steps: int
    value: float
    state: State | None


def passed(state: State) -> Passed:
    """The step that led to this state, with what is known of its log-likelihood."""
    known = state.log_likelihood
    return Passed(state.steps, math.nan if known is None else known, state)


@final
@dataclass(frozen=True)
class Entry:
    """One act and where it led.

    `id` is its own for good and `parent` the id of the entry that it was done on; `words` say
    what was done. `passed` are the steps on the way, for a run one each, the first of them after
    `begun` steps; `gesture` ties the frames of one drag together. Of a run that was cut in two,
    `rest` is the id of what follows.
    """

    id: int
    state: State
    cause: str
    parent: int | None
    words: str = ""
    gesture: Hashable = None
    passed: tuple[Passed, ...] = ()
    begun: int = 0
    rest: int | None = None

    @property
    def trace(self) -> tuple[float, ...]:
        """Total log-likelihoods (nats) passed on the way, NaN where one was not computed."""
        return tuple(each.value for each in self.passed)

    @property
    def keeps(self) -> bool:
        """Whether there are states on the way that can be gone to."""
        return len(self.passed) > 1 and self.passed[-1].state is not None

    def longer(self, more: tuple[Passed, ...], end: State) -> Entry:
        """This entry with more steps on the way, thinned to what may be kept, to another end."""
        way = thinned(self.passed + more, end)
        if way and way[-1].steps == end.steps and (way[-1].state or more):
            way = (*way[:-1], passed(end))  # what is known of the end has come to be known
        return replace(self, state=end, passed=way)

    def forgetful(self) -> Entry:
        """This entry without the states on the way."""
        return replace(self, passed=tuple(each._replace(state=None) for each in self.passed))

    def ends_at(self, step: int) -> bool:
        """Whether this many EM steps are all of the entry."""
        return step == self.state.steps - self.begun

    def at(self, step: int) -> State:
        """The state so many steps from the beginning of the entry; ValueError if not kept."""
        steps = self.begun + step
        state = next((each.state for each in self.passed if each.steps == steps), None)
        if state is None:
            raise ValueError(
                f"step {step} of entry {self.id} is not kept; {self._kept()}, and its end"
            )
        return state

    def cut(self, step: int, id: int) -> tuple[Entry, Entry]:
        """Two entries in place of this: up to a step, under a new id, and the rest.

        `step` counts from the beginning of the entry. ValueError if its state is not kept.
        """
        state, at = self.at(step), self.begun + step
        first = replace(
            self,
            id=id,
            state=state,
            gesture=None,
            words=entry_labels.of_part(self.words, step),
            passed=tuple(each for each in self.passed if each.steps <= at),
            rest=self.id,
        )
        rest = replace(
            self,
            parent=id,
            begun=at,
            words=entry_labels.of_part(self.words, self.state.steps - at),
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
            words=entry_labels.of_part(rest.words, rest.state.steps - self.begun),
            passed=self.passed + rest.passed,
        )

    def _kept(self) -> str:
        if not self.keeps:
            return "of this entry none is"
        steps = [each.steps - self.begun for each in self.passed[:-1]]
        named = [str(s) for s in (steps if len(steps) <= 8 else [*steps[:4], *steps[-2:]])]
        if len(steps) > 8:
            named.insert(4, "...")
        return f"there are {', '.join(named)}"


def thinned(passed: tuple[Passed, ...], state: State) -> tuple[Passed, ...]:
    """As many of these steps as a run may keep with states as large as this: the even ones."""
    most = max(FEWEST_KEPT, min(RUN_TRACE, KEPT_BUDGET // (2 * size(state))))
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

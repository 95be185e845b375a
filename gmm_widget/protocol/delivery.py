"""Exactly-once delivery: messages of a view are done once each, in the order of their line numbers.

A connection can lose messages while it looks alive, so a view sends again what is not answered.
Here a message that was done already is answered once more, one that is still in work is dropped,
and one that comes after a gap is refused until the gap is filled.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import Literal, NamedTuple, final

from gmm_widget.session.coded_text import CodedText

MAX_CLIENTS = 64
MAX_ANSWERS = 64  # answers remembered for each client


@final
class Place(NamedTuple):
    """A message's line number, and that of the oldest one which its view has no answer to."""

    line: int
    oldest: int


Verdict = Literal["new", "answered", "in work", "gap"]


@final
class _Client:
    """What one view has sent: the next line number, and the last answers by sequence number."""

    def __init__(self, line: int) -> None:
        self.next = line
        self.answers: OrderedDict[int, CodedText | None] = OrderedDict()


@final
class Received(NamedTuple):
    """What to do with a message; for "answered" the error it had, for "gap" the line expected."""

    verdict: Verdict
    error: CodedText | None = None
    expected: int = 0


@final
class Delivery:
    """Decides on each message of each view. Safe to call from any thread."""

    def __init__(self) -> None:
        self._clients: OrderedDict[str, _Client] = OrderedDict()
        self._lock = threading.Lock()

    def receive(self, client: str, seq: int, place: Place) -> Received:
        """Count a message; a view that is not known starts at its oldest unanswered one."""
        with self._lock:
            known = self._clients.pop(client, None) or _Client(place.oldest)
            self._clients[client] = known
            while len(self._clients) > MAX_CLIENTS:
                self._clients.popitem(last=False)
            if place.line == known.next:
                known.next += 1
                return Received("new")
            if place.line > known.next:
                return Received("gap", expected=known.next)
            if seq in known.answers:
                return Received("answered", known.answers[seq])
            return Received("in work")

    def answered(self, client: str, seq: int, error: CodedText | None) -> None:
        """Remember the answer to a message, in case that it is lost."""
        with self._lock:
            known = self._clients.get(client)
            if known is None:
                return
            known.answers[seq] = error
            while len(known.answers) > MAX_ANSWERS:
                known.answers.popitem(last=False)

"""A burst of acts, as a held key makes it: drained with few frames, all answered, and then over."""

import asyncio

import pytest
from session_help import new_session, poor_start, three_clusters

from gmm_widget import GMMWidget
from gmm_widget.protocol import history_view
from gmm_widget.runtime import frame_pacing
from gmm_widget.runtime.driver import Driver
from gmm_widget.session.edits import Act
from gmm_widget.widget import state_traits

ACTS, UNDOS = 10_000, 1_000


class View:
    """What a widget sends, and messages to it each under its number."""

    def __init__(self, widget: GMMWidget, monkeypatch: pytest.MonkeyPatch) -> None:
        self.widget = widget
        self.acks: list[dict] = []
        self.frames = 0
        self._seq = 0
        monkeypatch.setattr(widget._connection, "_send", self._take)
        monkeypatch.setattr(GMMWidget, "send", lambda _, content, __=None: self._take(content, []))

    def _take(self, content: dict, _: list) -> None:
        if content["kind"] == "ack":
            self.acks.append(content)
        self.frames += content["kind"] == "state"

    def post(self, kind: str, **fields: object) -> None:
        self._seq += 1
        message = {"client": "me", "seq": self._seq, "kind": kind, **fields}
        self.widget._connection.receive(message)


def test_a_thousand_undos_after_ten_thousand_acts_leave_nothing_blocked(monkeypatch):
    monkeypatch.setattr(
        frame_pacing, "FRAME", 3600.0
    )  # so that any frame in a burst is one too many
    described = 0
    describe = history_view.describe_trace

    def counted(history):
        nonlocal described
        described += 1
        return describe(history)

    monkeypatch.setattr(state_traits, "describe_trace", counted)

    async def play() -> None:
        nonlocal described
        w = GMMWidget(three_clusters(60), 3, mixture=poor_start())
        view = View(w, monkeypatch)
        for i in range(ACTS):
            args = {"component": 0, "what": "mean", "on": i % 2 == 0}
            view.post("command", name="lock", args=args)
        await w.settled()
        wanted = w._session.history.path(w._session.history.position)[-1 - UNDOS]
        frames, described = view.frames, 0
        for _ in range(UNDOS):
            view.post("command", name="undo")
        turns = 0
        while len(view.acks) < ACTS + UNDOS:
            await asyncio.sleep(0)
            turns += 1
        assert turns > UNDOS / 2, "the kernel's loop has its turn between acts"
        await w.settled()
        assert [ack["seq"] for ack in view.acks] == [*range(1, ACTS + UNDOS + 1)]
        assert {ack["error"] for ack in view.acks} == {None}
        assert view.frames - frames <= 3, "the first, the last, and that with its figures"
        assert described == 1, "the history is described once, at the end"
        assert w._session.history.position == wanted
        drag = {"component": 0, "dims": [0, 1], "mean": [-7.0, 0.0], "gesture": 1}
        view.post("edit", **drag, final=False)
        for _ in range(3):
            await asyncio.sleep(0)
        assert view.acks[-1]["seq"] == ACTS + UNDOS + 1, "the first act after the burst is done"
        assert w.mixture.means[0, 0] == -7.0
        w.close()

    asyncio.run(play())


def test_single_acts_are_each_shown(monkeypatch):
    """What comes one by one, however fast, is not held back."""
    monkeypatch.setattr(frame_pacing, "FRAME", 3600.0)

    async def play() -> None:
        session, shown = new_session(), []
        driver = Driver(session, lambda _: shown.append(session.rev), lambda _: None)
        for x in range(5):
            driver.post(Act("place", {"component": 0, "mean": [x, x]}, ("me", 1), False))
            await asyncio.sleep(0.01)
        assert [rev for rev in range(1, 6) if rev in shown] == [1, 2, 3, 4, 5]
        driver.close()

    asyncio.run(play())

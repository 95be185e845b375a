"""Ten thousand acts from two views and Python on one session: bounded, and the same when replayed.

Everything that changes the session is written down in the order in which it took effect. A second
session that is given the same, one after the other, must end with the same bits in every entry of
its history; and so must a reader of the comm that keeps the newest state, as the browser does.
"""

import asyncio
import gc
import json
import random
import tracemalloc
from functools import partial
from typing import Any

import numpy as np
from session_help import new_session, poor_start, three_clusters

from gmm_widget import GMMWidget
from gmm_widget.runtime import gestures
from gmm_widget.session import history, steps
from gmm_widget.session.session import Session
from gmm_widget.session.state import State

ACTS = 10_000
TRACED = 2_000  # of which memory is watched, once the history is full
ROOM = 300  # entries kept, so that the history reaches its bound early
PLAIN = ("undo", "redo", "jump", "set_running", "edit")


class Log:
    """What took effect on a session, with the hands that held something at that moment."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.rows: list[tuple[str, tuple, dict, dict]] = []
        for name in PLAIN:
            setattr(session, name, partial(self._do, name, getattr(session, name)))
        self._accept = session.accept
        session.accept = self._take  # type: ignore[method-assign]

    def _do(self, name: str, act: Any, *args: Any, **options: Any) -> None:
        held_components = dict(self.session.held_components)
        act(*args, **options)
        self.rows.append((name, args, options, held_components))

    def _take(self, base: State, result: State, cause: str | None, trace: tuple = ()) -> bool:
        held_components = dict(self.session.held_components)
        taken = self._accept(base, result, cause, trace)
        if taken and result is not base:
            kind = cause or ("e_step" if result.phase == "e" != base.phase else "evaluate")
            self.rows.append((kind, (result.steps - base.steps,), {}, held_components))
        return taken


def replayed(rows: list[tuple[str, tuple, dict, dict]], session: Session) -> Session:
    """The session after all that, one after the other."""
    for kind, args, options, held_components in rows:
        session.held_components = dict(held_components)
        if kind in PLAIN:
            getattr(session, kind)(*args, **options)
        elif kind in ("run", "step"):
            held = tuple(held_components.values()) if kind == "run" else ()
            walk = steps.with_held(partial(steps.advance, n=args[0]), held)
            done = walk(session.points, session.state, session.settings, poll=None)
            assert isinstance(done, steps.Progress)
            assert session.accept(session.state, done.state, kind, done.trace)
        else:
            getattr(session, kind)()
    return session


class Browser:
    """Keeps the newest state of all that goes over the comm, by way of JSON."""

    def __init__(self, widget: GMMWidget) -> None:
        self.rev, self.mixture = -1, None
        self.errors: list[str] = []
        self._widget, self._send_state = widget, widget.send_state
        widget.send = self.hear  # type: ignore[method-assign]
        widget.send_state = self.read  # type: ignore[method-assign]

    def hear(self, content: Any, buffers: Any = None) -> None:
        content = json.loads(json.dumps(content))
        if content["kind"] == "state":
            self.show(content["fit"]["rev"], content["mixture"])
        elif content.get("error"):
            self.errors.append(content["error"])

    def read(self, key: Any = None) -> None:
        state = self._widget.get_state(["_fit", "mixture"])
        state = json.loads(json.dumps(state))
        self.show(state["_fit"]["rev"], state["mixture"])
        self._send_state(key)

    def show(self, rev: int, mixture: Any) -> None:
        if rev >= self.rev:
            self.rev, self.mixture = rev, mixture


class Hands:
    """Random acts of two views and of Python, seeded."""

    def __init__(self, widget: GMMWidget, seed: int) -> None:
        self.widget, self.random = widget, random.Random(seed)
        self.seqs = {"one": 0, "two": 0}
        self.gestures = 0

    def act(self) -> None:
        source = self.random.choice(["one", "two", "one", "two", "python"])
        if source == "python":
            self._from_python()
            return
        self.seqs[source] += 1
        kind = "edit" if self.random.random() < 0.6 else "command"
        message = getattr(self, f"_{kind}")()
        base = {"kind": kind, "client": source, "seq": self.seqs[source]}
        self.widget._receive(self.widget, {**base, **message}, [])

    def _edit(self) -> dict:
        final = self.random.random() < 0.3
        message = {
            "gesture": self.gestures, "final": final, "dims": [0, 1],
            "component": self.random.choice(self.widget._fit["ids"]),
            "mean": [self.random.uniform(-2, 8), self.random.uniform(-2, 8)],
        }  # fmt: skip
        self.gestures += final
        return message

    def _command(self) -> dict:
        ids = self.widget._fit["ids"]
        names = ["step", "e_step", "m_step", "undo", "undo", "redo", "jump", "run", "stop"]
        names += ["lock", "split"] if len(ids) < 6 else ["delete"]
        name = self.random.choice(names)
        args: dict = {}
        if name == "jump":
            args = self._somewhere()
        elif name == "lock":
            on = self.random.random() < 0.3
            args = {"component": self.random.choice(ids), "what": "mean", "on": on}
        elif name in ("split", "delete"):
            args = {"component": self.random.choice(ids)}
        return {"name": name, "args": args}

    def _somewhere(self) -> dict:
        """An entry, or a step of a run that may be gone to, or one that there is not."""
        trace = self.widget._trace
        if trace["kept"] and self.random.random() < 0.5:
            return {"entry": self.random.choice(trace["kept"]), "step": self.random.randint(1, 6)}
        return {"entry": self.random.randrange(len(self.widget.history))}

    def _from_python(self) -> None:
        w = self.widget
        k = w._session.state.mixture.n_components
        acts = [w.stop, w.run, lambda: w.place(k - 1, mean=[self.random.uniform(0, 6), 1.0])]
        if k < 5:
            acts.append(lambda: w.add([self.random.uniform(0, 6), 3.0]))
        self.random.choice(acts)()


def grown() -> int:
    """Bytes allocated since tracing began and still held, apart from what this file keeps."""
    gc.collect()
    snapshot = tracemalloc.take_snapshot()
    ours = snapshot.filter_traces([tracemalloc.Filter(False, __file__)])
    return sum(stat.size for stat in ours.statistics("filename"))


def test_ten_thousand_acts_end_in_the_same_bits_when_replayed(monkeypatch):
    monkeypatch.setattr(history, "_max_entries", lambda state: ROOM)
    monkeypatch.setattr(gestures, "TIMEOUT", 0.05)

    async def play() -> tuple[GMMWidget, Log, Browser, int]:
        w = GMMWidget(three_clusters(80), 3, mixture=poor_start())
        log, browser, hands = Log(w._session), Browser(w), Hands(w, seed=20)
        for i in range(ACTS):
            if i == ACTS - TRACED:
                tracemalloc.start()
            hands.act()
            if i % 5 == 0:
                await asyncio.sleep(0)
            if i % 500 == 0:  # a run to its end, around hands that never say that they let go
                w.run()
                await w.settled()
        w.stop()
        await w.settled()
        return w, log, browser, grown()

    w, log, browser, growth = asyncio.run(play())
    tracemalloc.stop()
    assert growth < 4e6, "memory is flat: two thousand acts leave no more than the tree holds"
    assert browser.mixture == w.mixture.to_json()
    assert len(w._session.history.entries) == ROOM
    assert any(name == "jump" and "step" in options for name, _, options, _ in log.rows)
    assert {"run", "step", "m_step", "edit", "jump", "undo", "redo"} <= {row[0] for row in log.rows}
    again = replayed(log.rows, new_session(n=80))
    mine, theirs = w._session.history, again.history
    assert list(mine.entries) == list(theirs.entries)
    for a, b in zip(mine.entries.values(), theirs.entries.values(), strict=True):
        assert (a.parent, a.label, a.state.ids) == (b.parent, b.label, b.state.ids)
        assert (a.trace, a.steps_before, a.has_states) == (b.trace, b.steps_before, b.has_states)
        assert a.state.mixture == b.state.mixture
        np.testing.assert_array_equal(a.state.locks.means, b.state.locks.means)
    assert mine.position == theirs.position
    w.close()

"""Memberships of single points: what they say, who gets them, and how often."""

from types import SimpleNamespace

import numpy as np
import pytest
from session_help import new_session, three_clusters

from gmm_widget.core.mixture import Mixture
from gmm_widget.protocol import responsibility_stream
from gmm_widget.protocol.connection import Connection
from gmm_widget.protocol.incoming import parse
from gmm_widget.protocol.responsibility_stream import ResponsibilityStream, encoded
from gmm_widget.runtime.driver import Driver
from gmm_widget.session import plane
from gmm_widget.session.plane import Plane


def random_starts(k: int, d: int, n: int) -> tuple[Mixture, np.ndarray]:
    """A mixture whose components overlap, and points in and far around it."""
    rng = np.random.default_rng(k)
    roots = rng.normal(size=(k, d, d))
    shapes = roots @ roots.transpose(0, 2, 1) + 0.2 * np.eye(d)
    made = Mixture(rng.dirichlet(np.ones(k)), 2 * rng.normal(size=(k, d)), shapes)
    return made, 4 * rng.normal(size=(n, d))


@pytest.mark.parametrize(("k", "d"), [(1, 3), (2, 4), (5, 3), (200, 3)])
def test_codes_are_those_of_the_responsibilities(k: int, d: int) -> None:
    """Labels exactly; share and entropy within the rounding of a byte."""
    mixture, x = random_starts(k, d, 2 * responsibility_stream.BLOCK + 17)
    found = encoded(mixture, x.astype(np.float32))
    r = mixture.responsibilities(x.astype(np.float32))
    ranked = np.sort(r, axis=1)[:, ::-1]
    at = np.arange(len(x))
    np.testing.assert_array_equal(r[at, found[:, 0]], ranked[:, 0])
    np.testing.assert_array_equal(r[at, found[:, 1]], ranked[:, min(1, k - 1)])
    assert k == 1 or (found[:, 0] != found[:, 1]).all()
    total = ranked[:, :2].sum(axis=1)
    np.testing.assert_allclose(found[:, 2] / 255, ranked[:, 0] / total, atol=0.5001 / 255)
    logs = np.log2(r, out=np.zeros_like(r), where=r > 0)
    bits = np.minimum(1, -(r * logs).sum(axis=1))
    np.testing.assert_allclose(found[:, 3] / 255, bits, atol=0.5001 / 255)


class Views:
    """A link with no event loop, and what it sends."""

    def __init__(self) -> None:
        self.session = new_session()
        self.x = three_clusters()
        self.sent: list[tuple[dict, list]] = []
        driver = Driver(self.session, lambda at_rest: None, lambda problem: None)
        plane = Plane(self.x, (0, 1), 3)
        self.link = Connection(driver, plane, lambda *m: self.sent.append(m), lambda *shown: None)

    def ask(self, data_rev: object = 3, index: object = 0) -> str | None:
        """Ask for a chunk; return the error in the answer."""
        message = {"kind": "memberships", "client": "me", "seq": 1}
        self.link.receive({**message, "data_rev": data_rev, "index": index})
        return next(c for c, _ in reversed(self.sent) if c["kind"] == "ack")["error"]

    def item(self) -> list[tuple[dict, np.ndarray]]:
        """The memberships that were sent, as (N, 4)."""
        found = [message for message in self.sent if message[0]["kind"] == "memberships"]
        return [(c, np.frombuffer(b, np.uint8).reshape(-1, 4)) for c, (b,) in found]


def test_chunks_together_tell_of_every_row(monkeypatch: pytest.MonkeyPatch) -> None:
    """In the order of the data, with the model that they belong to."""
    monkeypatch.setattr(responsibility_stream, "ROWS", 128)
    views = Views()
    assert [views.ask(index=index) for index in (0, 1, 2)] == [None] * 3
    item = views.item()
    assert [(c["index"], c["start"], c["count"]) for c, _ in item] == [
        (0, 0, 128),
        (1, 128, 128),
        (2, 256, 44),
    ]
    for content, _ in item:
        assert (content["client"], content["data_rev"], content["n"]) == ("me", 3, 300)
        assert (content["rev"], content["ids"]) == (views.session.rev, [0, 1, 2])
    labels = views.session.state.mixture.responsibilities(views.x).argmax(axis=1)
    np.testing.assert_array_equal(np.concatenate([b for _, b in item])[:, 0], labels)
    assert "index" in str(views.ask(index=3))


def test_after_an_m_step_they_are_those_that_it_was_made_with() -> None:
    """As in the plane: components move first, colours at the next E-step."""
    views = Views()
    before = views.session.state.mixture
    command = {"kind": "command", "name": "m_step", "client": "me", "seq": 1}
    views.link.receive(command)
    assert views.session.state.mixture != before
    views.ask()
    ((_, codes),) = views.item()
    labels = before.responsibilities(views.x).argmax(axis=1)
    np.testing.assert_array_equal(codes[:, 0], labels)


def test_points_that_are_gone_or_too_many_are_not_told_of(monkeypatch: pytest.MonkeyPatch) -> None:
    """A question about other points has no answer; one about counts has a reason."""
    views = Views()
    assert views.ask(data_rev=2) is None
    monkeypatch.setattr(plane, "MOST_POINTS", 299)
    assert "points" in str(views.ask())
    assert views.item() == []


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"index": -1}, "index"),
        ({"index": 0.5}, "index"),
        ({"index": True}, "index"),
        ({"data_rev": "1"}, "data_rev"),
        ({"data_rev": None}, "data_rev"),
    ],
)
def test_a_question_is_checked(changes: dict, field: str) -> None:
    """The field that is wrong is named."""
    base = {"kind": "memberships", "client": "me", "seq": 1, "data_rev": 1, "index": 0}
    with pytest.raises(ValueError, match=field):
        parse(base | changes)


class Clock:
    """A driver that does nothing by itself: what is to be done later, and by the worker."""

    def __init__(self, running: bool) -> None:
        self.session = new_session()
        if running:
            self.session.set_running(True)
        self.waits: list[float] = []
        self.loop = self
        self.jobs: list = []

    def after(self, seconds: float, function) -> None:
        self.waits.append(seconds)
        function()

    def in_background(self, job, then) -> None:
        self.jobs.append((job, then))


@pytest.mark.parametrize("running", [False, True])
def test_a_run_is_asked_after_now_and_then(running: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rounds begin a second apart, and chunks leave three times their time to EM; at rest not."""
    clock = [10.0]
    monkeypatch.setattr(responsibility_stream, "time", SimpleNamespace(monotonic=lambda: clock[0]))
    monkeypatch.setattr(responsibility_stream, "ROWS", 200)
    driver, plane = Clock(running), Plane(three_clusters(), (0, 1), 1)
    asked = ResponsibilityStream(driver, lambda *message: None)
    for index, took in ((0, 0.125), (1, 0.0625), (0, 0.25)):
        asked.ask("me", plane, 1, index)
        job, then = driver.jobs.pop()
        clock[0] += took
        then(job())
    # At 10.125 the next chunk is due at 10.5; at 10.1875 the next round is at 11.
    assert driver.waits == ([0, 0.375, 0.8125] if running else [0, 0, 0])


def test_one_chunk_is_computed_at_a_time_and_the_last_question_counts() -> None:
    """However often views ask meanwhile."""
    driver, plane = Clock(False), Plane(three_clusters(), (0, 1), 1)
    sent: list[dict] = []
    asked = ResponsibilityStream(driver, lambda content, buffers: sent.append(content))
    for client in ("a", "b", "c", "b", "c"):
        asked.ask(client, plane, 1, 0)
    for turn in range(3):
        assert len(driver.jobs) == turn + 1
        job, then = driver.jobs[turn]
        then(job())
    assert [content["client"] for content in sent] == ["a", "b", "c"]
    assert len(driver.jobs) == 3

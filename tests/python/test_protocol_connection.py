"""Messages: good ones are done and acknowledged, bad ones are answered and change nothing."""

import math
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from session_help import new_session, three_clusters

from gmm_widget.protocol import incoming
from gmm_widget.protocol.connection import MAX_CLIENTS, Connection
from gmm_widget.runtime.driver import Driver
from gmm_widget.session import plane
from gmm_widget.session.plane import CHUNK_ROWS, Plane


class Table:
    """A session with a link and no event loop: everything is done at once."""

    def __init__(self) -> None:
        self.session = new_session(n=60)
        self.sent: list[tuple[dict, list]] = []
        driver = Driver(self.session, lambda at_rest: None, lambda problem: None)
        plane = Plane(three_clusters(60), (0, 1), 1)
        self.shown: list[tuple[Plane, dict]] = []
        self.link = Connection(driver, plane, self.keep, lambda *shown: self.shown.append(shown))

    def keep(self, content: dict, buffers: list) -> None:
        self.sent.append((content, buffers))

    def send(self, **message: object) -> dict:
        """Send a message and return the answer."""
        self.link.receive({"client": "me", "seq": 1, **message})
        return self.sent[-1][0]


def edit(**changes: object) -> dict:
    return {
        "kind": "edit", "gesture": 1, "final": True, "component": 0,
        "dims": [0, 1], "mean": [1.0, 2.0], **changes,
    }  # fmt: skip


def test_an_edit_is_done_and_acknowledged():
    table = Table()
    answer = table.send(**edit())
    assert answer["kind"] == "ack"
    assert answer["error"] is None
    assert table.session.state.mixture.means[0].tolist() == [1.0, 2.0]
    assert table.link.acks == {"me": 1}


def test_the_last_numbers_of_so_many_views_travel_and_no_more():
    """They are sent with every state, so that views which come and go must not pile up."""
    table = Table()
    for i in range(3 * MAX_CLIENTS):
        table.link.receive({"client": f"view {i}", "seq": 1, **edit(gesture=i)})
    assert len(table.link.acks) == MAX_CLIENTS
    table.link.receive({"client": "view 40", "seq": 9, **edit(gesture=99)})
    assert list(table.link.acks.items())[-1] == ("view 40", 9)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"kind": "sing"}, "unknown kind of message 'sing'"),
        ({"component": -1}, "'component'"),
        ({"component": 1.5}, "'component'"),
        ({"component": True}, "'component'"),
        ({"dims": [0, 1, 2]}, "'dims'"),
        ({"dims": "01"}, "'dims'"),
        ({"mean": [1.0]}, "'mean' must be 2 finite numbers"),
        ({"mean": [math.nan, 0]}, "'mean'"),
        ({"mean": [1e305, 0]}, "'mean'"),
        ({"mean": ["1", 0]}, "'mean'"),
        ({"covariance": [[1, 0]]}, "'covariance' must be a list of 2 rows"),
        ({"covariance": [[1, 0], [0, math.inf]]}, "'covariance'"),
        ({"covariance": [[1, 2], [2, 1]]}, "positive"),
        ({"weight": -0.5}, "weight"),
        ({"final": 1}, "'final'"),
        ({"component": 40}, "no component AO"),
        ({"kind": "command", "name": "rm"}, "unknown command 'rm'"),
        ({"kind": "command", "name": "run", "args": {"n": 1}}, "takes the arguments"),
        ({"kind": "command", "name": "set_n_components", "args": {"n": 10**9}}, "'n'"),
        ({"kind": "command", "name": "set_covariance_type", "args": {"name": "x" * 99}}, "1 to 40"),
        ({"kind": "command", "name": "merge", "args": {"components": [1]}}, "length 2"),
        ({"kind": "command", "name": "lock", "args": {"component": 0, "on": 1}}, "on"),
    ],
)
def test_a_bad_message_is_answered_with_the_field_and_changes_nothing(changes, field):
    table = Table()
    before = table.session.state.mixture
    answer = table.send(**edit(**changes))
    assert answer["error"][0] == "refused"
    assert field in answer["error"][1]
    assert table.session.state.mixture == before


def test_a_message_of_nobody_is_dropped():
    table = Table()
    for message in (None, 3, {}, {"client": "x" * 65, "seq": 1}, {"client": "me", "seq": "1"}):
        table.link.receive(message)
    assert table.sent == []


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4)
    ),
    max_leaves=8,
)
fields = [
    "kind", "client", "seq", "component", "dims", "mean", "covariance", "weight",
    "final", "gesture", "name", "args", "data_rev", "index",
]  # fmt: skip


@settings(max_examples=500)
@given(st.dictionaries(st.sampled_from(fields), json_values), st.sampled_from([*incoming.COMMANDS]))
def test_no_message_breaks_the_session(noise, name):
    table = Table()
    base = {"kind": "command", "name": name, "args": {}, "client": "me", "seq": 1}
    for message in (noise, {**base, **noise}, {**edit(), "client": "me", "seq": 1, **noise}):
        table.link.receive(message)
    mixture = table.session.state.mixture
    assert np.isfinite(mixture.means).all()
    assert abs(mixture.weights.sum() - 1) < 1e-9


def test_chunks_keep_two_ahead_and_rebuild_the_points():
    rng = np.random.default_rng(1)
    values = rng.normal([1e6, -3], [5, 0.1], size=(3 * CHUNK_ROWS + 7, 2))
    session = new_session()
    sent: list[tuple[dict, list]] = []
    driver = Driver(session, lambda at_rest: None, lambda problem: None)
    plane = Plane(values, (0, 1), 1)
    link = Connection(driver, plane, lambda *message: sent.append(message), lambda *_: None)

    def data() -> list[tuple[dict, list]]:
        return [s for s in sent if s[0]["kind"] == "data"]

    link.receive({"kind": "hello", "client": "v", "seq": 1, "data_rev": -1})
    assert len(data()) == 2
    for i in range(4):
        ack = {"kind": "data_ack", "client": "v", "seq": 2 + i, "data_rev": 1, "index": i}
        link.receive(ack)
        assert len(data()) == min(4, 3 + i)
    got = np.concatenate([np.frombuffer(b[0], np.float32).reshape(-1, 2) for _, b in data()])
    back = got.astype(float) * plane.scale + plane.origin
    np.testing.assert_allclose(back, values, rtol=0, atol=2e-7 * max(plane.scale))


def test_a_view_that_holds_the_points_gets_none():
    table = Table()
    table.send(kind="hello", data_rev=1)
    assert [content["kind"] for content, _ in table.sent] == ["ack"]


def test_the_preview_holds_every_point_on_the_grid():
    plane = Plane(three_clusters(60), (0, 1), 1)
    preview = plane.preview()
    quantised = np.frombuffer(preview["counts"], np.uint8) / 255
    counts = np.rint(np.expm1(quantised * np.log1p(preview["max"])))
    assert counts.sum() == 60


def test_counts_of_a_region_are_those_of_numpy_and_travel_packed():
    table = Table()
    extent, shape = [-1.0, 7.5, -2.0, 5.0], [17, 9]
    table.link.receive({
        "kind": "region", "client": "me", "seq": 1, "data_rev": 1, "extent": extent, "shape": shape,
    })  # fmt: skip
    content, buffers = next(s for s in table.sent if s[0]["kind"] == "grid")
    assert (content["extent"], content["shape"]) == (extent, shape)
    counts = np.frombuffer(zlib.decompress(buffers[0]), "<u4").reshape(9, 17)
    points = three_clusters(60)
    expected, _, _ = np.histogram2d(
        points[:, 1], points[:, 0], bins=(9, 17), range=(extent[2:], extent[:2])
    )
    assert counts.tolist() == expected.tolist()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"shape": [4000, 2]}, "'shape'"),
        ({"shape": 4}, "'shape'"),
        ({"extent": [1, 0, 0, 1]}, "'extent'"),
        ({"extent": [0, 1, 0]}, "'extent'"),
    ],
)
def test_a_region_is_bounded_before_anything_is_allocated(changes, field):
    base = {"kind": "region", "data_rev": 1, "extent": [0, 1, 0, 1], "shape": [4, 4]}
    assert field in Table().send(**{**base, **changes})["error"][1]


def test_too_many_points_travel_as_counts(monkeypatch):
    monkeypatch.setattr(plane, "MOST_POINTS", 59)
    table = Table()
    table.send(kind="hello", data_rev=-1)
    assert [content["kind"] for content, _ in table.sent] == ["ack"]

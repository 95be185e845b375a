"""Ten thousand messages made up by Hypothesis: no exception escapes, and the state stays sound."""

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from session_help import new_session, three_clusters

from gmm_widget.protocol.connection import Connection
from gmm_widget.protocol.history_view import describe_trace
from gmm_widget.protocol.incoming import COMMANDS
from gmm_widget.runtime.driver import Driver
from gmm_widget.session.plane import Plane

MESSAGES = 10_000
A_CASE = 40  # messages to one session

numbers = st.integers(-3, 12) | st.floats(-1e3, 1e3) | st.sampled_from([2**53, -1e308, 1e-308])
leaves = st.none() | st.booleans() | numbers | st.floats() | st.text(max_size=6)
values = leaves | st.lists(leaves, max_size=4) | st.lists(st.lists(numbers, max_size=3), max_size=3)
arguments = st.dictionaries(
    st.sampled_from([*sorted(set().union(*(c.allowed for c in COMMANDS.values()))), "x"]),
    values,
    max_size=3,
)
fields = st.sampled_from([
    "kind", "client", "seq", "component", "dims", "mean", "covariance", "weight", "final",
    "gesture", "name", "args", "data_rev", "index", "extent", "shape", "starts", "base_rev",
])  # fmt: skip
mostly_right = st.one_of(
    st.fixed_dictionaries({
        "kind": st.just("edit"), "gesture": st.integers(0, 2), "final": st.booleans(),
        "component": st.integers(0, 5), "dims": st.just([0, 1]),
        "mean": st.lists(numbers, min_size=2, max_size=2),
    }),
    st.fixed_dictionaries({
        "kind": st.just("command"), "name": st.sampled_from(sorted(COMMANDS)), "args": arguments,
    }),
    st.fixed_dictionaries({
        "kind": st.just("region"), "data_rev": st.integers(0, 2),
        "extent": st.lists(numbers, min_size=4, max_size=4),
        "shape": st.lists(st.integers(0, 9), min_size=2, max_size=2),
    }),
    st.fixed_dictionaries({"kind": st.sampled_from(["hello", "data_ack", "search", "turn"])}),
)  # fmt: skip
messages = st.tuples(
    mostly_right,
    st.dictionaries(fields, values, max_size=2),
    st.sampled_from(["one", "two", "", None]),
    st.integers(-1, 9),
).map(lambda parts: {"client": parts[2], "seq": parts[3], **parts[0], **parts[1]})


def _shown(plane: Plane, preview: dict) -> None:
    """Nobody looks."""


def test_ten_thousand_messages_leave_a_sound_state():
    told = 0

    @settings(
        max_examples=MESSAGES // A_CASE,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.lists(messages | values, min_size=A_CASE, max_size=A_CASE))
    def survives(batch: list) -> None:
        nonlocal told
        session = new_session(n=40)
        sent: list[dict] = []
        driver = Driver(session, lambda idle: None, lambda problem: None)
        plane = Plane(three_clusters(40), (0, 1), 1)
        link = Connection(driver, plane, lambda content, buffers: sent.append(content), _shown)
        for message in batch:
            link.receive(message)
            told += 1
        state = session.state
        assert np.isfinite(state.mixture.means).all()
        assert abs(state.mixture.weights.sum() - 1) < 1e-9
        assert len(set(state.ids)) == state.mixture.n_components == len(state.locks.means)
        trace = describe_trace(session.history)
        assert trace["position"] in trace["id"]
        assert len(link.acks) <= 16

    survives()
    assert told >= MESSAGES

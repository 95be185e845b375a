"""The tree of history: any entry can be gone back to, branches stay, and it is bounded."""

import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from session_help import new_session, poor_start, three_clusters

from gmm_widget import GMMWidget
from gmm_widget.protocol.history_view import MAX_SHOWN, MAX_VALUES, describe_trace
from gmm_widget.protocol.incoming import parse
from gmm_widget.session import history as history_file
from gmm_widget.session.history_table import MAX_ROWS


def moved(session, x):
    session.edit("place", component=0, mean=[x, 0.0])
    return session.history.position


def test_every_entry_of_every_branch_can_be_gone_to_exactly():
    session = new_session()
    seen = {0: session.state.mixture}
    for x in (1.0, 2.0):
        entry = moved(session, x)
        seen[entry] = session.state.mixture
    session.undo()
    session.undo()
    entry = moved(session, 3.0)
    seen[entry] = session.state.mixture
    for entry in (2, 0, 3, 1):
        session.jump(entry)
        assert session.state.mixture == seen[entry]
    session.redo()
    assert session.state.mixture == seen[2], "redo follows the branch that was jumped to"
    assert [e.parent for e in session.history.entries.values()] == [None, 0, 1, 0]


def test_a_jump_to_nowhere_says_so_and_changes_nothing():
    session = new_session()
    before = session.state
    with pytest.raises(ValueError, match="no entry 7"):
        session.jump(7)
    assert session.state is before


def test_words_name_components_by_letter():
    w = GMMWidget(three_clusters(), 3, mixture=poor_start())
    w.place("B", mean=[1.0, 1.0])
    w.split("C")
    w.lock("A", "mean")
    w.merge("A", "B")
    w.covariance_type = "tied"
    w.step(2)
    assert [record.label for record in w.history] == [
        "start", "moved B", "split C", "locked A (mean)", "merged A and B", "full to tied",
        "EM step", "EM step",
    ]  # fmt: skip
    assert [record.by_hand for record in w.history] == [False, *[True] * 5, False, False]


def test_a_run_is_told_with_its_steps():
    session = new_session()
    session.fit()
    assert str(session.history.present.label) == f"run of {session.state.steps:,} EM steps"


@given(st.lists(st.sampled_from(["move", "undo", "redo", "jump"]), max_size=60), st.integers(3, 12))
@settings(max_examples=60)
def test_a_bounded_tree_stays_a_tree(acts, room):
    session = new_session(n=20)
    history = session.history
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(history_file, "_max_entries", lambda state: room)
        for i, act in enumerate(acts):
            if act == "move":
                moved(session, float(i))
            elif act == "undo" and history.can_undo:
                session.undo()
            elif act == "redo" and history.can_redo:
                session.redo()
            elif act == "jump":
                session.jump(list(history.entries)[i % len(history.entries)])
            assert len(history.entries) <= room
            assert history.path(history.position)[0] == 0
            for entry in history.entries.values():
                assert entry.parent in history.entries or entry.id == 0
            branch = history.branch()
            assert history.position in branch
            assert len(set(branch)) == len(branch)


def test_a_thousand_entries_stay_small():
    session = new_session(n=50)
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    for i in range(1000):
        moved(session, i / 1000)
        session.evaluate()
    grown = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    assert len(session.history.entries) == 1001
    assert grown < 5e6
    trace = describe_trace(session.history)
    assert len(trace["id"]) == MAX_SHOWN
    assert len(str(trace)) < 25_000


def test_what_travels_is_bounded_and_rows_agree():
    session = new_session()
    session.fit()
    for branch in range(30):
        session.jump(1)
        for x in range(branch % 12):
            moved(session, float(x))
    trace = describe_trace(session.history)
    rows = {len(trace[key]) for key in ("id", "parent", "cause", "label", "values")}
    assert len(rows) == 1
    assert rows.pop() <= MAX_SHOWN
    assert sum(map(len, trace["values"])) <= MAX_VALUES + MAX_SHOWN
    assert set(trace["parent"]) <= {None, *trace["id"]}
    assert trace["position"] in trace["id"][: trace["branch"]]
    assert trace["id"][: trace["branch"]] == session.history.branch()


def test_history_in_python_is_a_table():
    w = GMMWidget(three_clusters(), 3, mixture=poor_start())
    w.place("B", mean=[1.0, 1.0])
    w.undo()
    w.step()
    history = w.history
    assert len(history) == 3
    assert history[-1].present
    assert history[2].parent == 0
    assert history[2].log_likelihood == w.log_likelihood
    frame = history.to_frame()
    assert frame.index.tolist() == [0, 1, 2]
    assert frame.loc[1, "label"] == "moved B"
    assert "moved B" in history._repr_html_()
    assert history._repr_html_().count("<tr>") == 4
    assert repr(history).count("\n") == 3
    w.jump(1)
    assert w.mixture.means[1].tolist() == [1.0, 1.0]
    assert w._trace["position"] == 1


def test_a_long_table_shows_its_end_and_says_what_it_leaves_out():
    w = GMMWidget(np.eye(2).repeat(3, axis=0), 1)
    for i in range(MAX_ROWS + 9):
        w.place("A", mean=[float(i), 0.0])
    assert "(10 earlier entries" in repr(w.history)
    assert w.history._repr_html_().count("<tr>") == MAX_ROWS + 1


@pytest.mark.parametrize("entry", [-1, 1.5, "1", None, True, 2**60])
def test_a_jump_from_the_browser_is_checked(entry):
    with pytest.raises(ValueError, match="'entry'"):
        parse({
            "kind": "command", "name": "jump", "args": {"entry": entry}, "client": "me", "seq": 1,
        })  # fmt: skip

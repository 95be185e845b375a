"""History: undo is exact, branches are kept, frames of one gesture are one entry."""

from contextlib import suppress
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from session_help import new_session

from gmm_widget.core.errors import CollapseError


def test_undo_returns_the_exact_previous_mixture():
    session = new_session()
    before = session.state.mixture
    session.step()
    after = session.state.mixture
    assert after != before
    session.undo()
    assert session.state.mixture == before
    session.redo()
    assert session.state.mixture == after


def test_nothing_to_undo_or_redo_says_so():
    session = new_session()
    with pytest.raises(ValueError, match="nothing to undo"):
        session.undo()
    with pytest.raises(ValueError, match="nothing to redo"):
        session.redo()


def test_frames_of_one_gesture_are_one_entry():
    session = new_session()
    start = session.state.mixture
    for x in (1.0, 2.0, 3.0):
        session.edit("place", gesture=("me", 1), component=0, mean=[x, 0.0])
    assert session.state.mixture.means[0].tolist() == [3.0, 0.0]
    session.undo()
    assert session.state.mixture == start


def test_two_gestures_are_two_entries():
    session = new_session()
    session.edit("place", gesture=("me", 1), component=0, mean=[1.0, 0.0])
    session.edit("place", gesture=("me", 2), component=0, mean=[2.0, 0.0])
    session.undo()
    assert session.state.mixture.means[0].tolist() == [1.0, 0.0]


def test_an_undone_branch_is_kept_in_the_tree():
    session = new_session()
    session.edit("place", component=0, mean=[1.0, 0.0])
    lost = session.state.mixture
    session.undo()
    session.edit("place", component=0, mean=[2.0, 0.0])
    assert any(entry.state.mixture == lost for entry in session.history.entries.values())
    assert not session.history.can_redo


def test_a_run_is_one_entry_with_its_trace():
    session = new_session()
    entries = len(session.history.entries)
    session.fit()
    assert len(session.history.entries) == entries + 1
    trace = session.history.present.trace
    assert trace[-1] == session.state.log_likelihood
    assert all(b >= a - 1e-9 * abs(a) for a, b in pairwise(trace))


@given(st.lists(st.sampled_from(["move", "step", "undo", "redo"]), max_size=25))
def test_undoing_everything_leads_back_to_the_start_and_redoing_to_the_end(acts):
    session = new_session(n=30)
    start = session.state.mixture
    for i, act in enumerate(acts):
        if act == "move":
            session.edit("place", component=i % 3, mean=[float(i), 1.0])
        elif act == "step":
            with suppress(CollapseError):  # a component was moved away from all points
                session.step()
        elif act == "undo" and session.history.can_undo:
            session.undo()
        elif act == "redo" and session.history.can_redo:
            session.redo()
    end = session.state.mixture
    depth = 0
    while session.history.can_undo:
        session.undo()
        depth += 1
    assert session.state.mixture == start
    for _ in range(depth):
        session.redo()
    assert session.state.mixture == end


def test_a_gesture_that_is_taken_back_leaves_no_entry():
    session = new_session()
    start = session.state
    where = start.mixture.means[0]
    session.edit("place", gesture=("me", 1), component=0, mean=[5.0, 5.0])
    session.edit("place", gesture=("me", 1), component=0, mean=where)
    assert session.state is start
    assert not session.history.can_undo

"""Walking inside a run: one entry moves along, undo takes the walk back, what was done stays."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from session_help import new_session, poor_start, three_clusters

from gmm_widget import GMMWidget
from gmm_widget.protocol.history_view import describe_trace
from gmm_widget.session.session import Session


def ran() -> Session:
    session = new_session()
    session.fit()
    return session


def entries(session: Session) -> list[tuple[str, int, bool]]:
    """Each entry: its cause, the EM steps at its end, and whether it is the current one."""
    history = session.history
    return [(e.cause, e.state.steps, e is history.present) for e in history.entries.values()]


def back(session: Session) -> None:
    """One step back, as the button asks for it."""
    shown = describe_trace(session.history)
    row = shown["id"].index(shown["position"])
    inside = shown["steps"][row][-2:-1] if shown["position"] in shown["kept"] else []
    session.jump(shown["position"] if inside else shown["parent"][row], *inside)


def forward(session: Session) -> None:
    """One step forward along the branch, as the button asks for it."""
    shown = describe_trace(session.history)
    ahead = shown["id"].index(shown["position"]) + 1
    inside = shown["steps"][ahead][:1] if shown["id"][ahead] in shown["kept"] else []
    session.jump(shown["id"][ahead], *inside)


def test_ten_steps_back_move_one_entry_and_undo_takes_them_back_at_once():
    session = ran()
    history, end = session.history, session.state
    whole = dict(history.entries)
    places = set()
    for taken in range(1, 11):
        back(session)
        assert session.state.steps == end.steps - taken
        assert entries(session) == [
            ("start", 0, False),
            ("run", end.steps - taken, True),
            ("run", end.steps, False),
        ]
        places.add(history.position)
    assert len(places) == 1, "an entry that moves is the same entry"
    session.undo()
    assert session.state is end
    assert history.entries == whole, "the run is whole again"
    session.redo()
    assert session.state.steps == end.steps - 10, "and the walk can be done again"
    session.undo()
    assert session.state is end
    session.undo()
    assert session.state.steps == 0


def test_steps_forward_move_the_same_entry_and_at_the_end_it_is_gone():
    session = ran()
    history, whole = session.history, dict(session.history.entries)
    for _ in range(3):
        back(session)
    forward(session)
    end = whole[history.branch()[-1]].state.steps
    assert entries(session) == [("start", 0, False), ("run", end - 2, True), ("run", end, False)]
    forward(session)
    forward(session)
    assert history.entries == whole
    assert entries(session) == [("start", 0, False), ("run", end, True)]
    session.jump(0)
    forward(session)
    assert session.state.steps == 1
    forward(session)
    assert session.state.steps == 2
    session.undo()
    assert session.state.steps == 0, "where this walk began"
    assert history.entries == whole


def test_walking_out_at_the_beginning_leaves_the_run_whole():
    session = ran()
    whole = dict(session.history.entries)
    session.jump(1, 2)
    back(session)
    back(session)
    assert session.history.position == 0
    assert session.history.entries == whole
    session.redo()
    assert session.state is whole[1].state


def test_what_is_done_at_a_step_keeps_its_place():
    session = ran()
    end, run = session.state, session.history.position
    session.jump(run, 6)
    session.edit("place", component=0, mean=[1.0, 1.0])
    edited, edit = session.state, session.history.position
    session.undo()
    for _ in range(3):
        back(session)
    parts = [("start", 0, False), ("run", 3, True), ("run", 6, False), ("run", end.steps, False)]
    assert entries(session) == [*parts, ("place", 6, False)]
    session.jump(edit)
    assert session.state is edited
    session.undo()
    assert session.state.steps == 6
    session.jump(run)
    assert session.state is end
    parts = [("start", 0, False), ("run", 6, False), ("run", end.steps, True)]
    assert entries(session) == [*parts, ("place", 6, False)]


def test_an_e_step_is_something_done():
    session = ran()
    session.jump(1, 6)
    session.e_step()
    back(session)
    assert session.state.steps == 5
    session.jump(2)
    assert session.state.phase == "e"


def test_a_figure_that_was_worked_out_on_the_way_stays_with_its_step():
    session = ran()
    session.jump(1, 4)
    session.evaluate()
    known = session.state
    session.undo()
    assert session.history.present.state_at(4) is known


@pytest.mark.parametrize("step", [99_999, 0])
def test_a_step_that_there_is_not_changes_nothing(step):
    session = ran()
    session.jump(1, 6)
    before, state = dict(session.history.entries), session.state
    with pytest.raises(ValueError, match="no stored state"):
        session.jump(2, step)
    assert session.history.entries == before
    assert session.state is state


def test_one_walk_ends_where_another_begins():
    session = ran()
    first, end = session.history.position, session.state.steps
    session.edit("place", component=0, mean=[1.0, 1.0])
    session.fit()
    second, other = session.history.position, session.state
    whole = dict(session.history.entries)
    session.jump(first, 6)
    assert entries(session)[1:3] == [("run", 6, True), ("run", end, False)]
    session.jump(second, 2)
    causes = [(cause, here) for cause, _, here in entries(session)]
    parts = [("run", True), ("run", False)]
    assert causes == [("start", False), ("run", False), ("place", False), *parts]
    session.undo()
    assert session.state.steps == 6
    session.jump(second)
    assert session.state is other
    assert session.history.entries == whole


@given(st.lists(st.tuples(st.sampled_from("burfejs"), st.integers(0, 30)), max_size=40))
@settings(max_examples=60, deadline=None)
def test_whatever_is_walked_nothing_that_was_done_is_lost(acts):
    session, done = ran(), {}
    history = session.history
    for act, i in acts:
        ids = list(history.entries)
        if act == "b" and history.present.parent is not None:
            back(session)
        elif act == "f" and history.branch()[-1] != history.position:
            forward(session)
        elif act == "u" and history.can_undo:
            session.undo()
        elif act == "r" and history.can_redo:
            session.redo()
        elif act == "e":
            session.edit("place", component=0, mean=[float(i), float(len(done))])
            done[history.position] = session.state
        elif act == "j":
            session.jump(ids[i % len(ids)])
        elif act == "s":
            entry = history.entries[ids[i % len(ids)]]
            steps = [p.steps - entry.steps_before for p in entry.step_records]
            session.jump(entry.id, *steps[i % len(steps) : i % len(steps) + 1] if steps else [])
        assert all(history.entries[id].state is state for id, state in done.items())
        run = [e for e in history.entries.values() if e.cause == "run"]
        assert sorted(p.steps for e in run for p in e.step_records) == [
            *range(1, len(run[-1].trace) + run[-1].steps_before + 1)
        ]
        assert len(run) <= len(done) + 2
        assert all(
            e.parent is None or e.parent in history.entries for e in history.entries.values()
        )
        branch = history.branch()
        assert history.position in branch
        assert len(set(branch)) == len(branch)


def test_python_walks_and_comes_back():
    w = GMMWidget(three_clusters(), 3, mixture=poor_start())
    w.run()
    end = w.mixture
    w.jump(1, step=5)
    w.jump(w.history[1].id, step=3)
    assert len(w.history) == 3
    w.undo()
    assert w.mixture == end
    assert w._fit["can_redo"]
    assert [r.label for r in w.history] == ["start", f"run of {w._fit['steps']} EM steps"]

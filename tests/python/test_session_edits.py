"""Acts: components keep their identity, structures are obeyed, bad acts change nothing."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from session_help import new_session

from gmm_widget.core.mixture import Mixture
from gmm_widget.core.structure import STRUCTURES, structure
from gmm_widget.session import edits
from gmm_widget.session.state import State, letter


def test_letters():
    assert [letter(i) for i in (0, 25, 26, 27, 701, 702)] == ["A", "Z", "AA", "AB", "ZZ", "AAA"]


def test_the_others_keep_their_letters_when_one_is_deleted_and_a_new_one_takes_the_free_letter():
    session = new_session()
    c = session.state.mixture.means[2]
    session.edit("delete", component=1)
    assert session.state.ids == (0, 2)
    assert session.state.mixture.means[1].tolist() == c.tolist()
    session.edit("add", mean=[5.0, 5.0])
    assert session.state.ids == (0, 2, 1)


def test_locks_follow_their_component():
    session = new_session()
    session.edit("lock", component=2, what="mean")
    session.edit("delete", component=0)
    assert session.state.locks.means.tolist() == [False, True]


def test_a_locked_mean_stays_through_em():
    session = new_session()
    session.edit("lock", component=1, what="mean")
    held = session.state.mixture.means[1].tolist()
    session.step(5)
    assert session.state.mixture.means[1].tolist() == held
    session.edit("lock", component=1, what="mean", on=False)
    session.step(5)
    assert session.state.mixture.means[1].tolist() != held


@pytest.mark.parametrize(
    ("name", "args", "message"),
    [
        ("delete", {"component": 7}, "no component H"),
        ("place", {"component": 0, "mean": [0.0, 0.0], "dims": [0, 5]}, "dims must be"),
        ("place", {"component": 0, "covariance": [[1.0, 2.0], [2.0, 1.0]]}, "positive"),
        ("merge", {"components": [1, 1]}, "two different"),
        ("set_n_components", {"n": 0}, "1 to 200"),
        ("set_covariance_type", {"name": "round"}, "spherical"),
        ("lock", {"component": 0, "what": "colour"}, "what must be"),
    ],
)
def test_a_bad_act_says_why_and_changes_nothing(name, args, message):
    session = new_session()
    before, rev = session.state, session.rev
    with pytest.raises(ValueError, match=message):
        session.edit(name, **args)
    assert session.state is before
    assert session.rev == rev


def test_the_last_component_stays():
    session = new_session()
    session.edit("set_n_components", n=1)
    with pytest.raises(ValueError, match="last component"):
        session.edit("delete", component=session.state.ids[0])


acts_strategy = st.lists(
    st.one_of(
        st.tuples(st.just("place"), st.floats(-5, 5), st.floats(0.1, 5)),
        st.tuples(st.just("add"), st.floats(-5, 5), st.floats(-5, 5)),
        st.tuples(st.just("split"), st.just(0.0), st.just(0.0)),
        st.tuples(st.just("delete"), st.just(0.0), st.just(0.0)),
        st.tuples(st.just("count"), st.integers(1, 6).map(float), st.just(0.0)),
    ),
    max_size=8,
)


@pytest.mark.parametrize("kind", list(STRUCTURES))
@given(history=acts_strategy)
def test_after_any_history_the_mixture_obeys_its_structure(kind, history):
    session = new_session(kind, n=30)
    session.edit("set_covariance_type", name=kind)
    for name, a, b in history:
        first = session.state.ids[0]
        if name == "place":
            session.edit("place", component=first, mean=[a, b], covariance=[[b, 0], [0, 2 * b]])
        elif name == "add":
            session.edit("add", mean=[a, b])
        elif name == "split":
            session.edit("split", component=first)
        elif name == "delete" and len(session.state.ids) > 1:
            session.edit("delete", component=first)
        elif name == "count":
            session.edit("set_n_components", n=int(a))
    state = session.state
    assert len(state.ids) == len(set(state.ids)) == state.mixture.n_components
    assert obeys(kind, state.mixture.covariances)
    assert abs(state.mixture.weights.sum() - 1) < 1e-12


def obeys(kind: str, covariances: np.ndarray) -> bool:
    diagonal = covariances * np.eye(covariances.shape[1])
    if kind == "tied":
        return bool(np.allclose(covariances, covariances[0], rtol=1e-12, atol=0))
    if kind == "diag":
        return bool((covariances == diagonal).all())
    if kind == "spherical":
        return bool(np.allclose(covariances, covariances[:, :1, :1] * np.eye(2), rtol=1e-12))
    return True


@pytest.mark.parametrize("dims", [(0, 1), (2, 0)])
def test_a_sphere_pulled_in_a_plane_has_the_radius_that_was_pulled(dims):
    """In more columns than two: it is not averaged with what it was in those unseen."""
    mixture = Mixture([0.5, 0.5], np.zeros((2, 4)), [np.eye(4), np.eye(4)])
    state = State.of(mixture, structure("spherical"))
    after = edits.place(state, component=0, dims=dims, covariance=9 * np.eye(2))
    np.testing.assert_allclose(after.mixture.covariances[0], 9 * np.eye(4))
    np.testing.assert_array_equal(after.mixture.covariances[1], np.eye(4))

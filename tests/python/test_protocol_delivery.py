"""Messages that are lost, doubled or out of order on the way are done once each, in order."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_protocol_connection import Table, edit

from gmm_widget.protocol.delivery import MAX_ANSWERS, MAX_CLIENTS, Delivery, Place


def line(n: int, /, **message: object) -> dict:
    return message | {"seq": 10 + n, "line": n, "oldest": 1}


def place(x: float) -> dict:
    return edit(mean=[x, 0.0], gesture=int(x))


def test_a_message_that_comes_twice_is_done_once_and_answered_twice():
    table = Table()
    split = {"kind": "command", "name": "split", "args": {"component": 0}}
    first = table.send(**line(1, **split))
    k = table.session.state.mixture.n_components
    again = table.send(**line(1, **split))
    assert (first["seq"], first["error"]) == (again["seq"], again["error"]) == (11, None)
    assert table.session.state.mixture.n_components == k


def test_the_error_of_a_message_is_repeated_with_its_answer():
    table = Table()
    wrong = {"kind": "command", "name": "split", "args": {"component": 99}}
    first = table.send(**line(1, **wrong))
    assert first["error"]
    assert table.send(**line(1, **wrong))["error"] == first["error"]


def test_what_comes_after_a_gap_waits_until_the_gap_is_filled():
    table = Table()
    table.send(**line(1, **place(1.0)))
    answer = table.send(**line(3, **place(3.0)))
    assert (answer["kind"], answer["line"]) == ("resend", 2)
    assert table.session.state.mixture.means[0][0] == 1.0
    table.send(**line(2, **place(2.0)))
    table.send(**line(3, **place(3.0)))
    assert table.session.state.mixture.means[0][0] == 3.0


def test_a_message_that_is_refused_leaves_no_gap():
    table = Table()
    assert table.send(**line(1, **(place(1.0) | {"component": -4})))["error"]
    table.send(**line(2, **place(2.0)))
    assert table.session.state.mixture.means[0][0] == 2.0


@settings(max_examples=100)
@given(seed=st.integers(0, 10_000), lost=st.floats(0, 0.8), doubled=st.floats(0, 0.5))
def test_over_any_line_each_is_done_once_and_in_order(seed, lost, doubled):
    """The law of go-back-n: the sender repeats all that is not answered until it is."""
    rng = random.Random(seed)
    delivery, done, unanswered = Delivery(), [], list(range(1, 21))
    for _ in range(5000):
        if not unanswered:
            break
        sent = [n for n in unanswered[:6] for _ in range(1 + (rng.random() < doubled))]
        rng.shuffle(sent)
        for n in sent:
            if rng.random() < lost:
                continue
            verdict = delivery.receive(
                "me", n, Place(n, unanswered[0] if unanswered else n)
            ).verdict
            if verdict == "new":
                done.append(n)
                delivery.answered("me", n, None)
            if verdict in ("new", "answered") and rng.random() >= lost and n in unanswered:
                unanswered.remove(n)
    assert done == list(range(1, 21))
    assert not unanswered


def test_what_is_remembered_is_bounded():
    delivery = Delivery()
    for i in range(3 * MAX_CLIENTS):
        delivery.receive(f"view {i}", 1, Place(1, 1))
    for n in range(2, 3 * MAX_ANSWERS):
        delivery.receive("view 191", n, Place(n, n))
        delivery.answered("view 191", n, None)
    assert len(delivery._clients) == MAX_CLIENTS
    assert len(delivery._clients["view 191"].answers) == MAX_ANSWERS


@pytest.mark.parametrize("number", [2**53, 2**60, -1, 1.5, True])
def test_a_number_that_a_browser_cannot_count_to_is_refused(number):
    """Beyond 2^53 - 1 two numbers may be the same in JavaScript, and an answer would be lost."""
    table = Table()
    table.link.receive({"client": "me", **place(1.0), "seq": number})
    assert table.sent == []
    assert table.link.acks == {}


def test_a_view_that_was_forgotten_goes_on_from_its_oldest_unanswered_message():
    table = Table()
    table.send(**(line(58, **place(2.0)) | {"oldest": 57}))
    assert table.sent[-1][0]["kind"] == "resend"
    table.send(**(line(57, **place(1.0)) | {"oldest": 57}))
    table.send(**(line(58, **place(2.0)) | {"oldest": 57}))
    assert table.session.state.mixture.means[0][0] == 2.0

"""Coded texts: every code makes words, whatever the values hold, and steps are counted."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gmm_widget import GMMWidget
from gmm_widget.datasets import old_faithful
from gmm_widget.session.coded_text import TEMPLATES, CodedText, letter

X = old_faithful(as_frame=True)


@pytest.mark.parametrize(
    ("code", "values", "words"),
    [
        ("merged", ((0, 27),), "merged A and AB"),
        ("locked_part", ((1,), "weight"), "locked B (weight)"),
        ("run", (1,), "run of 1 EM step"),
        ("resized", (2, 1), "2 to 1 component"),
        ("chosen", ("full", 3), "chose full, 3 components"),
        ("held", ((2,), 12345), "held C for 12,345 EM steps"),
        ("refused", ("a {reason} {x} of 50%",), "a {reason} {x} of 50%"),
    ],
)
def test_words(code, values, words):
    text = CodedText(code, values)
    assert str(text) == words
    assert json.loads(json.dumps(text.to_json()))[0] == code


@pytest.mark.parametrize("code", TEMPLATES)
def test_a_code_takes_as_many_values_as_it_has_slots(code):
    slots = TEMPLATES[code].count("{")
    words = str(CodedText(code, (7,) * slots))
    assert "{" not in words
    assert words.count("7") == slots
    with pytest.raises(ValueError, match=f"takes {slots} values"):
        CodedText(code, (7,) * (slots + 1))


@given(st.integers(0, 10**6))
def test_letters_are_a_numeral_of_26_digits_without_a_zero(component):
    number = 0
    for sign in letter(component):
        number = 26 * number + ord(sign) - ord("A") + 1
    assert number == component + 1


def test_a_label_names_what_was_done_for_python_and_as_a_code_for_the_views():
    w = GMMWidget(X, 2, random_state=0)
    w.split("A")
    w.lock("B", "mean")
    w.step(2)
    w.run()
    w.place("C", weight=0.2)
    w.n_components = 2
    words = [entry.label for entry in w.history]
    assert words[:5] == ["start", "split A", "locked B (mean)", "EM step", "EM step"]
    assert words[6:] == ["reweighed C", "3 to 2 components"]
    sent = w._trace["label"]
    assert sent[:3] == [["start"], ["split", [0]], ["locked_part", [1], "mean"]]
    assert sent[5][0] == "run"
    assert words[5] == f"run of {sent[5][1]:,} EM steps"

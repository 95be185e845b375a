"""Checks of exercises: they tell right from not yet, and never end a notebook."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from gmm_widget import GMMWidget
from gmm_widget.datasets import old_faithful
from gmm_widget.exercise import Verdict, reach, score

MEANS = {"A": [2.04, 54.5], "B": [4.29, 80.0]}


@pytest.fixture
def widget() -> GMMWidget:
    return GMMWidget(old_faithful(), 2, random_state=0)


def test_the_mark_is_reached_or_not(widget: GMMWidget) -> None:
    value = widget.log_likelihood
    assert reach(widget, value).passed
    verdict = reach(widget, value + 12.5)
    assert not verdict.passed
    assert "12.50 below the mark" in verdict.text


def test_steps_of_em_do_not_count_as_the_hand(widget: GMMWidget) -> None:
    """Unless they were taken back, which leaves them on another branch."""
    mark = widget.log_likelihood - 1e6
    for name, mean in MEANS.items():
        widget.place(name, mean=mean)
    assert reach(widget, mark, by_hand=True).passed
    widget.step()
    assert not reach(widget, mark, by_hand=True).passed
    assert reach(widget, mark).passed
    widget.undo()
    assert reach(widget, mark, by_hand=True).passed
    widget.place("A", mean=[2.0, 54.0])
    assert reach(widget, mark, by_hand=True).passed


def test_a_run_is_waited_for(widget: GMMWidget) -> None:
    """And so is a figure that has not been computed."""
    held = {"log_likelihood": 5.0, "bic": 5.0, "history": widget.history}
    busy = SimpleNamespace(running=True, **held)
    assert "running" in reach(busy, 0).text
    assert not score(busy, "bic", 9).passed
    unknown = SimpleNamespace(running=False, **held | {"log_likelihood": None, "bic": None})
    assert "run this cell again" in reach(unknown, 0).text
    assert not score(unknown, "bic", 9).passed


def test_scores_are_better_when_lower(widget: GMMWidget) -> None:
    for criterion in ("bic", "aic", "icl"):
        value = getattr(widget, criterion)
        assert score(widget, criterion, value + 1).passed
        assert not score(widget, criterion, value - 1).passed
    with pytest.raises(ValueError, match="'bic', 'aic' or 'icl'"):
        score(widget, "silhouette", 0)


def test_a_verdict_reads_as_text_and_as_html() -> None:
    assert repr(Verdict(True, "a < b")) == "Solved: a < b"
    assert repr(Verdict(False, "more")) == "Not yet: more"
    assert "a &lt; b" in Verdict(True, "a < b")._repr_html_()

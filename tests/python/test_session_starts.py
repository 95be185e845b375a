"""A search from many starts leaves the fit alone, can be called off, and its optima adopted."""

import asyncio
import json

import numpy as np
import pytest
from session_help import new_session, poor_start, three_clusters

from gmm_widget import GMMWidget
from gmm_widget.core.mixture import Mixture
from gmm_widget.runtime.background_restarts import BackgroundRestarts
from gmm_widget.search.outcomes import Outcome
from gmm_widget.session.restart_survey import MAX_STARTS, RestartSurvey, align, describe_survey


def test_every_start_is_told_and_the_fit_stays():
    w = GMMWidget(three_clusters(), 3, mixture=poor_start())
    before = w.mixture
    w.restart(8, random_state=1)
    survey = w.restarts
    assert w.mixture == before
    assert not survey.running
    assert {o.start for o in survey.outcomes} == set(range(8))
    heights = [found.optimum.log_likelihood for found in survey.optima]
    assert heights == sorted(heights, reverse=True)
    for found in survey.optima:
        total = found.mixture.log_density(three_clusters()).sum()
        np.testing.assert_allclose(total, found.optimum.log_likelihood, rtol=1e-10)
    assert w._survey == json.loads(json.dumps(w._survey))
    assert "optimum 0" in repr(survey)
    assert "<pre>" in survey._repr_html_()


def test_adopting_is_one_entry_and_can_be_undone():
    w = GMMWidget(three_clusters(), 3, mixture=poor_start())
    before = w.mixture
    w.restart(6, random_state=0)
    w.adopt()
    assert w.mixture == w.restarts.optima[0].mixture
    assert w.history[-1].label.startswith("adopted optimum 1 of")
    assert len(w.history) == 2
    w.undo()
    assert w.mixture == before
    with pytest.raises(ValueError, match="no optimum 99"):
        w.adopt(99)


def test_the_search_goes_on_beside_the_hand():
    async def play() -> None:
        w = GMMWidget(three_clusters(3000), 3, mixture=poor_start())
        w.restart(12, random_state=0)
        assert w._survey["running"]
        w.place("A", mean=[1.0, 1.0])
        assert w.mixture.means[0].tolist() == [1.0, 1.0]
        await w.settled()
        assert not w._survey["running"]
        assert w.mixture.means[0].tolist() == [1.0, 1.0]
        assert w._survey["optima"]
        w.close()
        await asyncio.sleep(0.01)
        assert asyncio.all_tasks() == {asyncio.current_task()}

    asyncio.run(play())


def test_a_search_is_called_off_and_another_begun():
    async def play() -> None:
        w = GMMWidget(three_clusters(20_000), 3, mixture=poor_start())
        w.restart(100, random_state=0)
        w.cancel_restart()
        assert not w._survey["running"]
        w._connection.receive({"kind": "search", "client": "me", "seq": 1, "starts": 2})
        await asyncio.sleep(0)
        assert w._survey["n"] == 2
        await w.settled()
        assert not w._survey["running"]
        assert len({o.start for o in w.restarts.outcomes}) == 2
        w.data = three_clusters(50)
        assert w._survey == {"n": 0}
        w.close()

    asyncio.run(play())


@pytest.mark.parametrize("n", [0, -1, 101, 1.5, True, "9"])
def test_the_number_of_starts_is_bounded(n):
    scout = BackgroundRestarts(new_session(), lambda: None)
    with pytest.raises(ValueError, match="1 to 100"):
        scout.start(n)


def test_a_search_that_can_not_begin_says_why():
    w = GMMWidget(np.array([[0.0, 0.0], [1.0, 1.0], [2.0, 0.5]]), 2, random_state=0)
    w.mixture = Mixture([0.2] * 5, np.random.default_rng(0).normal(size=(5, 2)), [np.eye(2)] * 5)
    w.restart(3)
    assert not w._survey["running"]
    assert "distinct" in w._survey["problem"]


def test_what_travels_is_bounded():
    outcome = Outcome(0, "random", "failed", None, float("nan"), 0.0, 3, None, "x" * 999)
    survey = RestartSurvey(MAX_STARTS, 2, "full", outcomes=(outcome,) * 1000)
    told = describe_survey(survey)
    assert len(told["starts"]) == 2 * MAX_STARTS
    assert told["starts"][0] == {
        "log_likelihood": None, "status": "failed", "optimum": None, "reason": "x" * 200,
    }  # fmt: skip


def test_components_are_put_in_the_order_of_the_fit():
    rng = np.random.default_rng(3)
    mixture = Mixture([0.1, 0.2, 0.3, 0.4], rng.normal(size=(4, 2)) * 9, [np.eye(2)] * 4)
    order = [2, 0, 3, 1]
    mixed = Mixture(mixture.weights[order], mixture.means[order], mixture.covariances[order])
    assert align(mixed, mixture) == mixture

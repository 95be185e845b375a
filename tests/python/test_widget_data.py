"""The rows under a fit stay those that its figures were computed from, whoever writes into them."""

import asyncio

import numpy as np
import pandas as pd
import pytest
from session_help import poor_start, three_clusters

from gmm_widget import GMMWidget
from gmm_widget.session import create


def new_widget(data, **options):
    return GMMWidget(data, 3, mixture=poor_start(), **options)


def figures_are_those_of(w, rows, weight=1.0):
    expected = np.sum(weight * w.mixture.log_density(rows))
    np.testing.assert_allclose(w.log_likelihood, expected, rtol=1e-12)


@pytest.mark.parametrize("kind", [np.float64, np.float32])
def test_writing_into_the_callers_array_changes_nothing(kind):
    x = three_clusters().astype(kind)
    rows, w = x.copy(), new_widget(x)
    x[0] = 1e3
    np.testing.assert_array_equal(w.data, rows)
    figures_are_those_of(w, rows)
    w.step()
    figures_are_those_of(w, rows)


def test_writing_into_a_data_frame_or_weights_changes_nothing():
    x, weight = three_clusters(), np.linspace(0.5, 1.5, 300)
    frame = pd.DataFrame(x.copy(), columns=["a", "b"])
    kept, w = weight.copy(), new_widget(frame, sample_weight=weight)
    frame.iloc[0, 0] = 1e3
    weight[:] = 7.0
    w.step()
    figures_are_those_of(w, x, kept)
    np.testing.assert_array_equal(w.sample_weight, kept)


def test_data_that_replace_others_are_a_copy_too():
    w, x, weight = new_widget(three_clusters()), three_clusters(60), np.ones(60)
    rows = x.copy()
    w.set_data(x, weight)
    x[:], weight[:] = 0.0, 2.0
    np.testing.assert_array_equal(w.data, rows)
    np.testing.assert_array_equal(w.sample_weight, np.ones(60))
    w.step()
    figures_are_those_of(w, rows)


def test_the_rows_of_a_widget_cant_be_written_to():
    w = new_widget(three_clusters())
    with pytest.raises(ValueError, match="read-only"):
        w.data[0] = 0.0
    with pytest.raises(ValueError, match="WRITEABLE"):
        w.data.flags.writeable = True


def test_large_data_are_no_copy_and_writing_into_them_is_noticed(monkeypatch):
    monkeypatch.setattr(create, "MAX_COPIED_BYTES", 0)
    x = three_clusters()
    w = new_widget(x)
    assert np.shares_memory(w.data, x)
    before = w.log_likelihood
    x[0] = 1e3
    for act in (w.step, w.m_step, lambda: w.place("A", mean=[0.0, 1.0])):
        with pytest.raises(ValueError, match=r"written into .* set_data"):
            act()
        assert w.log_likelihood in (before, None), "no figure of a mixture of both data"
    w.set_data(x)
    w.step()
    figures_are_those_of(w, x)


def test_a_run_over_data_that_are_written_into_stops_and_says_why(monkeypatch):
    monkeypatch.setattr(create, "MAX_COPIED_BYTES", 0)

    async def play() -> None:
        x = three_clusters()
        w = new_widget(x)
        x[[0, 1]] = x[[1, 0]]
        w.run()
        await w.settled()
        assert "set_data" in str(w._connection.notice)
        assert not w.converged
        w.close()

    asyncio.run(play())


def test_searches_over_data_that_are_written_into_say_why(monkeypatch):
    monkeypatch.setattr(create, "MAX_COPIED_BYTES", 0)
    x = three_clusters()
    w = new_widget(x)
    x[5, 1] += 1e-9
    w.restart(2)
    assert "set_data" in w._session.survey.problem
    w.select([1, 2], "full", n_init=1)
    assert "set_data" in w._session.grid.problem
    assert not w.selection.cells

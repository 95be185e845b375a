"""What Python takes away from a widget is the very mixture: estimator, source, figures, JSON."""

import asyncio
import json
import math
import re
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from session_help import poor_start, three_clusters

from gmm_widget import GMMWidget
from gmm_widget.core.mixture import Mixture
from gmm_widget.report.palette import COLOURS, mixed
from gmm_widget.report.source import Fit, source

ROOT = Path(__file__).parents[2]


def new_widget(**options: object) -> GMMWidget:
    w = GMMWidget(three_clusters(), 3, mixture=poor_start(), **options)
    w.step(3)
    w.place("B", mean=[6.0, 0.5])
    return w


def run_source(text: str) -> dict:
    names: dict = {}
    exec(text, names)
    return names


def test_an_estimator_predicts_as_the_mixture_does():
    w, x = new_widget(), three_clusters()
    made = w.estimator()
    np.testing.assert_array_equal(made.predict_proba(x), w.mixture.responsibilities(x))
    np.testing.assert_array_equal(made.predict(x), w.mixture.responsibilities(x).argmax(axis=1))
    np.testing.assert_allclose(made.score(x) * len(x), w.log_likelihood, rtol=1e-12)
    np.testing.assert_allclose(made.bic(x), w.bic, rtol=1e-12)
    assert made.n_features_in_ == 2
    assert made.fit(x).score(x) >= w.log_likelihood / len(x)


def test_an_estimator_says_which_locks_are_lost():
    w = new_widget()
    w.lock("C", "mean")
    with pytest.warns(UserWarning, match="C's mean"):
        w.estimator()


@pytest.mark.parametrize("kind", ["full", "tied", "diag", "spherical"])
def test_executed_source_gives_the_same_bits_start_and_locks(kind):
    w = new_widget(covariance_type=kind)
    w.lock("A", "mean")
    w.lock("B")
    names = run_source(w.code())
    assert names["mixture"] == w.mixture
    assert names["start"] == w._session.history.entries[0].state.mixture
    again = names["widget"](three_clusters())
    assert again.mixture == w.mixture
    assert again.covariance_type == kind
    assert again._fit["locks"] == w._fit["locks"]
    w.step(4)
    again.step(4)
    assert again.mixture == w.mixture


@given(st.lists(st.floats(-1e150, 1e150), min_size=2, max_size=2), st.text(max_size=30))
def test_source_is_exact_and_harmless_whatever_is_in_it(mean, words):
    mixture = Mixture([1.0], [mean], [np.diag([math.pi, 1e-300])])
    fit = Fit(mixture, mixture, "full", [words, "'); raise SystemExit"], [], {}, words)
    names = run_source(source(fit))
    assert names["mixture"] == mixture
    assert names["columns"] == [words, "'); raise SystemExit"]


def test_json_there_and_back():
    frame = pd.DataFrame(three_clusters(), columns=["a", "b"])
    w = GMMWidget(frame, 3, "diag", random_state=0, tolerance=1e-6)
    w.delete("B")
    w.add([1.0, 2.0])
    w.delete("A")
    w.lock("C", "weight")
    text = json.dumps(w.to_json())
    again = GMMWidget.from_json(text, frame[["b", "a"]], height=300)
    assert again.mixture == w.mixture
    assert again._fit["ids"] == w._fit["ids"]
    assert again._fit["locks"] == w._fit["locks"]
    assert again.covariance_type == "diag"
    assert again.log_likelihood == w.log_likelihood
    assert json.dumps(again.to_json()) == text


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"format": "gmm_widget 9"}, "format"),
        ({"mixture": None}, "mixture"),
        ({"mixture": {"weights": [1.0], "means": [[0.0]], "covariances": [[[-1.0]]]}}, "."),
        ({"ids": [0, 0, 1]}, "ids"),
        ({"ids": [0, 1, True]}, "ids"),
        ({"locks": {}}, "locks"),
        ({"locks": {"mean": [1, 0, 0]}}, "locks"),
        ({"covariance_type": "round"}, "spherical"),
        ({"tolerance": math.nan}, "tolerance"),
        ({"regularisation": "1"}, "regularisation"),
        ({"columns": [1, 2]}, "columns"),
        ({"dims": [0, 2]}, "dims"),
    ],
)
def test_what_was_saved_is_checked(change, field):
    content = {**new_widget().to_json(), **change}
    with pytest.raises(ValueError, match=field):
        GMMWidget.from_json(content, three_clusters())


@pytest.mark.parametrize("kind", ["clusters", "density", "outliers", "uncertainty"])
def test_figures_are_drawn_in_the_plane_that_is_shown(kind, tmp_path):
    rng = np.random.default_rng(1)
    frame = pd.DataFrame(rng.normal(size=(80, 3)), columns=["u", "v", "<w>"])
    w = GMMWidget(frame, 2, dims=("<w>", "u"), random_state=0)
    made = w.figure(kind)
    axes = made.axes[0]
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("<w>", "u")
    assert {text.get_text() for text in axes.texts} == {"A", "B"}
    shown = sum(len(c.get_offsets()) for c in axes.collections if len(c.get_offsets()) > 1)
    assert shown >= 80 - 1
    made.savefig(tmp_path / "figure.png")
    assert (tmp_path / "figure.png").stat().st_size > 5000


def test_a_figure_goes_into_axes_that_are_given():
    import matplotlib.pyplot as plt

    with mpl.rc_context({"backend": "agg"}):
        made, (left, right) = plt.subplots(1, 2)
        assert new_widget().figure(axes=right) is made
        assert not left.collections
        plt.close(made)
    with pytest.raises(ValueError, match="clusters, density"):
        new_widget().figure("pie")


def test_the_colours_are_the_browsers():
    text = (ROOT / "js" / "src" / "base" / "palette.ts").read_text(encoding="utf-8")
    assert tuple(re.findall(r'"(#[0-9a-f]{6})"', text)) == COLOURS
    pure = mixed(np.eye(12), tuple(range(12)))
    expected = [[int(c[i : i + 2], 16) / 255 for i in (1, 3, 5)] for c in COLOURS]
    np.testing.assert_allclose(pure, expected, atol=2e-3)


def test_data_can_be_replaced_and_say_so():
    w = new_widget()
    before, other = w.mixture, three_clusters(90)[::-1] + 0.25
    w.lock("C", "mean")
    w.data = other
    assert w.mixture == before
    assert w._fit["locks"][2]["mean"]
    np.testing.assert_allclose(w.log_likelihood, before.log_density(other).sum(), rtol=1e-12)
    assert (w._view["n"], w._view["data_rev"], len(w.history)) == (90, 2, 1)
    assert "history begins anew" in str(w._connection.notice)
    with pytest.raises(ValueError, match="3 columns"):
        w.data = np.zeros((5, 3))
    np.testing.assert_array_equal(w.data, other)


def test_a_weight_of_two_is_the_row_twice_when_data_are_replaced():
    x = three_clusters(90) + 0.25
    once, twice = new_widget(), new_widget()
    once.set_data(x, sample_weight=np.where(np.arange(90) < 30, 2.0, 1.0))
    twice.set_data(np.concatenate([x, x[:30]]))
    np.testing.assert_allclose(once.log_likelihood, twice.log_likelihood, rtol=1e-12)
    np.testing.assert_allclose(once.bic, twice.bic, rtol=1e-12)
    for w in (once, twice):
        w.step(5)
    np.testing.assert_allclose(once.mixture.means, twice.mixture.means, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(once.mixture.weights, twice.mixture.weights, rtol=1e-9)


def test_weights_go_with_the_rows_that_they_came_with():
    x, weight = three_clusters(90), np.linspace(0.5, 1.5, 90)
    w = GMMWidget(x, 3, mixture=poor_start(), sample_weight=weight)
    np.testing.assert_array_equal(w.sample_weight, weight)
    w.data = x
    assert w.sample_weight is None
    np.testing.assert_allclose(w.log_likelihood, w.mixture.log_density(x).sum(), rtol=1e-12)
    w.set_data(w.data, weight[::-1])
    expected = weight[::-1] @ w.mixture.log_density(x)
    np.testing.assert_allclose(w.log_likelihood, expected, rtol=1e-12)
    for bad in (weight[:80], -weight):
        with pytest.raises(ValueError, match="weight"):
            w.set_data(x[:85], bad)
    assert len(w.data) == 90
    np.testing.assert_array_equal(w.sample_weight, weight[::-1])


def test_data_replaced_in_mid_run_and_the_run_goes_on_with_them():
    async def play() -> None:
        for n in (300, 60_000):  # the larger one runs on cells
            w = GMMWidget(three_clusters(n), 3, mixture=poor_start())
            w.speed = 30 if n == 300 else None
            w.run()
            await asyncio.sleep(0.005)
            assert w.running
            other = three_clusters(n) * 1.1 + 0.2
            w.data = other
            w.speed = None
            await w.settled()
            assert w.converged
            total = w.mixture.log_density(other).sum()
            np.testing.assert_allclose(w.log_likelihood, total, rtol=1e-10)
            w.close()

    asyncio.run(play())

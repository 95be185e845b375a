"""The widget without a browser: what goes over the comm, and what Python sees and when."""

import asyncio
import gc
import re
import warnings
import weakref
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import traitlets
from anywidget import AnyWidget
from session_help import poor_start, three_clusters

from gmm_widget import GMMWidget
from gmm_widget.core.mixture import Mixture


def new_widget(**options: object) -> GMMWidget:
    return GMMWidget(three_clusters(), 3, mixture=poor_start(), **options)


def test_the_same_seed_gives_the_same_start():
    data = three_clusters()
    a, b = (GMMWidget(data, 3, random_state=1).mixture for _ in range(2))
    assert a == b
    assert GMMWidget(data, 3, random_state=2).mixture != a


def test_a_step_is_seen_at_once_with_figures_of_its_own():
    w = new_widget()
    before = w.log_likelihood
    w.step()
    assert w.log_likelihood > before
    total = w.mixture.log_density(three_clusters()).sum()
    np.testing.assert_allclose(w.log_likelihood, total, rtol=1e-12)
    assert w._fit["log_likelihood"] == w.log_likelihood
    p = w._fit["n_parameters"]
    assert p == 2 + 6 + 9
    np.testing.assert_allclose(w.bic, -2 * total + p * np.log(300), rtol=1e-12)
    np.testing.assert_allclose(w.aic, -2 * total + 2 * p, rtol=1e-12)


def test_icl_is_bic_plus_the_doubt_of_the_labels():
    w = new_widget()
    r = w.mixture.responsibilities(three_clusters())
    np.testing.assert_allclose(w.icl, w.bic - 2 * np.log(r.max(axis=1)).sum(), rtol=1e-10)


def test_half_steps_make_a_whole_step():
    a, b = new_widget(), new_widget()
    a.step()
    b.e_step()
    assert b._fit["phase"] == "e"
    b.m_step()
    assert b._fit["phase"] == "m"
    assert b._fit["painted"] == poor_start().to_json()
    assert a.mixture == b.mixture
    b.m_step()
    assert a.mixture == b.mixture, "a second M-step on the same responsibilities changes nothing"


def test_assigning_a_mixture_is_an_edit_that_can_be_undone():
    w = new_widget()
    start = w.mixture
    other = Mixture([1.0], [[0.0, 0.0]], [np.eye(2)])
    seen: list[Mixture] = []
    w.observe(lambda change: seen.append(change.new), "mixture")
    w.mixture = other
    assert w.mixture == other
    assert seen == [other]
    assert w._fit["ids"] == [0]
    w.undo()
    assert w.mixture == start


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (Mixture([1.0], [[0.0, 0.0, 0.0]], [np.eye(3)]), "3 columns, the data have 2"),
        (Mixture([1 / 201] * 201, np.zeros((201, 2)), [np.eye(2)] * 201), "201 components"),
        ("not a mixture", "Mixture"),
        (None, "Mixture"),
    ],
)
def test_a_bad_assignment_leaves_the_state_as_it_was(bad, message):
    w = new_widget()
    before, rev = w.mixture, w._fit["rev"]
    with pytest.raises(traitlets.TraitError, match=message):
        w.mixture = bad
    assert w.mixture == before
    assert w._fit["rev"] == rev


def test_the_structure_can_be_assigned_and_a_wrong_one_is_refused_with_the_known_names():
    w = new_widget()
    w.covariance_type = "tied"
    assert (w.mixture.covariances == w.mixture.covariances[0]).all()
    with pytest.raises(traitlets.TraitError, match="spherical"):
        w.covariance_type = "round"
    assert w.covariance_type == "tied"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"n_components": 0}, "n_components must be a whole number"),
        ({"n_components": 2.5}, "n_components must be a whole number"),
        ({"columns": ["x", "q"]}, "no column 'q'"),
        ({"columns": ["x", "name"]}, "'name' is not numeric"),
        ({"dims": ["x", "x"]}, "dims must be 2 different columns"),
        ({"covariance_type": "round"}, "unknown covariance structure"),
        ({"sample_weight": [1.0, -1.0, 1.0]}, "row 1"),
        ({"n_components": 4}, "4 distinct points"),
    ],
)
def test_bad_options_say_what_was_wrong(options, message):
    frame = pd.DataFrame({"x": [1.0, 2, 3], "y": [1.0, 5, 2], "name": ["a", "b", "c"]})
    with pytest.raises(ValueError, match=message):
        GMMWidget(frame, **options)


def test_rows_that_are_not_finite_are_named():
    data = three_clusters()
    data[7, 1] = np.nan
    with pytest.raises(ValueError, match="row 7 column 'x1'"):
        GMMWidget(data)


def test_components_are_named_by_letter_or_position():
    w = new_widget()
    w.delete("B")
    w.place("C", mean=[9.0, 9.0])
    assert w.mixture.means[1].tolist() == [9.0, 9.0]
    w.place(1, mean=[8.0, 8.0])
    assert w.mixture.means[1].tolist() == [8.0, 8.0]
    with pytest.raises(ValueError, match="no component 'B'; there are A, C"):
        w.delete("B")


def test_run_returns_at_once_and_settled_waits_for_convergence():
    async def play() -> None:
        w = new_widget()
        w.run()
        assert w.running
        assert await w.settled() is w
        assert not w.running
        assert w.converged
        w.close()

    asyncio.run(play())


def test_traits_are_not_sent_while_a_run_moves_but_all_at_rest():
    async def play() -> None:
        w = new_widget()
        messages: list[tuple[str, object]] = []
        w.send = lambda content, buffers: messages.append(("custom", content["kind"]))
        send_state = w.send_state

        def traced(key: object = None) -> None:
            messages.append(("traits", None))
            send_state(key)

        w.send_state = traced
        w.run()
        await w.settled()
        assert ("custom", "state") in messages
        assert messages[-1] == ("traits", None)
        assert messages.count(("traits", None)) == 1
        assert w.mixture == w._session.state.mixture
        w.close()

    asyncio.run(play())


def test_a_drag_is_one_entry_and_the_state_knows_what_the_hand_did_last(monkeypatch):
    sent: list[dict] = []
    monkeypatch.setattr(GMMWidget, "send", lambda w, content, buffers=None: sent.append(content))

    async def play() -> None:
        w = new_widget()
        start = w.mixture
        for seq in range(1, 6):
            w._receive(w, {
                "kind": "edit", "client": "me", "seq": seq, "gesture": 1,
                "final": seq == 5, "component": 1, "dims": [0, 1], "mean": [seq, 1.5],
            }, [])  # fmt: skip
            await asyncio.sleep(0.01)
        await w.settled()
        assert w.mixture.means[1].tolist() == [5.0, 1.5]
        assert w._fit["acks"] == {"me": 5}
        assert [c["seq"] for c in sent if c["kind"] == "ack"] == [1, 2, 3, 4, 5]
        w.undo()
        assert w.mixture == start
        w.close()

    asyncio.run(play())


def test_a_gesture_with_no_end_comes_to_rest_by_itself():
    async def play() -> None:
        w = new_widget()
        w._receive(w, {
            "kind": "edit", "client": "gone", "seq": 1, "gesture": 1,
            "final": False, "component": 1, "dims": [0, 1], "mean": [4.0, 1.5],
        }, [])  # fmt: skip
        await w.settled()
        assert w._holding_sync
        while w._holding_sync:
            await asyncio.sleep(0.05)
        assert w.mixture.means[1].tolist() == [4.0, 1.5]
        w.close()

    asyncio.run(play())


def test_what_is_saved_in_a_notebook_is_small():
    w = GMMWidget(np.random.default_rng(0).normal(size=(200_000, 2)))
    state = w.get_state()
    saved = {k: v for k, v in state.items() if k not in ("_esm", "_css")}
    assert len(str(saved).encode()) < 60_000


def test_what_is_synchronised_is_what_the_front_end_uses():
    own = set(GMMWidget.class_trait_names(sync=True)) - set(AnyWidget.class_trait_names(sync=True))
    kernel = Path(__file__).parents[2] / "js/src/kernel"
    source = "".join((kernel / name).read_text() for name in ("incoming.ts", "model.ts"))
    readers = source[source.index("this.#readers = {") :].split("\n    };")[0]
    used = re.findall(r"^      (\w+): \(", readers, re.M) + re.findall(
        r"host\.get\(\"(\w+)", source
    )
    assert own == set(used)


def test_many_columns_show_two_and_one_is_too_few():
    rng = np.random.default_rng(0)
    with pytest.raises(ValueError, match="shows two columns"):
        GMMWidget(rng.normal(size=50), 2)
    five = GMMWidget(rng.normal(size=(50, 5)), 2, dims=("x3", "x1"))
    assert five._view["dims"] == [3, 1]
    five.step(2)
    assert five.mixture.n_features == 5


def test_a_closed_widget_is_not_kept_alive():
    async def play() -> None:
        w = new_widget()
        w.run()
        await w.settled()
        w.close()
        ref = weakref.ref(w)
        del w
        await asyncio.sleep(0.05)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            gc.collect()
        assert ref() is None

    asyncio.run(play())


def test_columns_are_named_in_edits_as_they_are_shown():
    w = GMMWidget(pd.DataFrame(three_clusters(), columns=["a", "b"]), 2, random_state=0)
    w.place("A", mean=[0.5, -0.5], dims=["b", "a"])
    np.testing.assert_allclose(w.mixture.means[0], [-0.5, 0.5])
    w.place("A", mean=[1.5], dims=["b"])
    assert w.mixture.means[0][1] == 1.5
    w.carve([[-2, -2], [2, -2], [2, 2], [-2, 2]], dims=w.dims)
    with pytest.raises(ValueError, match="no column 'c'"):
        w.place("A", mean=[0.0], dims=["c"])

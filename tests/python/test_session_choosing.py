"""The table of fits fills in the background, is called off and gone on with, and one is adopted."""

import asyncio
import json

import numpy as np
import pytest
from session_help import poor_start, three_clusters

from gmm_widget import GMMWidget, select
from gmm_widget.core.points import Points
from gmm_widget.datasets import old_faithful
from gmm_widget.estimator.model_selection import asked
from gmm_widget.protocol.incoming import parse
from gmm_widget.selection.fit_cells import choosing
from gmm_widget.session.selection_grid import MAX_CELLS, checked

MESSAGE = {"client": "me", "seq": 1}


class Heard:
    """A widget's messages of the table, as a view would hear them."""

    def __init__(self, w: GMMWidget, monkeypatch: pytest.MonkeyPatch) -> None:
        self.said: list[dict[str, object]] = []
        monkeypatch.setattr(
            w._background_selection, "_send", lambda said, _: self.said.append(said)
        )


def command(w: GMMWidget, name: str, **args: object) -> None:
    w._connection.receive({**MESSAGE, "kind": "command", "name": name, "args": args})


def test_the_table_is_that_of_select_and_the_best_of_old_faithful_is_mclusts():
    data = old_faithful(as_frame=True)
    w = GMMWidget(data, 2, random_state=0)
    before = w.mixture
    w.select(range(2, 5))
    assert w.mixture == before
    apart = select(data, range(2, 5), random_state=0)
    assert {c.key for c in w.selection.cells} == {c.key for c in apart.cells}
    best = w.selection.best()
    assert (best.covariance_type, best.n_components) == ("tied", 3)
    # mclust 6.0.0 stops a little early, at 2314.316.
    assert best.scores["bic"] == pytest.approx(2314.316, abs=0.05)
    assert best.scores["bic"] <= 2314.316


def test_a_cell_is_adopted_as_one_entry_and_can_be_steered_and_undone():
    w = GMMWidget(three_clusters(), 2, "full", random_state=0)
    before = w.mixture
    w.select((2, 3), ("tied", "full"))
    w.adopt_cell(3, "tied")
    assert w.covariance_type == "tied"
    assert w.mixture == w.selection.cell(3, "tied").mixture
    assert w.history[-1].label == "chose tied, 3 components"
    assert w.history[-1].by_hand
    assert w._session.history.present.cause == "chosen"
    assert len(w.history) == 2
    w.place("C", mean=[1.0, 1.0])
    assert w.mixture.means[2].tolist() == [1.0, 1.0]
    w.undo()
    w.undo()
    assert (w.mixture, w.covariance_type) == (before, "full")
    w.adopt_cell()
    assert w.mixture.n_components == 3
    with pytest.raises(ValueError, match="no 9 components"):
        w.adopt_cell(9, "tied")


def test_it_is_called_off_gone_on_with_and_the_cells_are_those_of_one_go(monkeypatch):
    async def play() -> None:
        w = GMMWidget(three_clusters(600), 2, random_state=0)
        heard = Heard(w, monkeypatch).said
        w.select(range(1, 4), criteria="bic")
        while len(w.selection.cells) < 3:
            await asyncio.sleep(0.005)
        w.cancel_selection()
        kept = w.selection.cells
        assert not w._session.grid.running
        await asyncio.sleep(0.1)
        assert w.selection.cells == kept
        w.resume_selection()
        assert w._session.grid.running
        w.place("A", mean=[1.0, 1.0])
        assert w.mixture.means[0].tolist() == [1.0, 1.0]
        await w.settled()
        assert w._session.grid.complete
        assert len(w.selection.cells) == 12
        question = asked(range(1, 4), None, "bic", seed=0)
        once = {cell.key: cell for cell in choosing(Points.of(three_clusters(600)), question)}
        for cell in w.selection.cells:
            assert cell.log_likelihood == pytest.approx(once[cell.key].log_likelihood, rel=1e-9)
        told = [cell for content in heard for cell in content["cells"]]
        assert {(c["structure"], c["k"]) for c in told} == {c.key for c in w.selection.cells}
        assert all(len(json.dumps(content)) < 20_000 for content in heard)
        with pytest.raises(ValueError, match="no cancelled selection"):
            w.resume_selection()
        w.close()
        await asyncio.sleep(0.01)
        assert asyncio.all_tasks() == {asyncio.current_task()}

    asyncio.run(play())


def test_other_data_end_it_with_a_warning(monkeypatch):
    async def play() -> None:
        w = GMMWidget(three_clusters(), 2, random_state=0)
        heard = Heard(w, monkeypatch).said
        w.select(range(1, 10))
        w.data = three_clusters(50)
        assert w.selection is None
        assert heard[-1] == {"kind": "selection", "size": 0}
        assert w._fit["notice"]["level"] == "warning"
        assert "of the old data" in str(w._connection.notice)
        await w.settled()
        assert w.selection is None
        w.close()

    asyncio.run(play())


def test_a_view_begins_adopts_and_is_told_everything_when_it_comes(monkeypatch):
    w = GMMWidget(three_clusters(), 3, mixture=poor_start())
    heard = Heard(w, monkeypatch).said
    command(w, "start_selection", most=3, criteria=["icl", "bic"])
    assert w.selection.criteria == ("icl", "bic")
    assert w.selection.counts == (1, 2, 3)
    command(w, "adopt_cell", k=3, structure="diag")
    assert w.covariance_type == "diag"
    w._connection.receive({**MESSAGE, "kind": "hello", "data_rev": -1})
    assert len(heard[-1]["cells"]) == 12
    assert heard[-1] == json.loads(json.dumps(heard[-1]))


def test_collapsed_cells_are_told_with_the_reason_and_not_adopted(monkeypatch):
    w = GMMWidget(np.array([[0.0, 0.0], [1.0, 1.0], [2.0, 0.5]]), 1, random_state=0)
    heard = Heard(w, monkeypatch).said
    w.select((1, 5), "full")
    cell = heard[-2]["cells"][0]
    assert (cell["status"], cell["mixture"], cell["scores"]) == ("collapsed", None, {})
    assert cell["reason"]
    with pytest.raises(ValueError, match="adopt another cell"):
        w.adopt_cell(5, "full")


@pytest.mark.parametrize(
    ("name", "args", "complaint"),
    [
        ("start_selection", {"most": 31, "criteria": ["bic"]}, "1 to 30"),
        ("start_selection", {"most": 3, "criteria": "bic"}, "list of length 1"),
        ("start_selection", {"most": 3, "criteria": ["dic"]}, "unknown criterion"),
        ("start_selection", {"most": 3, "criteria": []}, "list of length 1"),
        ("adopt_cell", {"k": 0, "structure": "full"}, "'k'"),
        ("adopt_cell", {"k": 2, "structure": "x" * 41}, "1 to 40 characters"),
        ("adopt_cell", {"k": 2}, "takes the arguments"),
    ],
)
def test_what_views_ask_is_checked(name, args, complaint):
    with pytest.raises(ValueError, match=complaint):
        parse({**MESSAGE, "kind": "command", "name": name, "args": args})


def test_a_table_is_bounded_and_there_must_be_one():
    with pytest.raises(ValueError, match=str(MAX_CELLS)):
        checked(asked(range(1, 150), None, "bic"))
    w = GMMWidget(three_clusters(), 2, random_state=0)
    for act in (w.adopt_cell, w.resume_selection):
        with pytest.raises(ValueError, match="call select"):
            act()

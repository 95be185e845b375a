"""Life in a notebook: busy cells, runs that are stopped, several views, themes, an output's end."""

import json
from functools import partial
from pathlib import Path

import pytest

from tests.browser import watching
from tests.browser.cells import LONG, TWO
from tests.browser.conftest import Measure, OpenNotebook, Shown
from tests.browser.servers import Server

ROOT = Path(__file__).parents[2]
MEAN = "w.mixture.means[0].tolist()"
# A cell that is busy for as long as the test wants it: until a file appears.
BUSY = "import time, pathlib\nwhile not pathlib.Path({name!r}).exists():\n    time.sleep(0.05)"
# A cell that waits, by asyncio, until the edit has come in: the loop is free meanwhile.
WAITING = """\
import asyncio
before = w.mixture
while w.mixture == before:
    await asyncio.sleep(0.02)
"""


def test_stop_stops_a_run(lab: Server, shown: Shown, measure: Measure) -> None:
    """The run ends where it was, before it converged, and no step follows."""
    notebook, view = shown(lab, [LONG])
    watching.follow_run_button(view.root)
    view.button("Run").click()
    steps = notebook.eventually('w._fit["steps"]', lambda count: count > 3)
    assert notebook.evaluate("w.running")
    view.button("Stop").click()
    view.button("Run").wait_for()
    stopped = notebook.eventually("[w.running, w.mixture.to_json()]", lambda now: not now[0])[1]
    assert not notebook.evaluate("w.converged")
    assert notebook.evaluate('w._fit["steps"]') >= steps
    names, milliseconds = watching.run_button_story(view.root)
    assert names == ["Run", "clicked", "Stop", "clicked", "Run"]
    measure("Stop, from the click to a button that says Run, in ms", milliseconds)
    notebook.evaluate("__import__('time').sleep(0.3)")
    assert notebook.evaluate("w.mixture.to_json()") == stopped


@pytest.mark.parametrize("host", ["lab", "notebook7"])
def test_a_sleeping_cell_loses_no_edit(
    host: str, shown: Shown, request: pytest.FixtureRequest
) -> None:
    """While `time.sleep` holds the kernel the hand's ellipse stays; then the kernel has it."""
    server: Server = request.getfixturevalue(host)
    gate = f"{host}-gate"
    notebook, view = shown(server, [TWO, BUSY.format(name=gate)])
    notebook.start_cell(1)
    notebook.wait_for_busy()
    x, y = view.drag(view.part("Centre of A"), 80, -60)
    assert notebook.is_running(1)
    assert view.middle(view.part("Centre of A")) == pytest.approx((x, y), abs=1)
    (server.root / gate).touch()
    notebook.wait_for_cell(1)
    notebook.eventually(MEAN, partial(view.is_at, x, y))
    assert view.middle(view.part("Centre of A")) == pytest.approx((x, y), abs=1)


@pytest.mark.parametrize("host", ["lab", "notebook7"])
def test_an_edit_reaches_a_cell_that_awaits(
    host: str, shown: Shown, request: pytest.FixtureRequest
) -> None:
    """`await asyncio.sleep` lets the edit in while the cell still runs; the cell ends by it."""
    notebook, view = shown(request.getfixturevalue(host), [TWO, WAITING])
    notebook.start_cell(1)
    notebook.wait_for_busy()
    x, y = view.drag(view.part("Centre of A"), 80, -60)
    notebook.wait_for_cell(1)
    notebook.eventually(MEAN, partial(view.is_at, x, y))


def test_two_views_agree(lab: Server, open_notebook: OpenNotebook) -> None:
    """What a hand does in one view is seen in the other, and the other way round."""
    notebook = open_notebook(lab, [TWO.replace("df, mixture", "df, height=240, mixture"), "w"])
    notebook.run_cell(0)
    notebook.run_cell(1)
    first, second = notebook.widget(0), notebook.widget(1)
    for active, passive in ((first, second), (second, first)):
        x, y = active.drag(active.part("Centre of A"), 40, -30)
        mean = notebook.eventually(MEAN, partial(active.is_at, x, y))
        passive.wait_until_at("Centre of A", *mean)
        active.wait_until_at("Centre of A", *mean)
    second.button("EM step").click()
    total = notebook.eventually("w.log_likelihood if w._fit['steps'] else None", bool)
    for view in (first, second):
        view.root.locator(".gmm-loglik", has_text=f"{abs(total):.3f}").wait_for()


def test_clearing_an_output_leaves_nothing_behind(lab: Server, open_notebook: OpenNotebook) -> None:
    """No view, listener, observer or frame of ours outlives its output; the model lives on."""
    notebook = open_notebook(lab, [TWO, "w"], watching.SCRIPT)
    notebook.run_cell(0)
    notebook.widget()
    assert watching.held(notebook.page), "the watch sees what the widget holds"
    notebook.select_cell(0)
    notebook.command("notebook:clear-cell-output")
    notebook.page.locator(".gmm-root").wait_for(state="detached")
    assert watching.held(notebook.page) == {}
    notebook.run_cell(1)
    view = notebook.widget()
    x, y = view.drag(view.part("Centre of A"), 40, -30)
    notebook.eventually(MEAN, partial(view.is_at, x, y))


def test_the_view_follows_the_theme(lab: Server, shown: Shown) -> None:
    """Dark under a dark theme and light under a light one, without a new view."""
    notebook, view = shown(lab, [TWO])
    for theme in ("dark", "light"):
        notebook.set_theme(theme)
        view.root.and_(notebook.page.locator(f'[data-gmm-theme="{theme}"]')).wait_for()
        brightness = view.brightness()
        assert (brightness < 0.3) if theme == "dark" else (brightness > 0.7)


@pytest.mark.parametrize("host", ["lab", "notebook7"])
def test_the_quickstart_runs(
    host: str, open_notebook: OpenNotebook, request: pytest.FixtureRequest
) -> None:
    """Every cell of the notebook that a newcomer sees first, from top to bottom."""
    cells = quickstart_cells()
    notebook = open_notebook(request.getfixturevalue(host), cells)
    for index in range(len(cells)):
        notebook.run_cell(index)
        if index == 0:
            notebook.widget()
    notebook.eventually("w.converged and not w.running", bool)
    assert notebook.evaluate("w.mixture.n_components") == 3


def test_the_data_may_be_a_list(lab: Server, open_notebook: OpenNotebook) -> None:
    """The smallest thing that a person would try."""
    rows = "[[1, 2], [2, 4.5], [9, 9], [8, 9.5]]"
    notebook = open_notebook(lab, [f"from gmm_widget import GMMWidget\nGMMWidget({rows})"])
    notebook.run_cell(0)
    assert notebook.widget().part("Component B").is_visible()


def quickstart_cells() -> list[str]:
    """Return the code cells of the quickstart notebook."""
    text = (ROOT / "notebooks" / "quickstart.ipynb").read_text(encoding="utf-8")
    cells = json.loads(text)["cells"]
    return ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]

"""Faults of the wire, one test each: messages that come late, out of order, or cut off."""

from functools import partial

import pytest

from tests.browser import wiretap
from tests.browser.cells import LONG, TWO
from tests.browser.conftest import OpenNotebook
from tests.browser.notebook_page import NotebookPage
from tests.browser.servers import Server
from tests.browser.test_colouring import APART
from tests.browser.widget_view import WidgetView
from tests.browser.wiretap import Wire

MEANS = "w.mixture.means.tolist()"
ALL = '.gmm-root[data-gmm-points="all"]'
# So few rows as if they were too many to travel: counts on a grid come instead.
COUNTS = "from gmm_widget.session import plane\nplane.MOST_POINTS = 100\n" + TWO
FIGURES = """root => {
  const shown = root.querySelector('.gmm-loglik');
  const read = () => Number(shown.textContent.replace('\\u2212', '-').replaceAll(',', ''));
  const all = (window.gmmTestFigures = [read()]);
  new MutationObserver(() => all.push(read())).observe(
    shown, { childList: true, characterData: true, subtree: true },
  );
}"""


def opened(open_notebook: OpenNotebook, lab: Server, cell: str) -> tuple[NotebookPage, Wire]:
    """A notebook of this cell, not run yet, with a hand on its wire."""
    notebook = open_notebook(lab, [cell], wiretap.SCRIPT)
    return notebook, Wire(notebook.page)


def painted(
    open_notebook: OpenNotebook, lab: Server, cell: str
) -> tuple[NotebookPage, Wire, WidgetView]:
    """The same, run, and the view with all its points; what comes from here on can be ruled."""
    notebook, wire = opened(open_notebook, lab, cell)
    notebook.run_cell(0)
    view = notebook.widget()
    notebook.page.locator(ALL).wait_for()
    return notebook, wire, view


def no_error(notebook: NotebookPage) -> None:
    """Assert that nothing was thrown in the page."""
    assert [text for text in notebook.complaints if "page error" in text] == []


def goes_on(notebook: NotebookPage, view: WidgetView) -> None:
    """Assert that a drag is taken by the kernel."""
    x, y = view.drag(view.part("Centre of A"), 40, -30)
    notebook.eventually("w.mixture.means[0].tolist()", partial(view.is_at, x, y))


@pytest.mark.parametrize("kind", ["state", "ack"])
def test_a_message_comes_late(kind: str, lab: Server, open_notebook: OpenNotebook) -> None:
    """What is newer stays on the screen, and the hand's edits with it."""
    notebook, wire, view = painted(open_notebook, lab, TWO)
    wire.rule(f"(kind) => kind === '{kind}' && 'hold'")
    view.button("Run").click()
    wire.wait_for(1)
    wire.rule("() => undefined")
    notebook.eventually("w.converged and not w.running", bool)
    x, y = view.drag(view.part("Centre of A"), 60, -40)
    left, top = view.drag(view.part("Centre of B"), -50, 30)
    means = notebook.eventually(
        MEANS, lambda now: view.is_at(x, y, now[0]) and view.is_at(left, top, now[1])
    )
    told = notebook.eventually("w.log_likelihood", bool)
    view.root.locator(".gmm-loglik", has_text=f"{abs(told):.3f}").wait_for()
    assert len(wire.frames(view.root, release=False)) == 1, "at rest before"
    assert len(wire.frames(view.root)) == 1
    view.wait_until_at("Centre of A", *means[0])
    goes_on(notebook, view)
    no_error(notebook)


def test_states_come_out_of_order(lab: Server, open_notebook: OpenNotebook) -> None:
    """With each two states of a run swapped, what is shown climbs all the same, as EM does."""
    notebook, wire, view = painted(open_notebook, lab, LONG)
    view.root.evaluate(FIGURES)
    wire.rule("(kind) => kind === 'state' && 'swap'")
    view.button("Run").click()
    wire.wait_for(20)
    view.button("Stop").click()
    notebook.eventually("w.running", lambda running: not running)
    figures = notebook.page.evaluate("window.gmmTestFigures")
    assert len(figures) > 5
    assert figures == sorted(figures)
    view.wait_until_at("Centre of A", *notebook.evaluate(MEANS)[0])
    told = notebook.eventually("w.log_likelihood", bool)
    view.root.locator(".gmm-loglik", has_text=f"{abs(told):.2f}").wait_for()
    view.button("Run").wait_for()
    assert len(wire.frames(view.root)) == 1, "what was held back changes nothing"
    no_error(notebook)


def test_a_chunk_of_points_is_cut_off(lab: Server, open_notebook: OpenNotebook) -> None:
    """The view says so for good, keeps the preview's picture, and works."""
    notebook, wire = opened(open_notebook, lab, TWO)
    wire.rule("(kind) => kind === 'data' && 'cut'")
    notebook.run_cell(0)
    view = notebook.widget()
    wire.wait_for(1)
    said = view.root.get_by_text("data buffer and count disagree")
    said.wait_for()
    notebook.page.wait_for_timeout(500)
    assert said.is_visible()
    goes_on(notebook, view)
    no_error(notebook)


def test_memberships_are_cut_off(lab: Server, open_notebook: OpenNotebook) -> None:
    """The view says so and shows the plane's colours; asked again, it shows those of all."""
    notebook, wire, view = painted(open_notebook, lab, APART)
    wire.rule("(kind) => kind === 'memberships' && 'cut'")
    view.button("All columns").click()
    view.root.get_by_text("memberships and their count disagree").wait_for()
    notebook.page.locator('.gmm-root[data-gmm-colours="plane"]').wait_for()
    wire.rule("() => undefined")
    view.button("All columns").click()
    notebook.page.locator('.gmm-root[data-gmm-colours="all"]').wait_for()
    no_error(notebook)


def test_a_grid_is_cut_off(lab: Server, open_notebook: OpenNotebook) -> None:
    """The view says so, keeps the picture that it has, and asks again when it is moved."""
    notebook, wire = opened(open_notebook, lab, COUNTS)
    wire.rule("(kind) => kind === 'grid' && 'cut'")
    notebook.run_cell(0)
    view = notebook.widget()
    view.root.get_by_text("grid buffer can't be unpacked").wait_for()
    goes_on(notebook, view)
    wire.rule("() => undefined")
    view.part("Component A").press("i")
    notebook.page.locator(ALL).wait_for()
    no_error(notebook)

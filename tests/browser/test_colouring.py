"""Colour by all columns: each point has the colour of its own label, whatever the plane shows."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.browser.conftest import OpenNotebook
from tests.browser.notebook_page import NotebookPage
from tests.browser.servers import Server
from tests.browser.test_picture import NO_WEBGL
from tests.browser.widget_view import WidgetView, box_of

APART = """\
import numpy as np
from gmm_widget import GMMWidget, Mixture

rng = np.random.default_rng(3)
label = rng.integers(2, size=90)
x = rng.normal(size=(90, 4)) * [4, 3, 1, 1] + 9 * label[:, None] * [0, 0, 1, 0]
spread = np.diag([16.0, 9.0, 1.0, 1.0])
start = Mixture([0.5, 0.5], [[-0.5, 0, 0, 0], [0.5, 0, 9, 0]], [spread, spread])
w = GMMWidget(x, mixture=start)
w
"""
COLOURS = np.array([[0x5B, 0x40, 0xF2], [0xD7, 0x7D, 0x2C]])  # of components A and B
ALONE = 9  # px to the nearest other point: its dot is of one colour
PROBE = """(canvas, places) => {
  const context = canvas.getContext('2d');
  return places.map(([x, y]) => {
    const [left, top] = [Math.floor(x * canvas.width), Math.floor(y * canvas.height)];
    return [...context.getImageData(left, top, 1, 1).data];
  });
}"""


@pytest.fixture(params=["", NO_WEBGL], ids=["webgl", "plain"])
def notebook(
    lab: Server, open_notebook: OpenNotebook, request: pytest.FixtureRequest
) -> NotebookPage:
    """Two groups on top of each other in the plane, apart in another column."""
    opened = open_notebook(lab, [APART], request.param)
    opened.run_cell(0)
    opened.page.locator('.gmm-root[data-gmm-points="all"]').wait_for()
    return opened


def labels_on_show(view: WidgetView, x: NDArray[Any]) -> tuple[list[int], list[int]]:
    """Return the rows that lie alone, and whose of the two components' colours they have."""
    at = np.array([view.data_to_pixel(*row[:2]) for row in x])
    gaps = np.hypot(*(at[:, None] - at[None]).transpose(2, 0, 1))
    np.fill_diagonal(gaps, np.inf)
    left, top, width, height = box_of(view.plot)
    places = (at - [left, top]) / [width, height]
    inside = ((places > 0) & (places < 1)).all(axis=1)
    alone = np.flatnonzero((gaps.min(axis=1) > ALONE) & inside)
    canvas = view.root.locator(".gmm-canvas")
    found = np.array(canvas.evaluate(PROBE, places[alone].tolist()))
    assert (found[:, 3] > 0).all()
    away = np.abs(found[:, None, :3] - COLOURS[None]).max(axis=2)
    assert away.min(axis=1).max() <= 3
    return alone.tolist(), away.argmin(axis=1).tolist()


def wait_for_colours(view: WidgetView, of: str) -> None:
    """Wait until the points are coloured so: by the "plane", by "all" columns, or as "earlier"."""
    view.page.locator(f'.gmm-root[data-gmm-colours="{of}"]').wait_for()
    view.page.wait_for_timeout(400)


def expect_labels(notebook: NotebookPage, view: WidgetView) -> NDArray[Any]:
    """Check the colours on show against the kernel's labels; return those."""
    x = np.array(notebook.evaluate("x.tolist()"))
    labels = np.array(notebook.evaluate("w.mixture.responsibilities(x).argmax(1).tolist()"))
    rows, shown = labels_on_show(view, x)
    assert len(rows) > 30
    np.testing.assert_array_equal(shown, labels[rows])
    return labels


def test_colours_are_the_labels_of_the_full_model(notebook: NotebookPage) -> None:
    """Not those of the plane; pale during a drag, and those of the new model after it."""
    view = notebook.widget()
    x = np.array(notebook.evaluate("x.tolist()"))
    view.button("Hard").click()
    wait_for_colours(view, "plane")
    rows, in_plane = labels_on_show(view, x)
    full = np.array(notebook.evaluate("w.mixture.responsibilities(x).argmax(1).tolist()"))
    assert 0.2 < np.mean(np.array(in_plane) == full[rows]) < 0.8
    view.button("All columns").click()
    wait_for_colours(view, "all")
    before = expect_labels(notebook, view)
    left, top = view.middle(view.part("Centre of A"))
    view.page.mouse.move(left, top)
    view.page.mouse.down()
    view.page.mouse.move(left + 60, top + 30, steps=5)
    wait_for_colours(view, "earlier")
    assert labels_on_show(view, x)[1] == full[rows].tolist()
    view.page.mouse.up()
    wait_for_colours(view, "all")
    notebook.evaluate(
        "setattr(w, 'mixture', Mixture([0.5, 0.5], [[-4, 0, 4, 0], [4, 0, 5, 0]],"
        " [4 * spread, 4 * spread]))"
    )
    view.page.wait_for_timeout(300)
    wait_for_colours(view, "all")
    after = expect_labels(notebook, view)
    assert (before != after).any()
    view.button("Plane").click()
    wait_for_colours(view, "plane")


def test_colours_follow_a_zoom_other_columns_and_a_run(notebook: NotebookPage) -> None:
    """The choice stays, and what is on show is the kernel's again."""
    view = notebook.widget()
    view.button("Hard").click()
    view.button("All columns").click()
    wait_for_colours(view, "all")
    view.part("Component A").press("i")
    view.page.wait_for_timeout(300)
    expect_labels(notebook, view)
    view.root.get_by_role("combobox", name="Vertical column").select_option("3")
    view.page.wait_for_timeout(300)
    wait_for_colours(view, "all")
    x = np.array(notebook.evaluate("x[:, [0, 3]].tolist()"))
    labels = np.array(notebook.evaluate("w.mixture.responsibilities(x).argmax(1).tolist()"))
    rows, shown = labels_on_show(view, x)
    np.testing.assert_array_equal(shown, labels[rows])
    view.button("Run").click()
    notebook.eventually("w.converged and not w.running", bool)
    view.page.wait_for_timeout(300)
    wait_for_colours(view, "all")
    labels = np.array(notebook.evaluate("w.mixture.responsibilities(x).argmax(1).tolist()"))
    rows, shown = labels_on_show(view, x)
    np.testing.assert_array_equal(shown, labels[rows])

"""Data of more than two columns: which two are on show, and what is done there."""

from functools import partial
from operator import eq

import numpy as np
import pytest

from tests.browser.conftest import OpenNotebook
from tests.browser.notebook_page import NotebookPage
from tests.browser.servers import Server
from tests.browser.test_picture import NO_WEBGL
from tests.browser.widget_view import WidgetView, box_of

FOUR = """\
import numpy as np
from gmm_widget import GMMWidget

rng = np.random.default_rng(2)
label = rng.integers(2, size=600)
x = rng.normal(size=(600, 4)) + 4 * label[:, None] * [1, 0, 1, 0] + [0, 10, 200, -5]
names = ["left", "right <i>", "up", "down"]
w = GMMWidget(dict(zip(names, x.T)), n_components=2, random_state=0)
w
"""


@pytest.fixture(params=["", NO_WEBGL], ids=["webgl", "plain"])
def notebook(
    lab: Server, open_notebook: OpenNotebook, request: pytest.FixtureRequest
) -> NotebookPage:
    """A notebook with a widget of four columns, with and without WebGL."""
    opened = open_notebook(lab, [FOUR], request.param)
    opened.run_cell(0)
    opened.page.locator('.gmm-root[data-gmm-points="all"]').wait_for()
    return opened


def wait_for_columns(view: WidgetView, x: str, y: str) -> None:
    """Wait until the axes bear these names, and all points are there."""
    view.root.locator(".gmm-label", has_text=f"{x} →").wait_for(state="attached")
    view.root.locator(".gmm-label", has_text=f"↑ {y}").wait_for(state="attached")
    view.page.locator('.gmm-root[data-gmm-points="all"]').wait_for()


def test_other_columns_are_shown_and_steered(notebook: NotebookPage) -> None:
    """A drag there moves those two columns, and the rest goes with its regression on them."""
    view, before = notebook.widget(), notebook.evaluate("w.mixture.to_json()")
    vertical = view.root.get_by_role("combobox", name="Vertical column")
    assert vertical.locator("option").all_text_contents() == ["left", "right <i>", "up", "down"]
    vertical.select_option("up")
    wait_for_columns(view, "left", "up")
    assert notebook.evaluate("list(w.dims)") == ["left", "up"]
    assert notebook.evaluate("w.mixture.to_json()") == before
    mean = before["means"][0]
    view.wait_until_at("Centre of A", mean[0], mean[2])
    x, y = view.drag(view.part("Centre of A"), 40, -30)
    after = notebook.eventually(
        "w.mixture.means[0].tolist()", lambda now: view.is_at(x, y, [now[0], now[2]])
    )
    plane, rest = [0, 2], [1, 3]
    covariance = np.array(before["covariances"][0])
    slope = covariance[np.ix_(rest, plane)] @ np.linalg.inv(covariance[np.ix_(plane, plane)])
    step = np.array(after) - mean
    np.testing.assert_allclose(step[rest], slope @ step[plane], rtol=1e-6, atol=1e-9)


def test_columns_from_python_and_changed_places(notebook: NotebookPage) -> None:
    """The views follow `w.dims`; to choose the other one's column exchanges the two."""
    view = notebook.widget()
    notebook.evaluate("setattr(w, 'dims', ('down', 'up'))")
    wait_for_columns(view, "down", "up")
    view.root.get_by_role("combobox", name="Horizontal column").select_option("up")
    wait_for_columns(view, "up", "down")
    notebook.eventually("list(w.dims)", partial(eq, ["up", "down"]))


def test_a_selection_counts_in_the_columns_on_show(notebook: NotebookPage) -> None:
    """A box around the upper group in `up`: the component has the moments in all four columns."""
    view = notebook.widget()
    view.root.get_by_role("combobox", name="Vertical column").select_option("up")
    wait_for_columns(view, "left", "up")
    view.button("Select box").click()
    corners = view.data_to_pixel(-3, 202), view.data_to_pixel(8, 207.5)
    view.page.mouse.move(*corners[0])
    view.page.mouse.down()
    view.page.mouse.move(*corners[1], steps=3)
    view.page.mouse.up()
    (x0, y0), (x1, y1) = (view.pixel_to_data(*corner) for corner in corners)
    view.button("New component from selection").click()
    notebook.eventually("w.mixture.n_components", partial(eq, 3))
    rows = f"x[(x[:, 0] > {x0}) & (x[:, 0] < {x1}) & (x[:, 2] > {y0}) & (x[:, 2] < {y1})]"
    expected = notebook.evaluate(f"{rows}.mean(0).tolist()")
    np.testing.assert_allclose(notebook.evaluate("w.mixture.means[2].tolist()"), expected)


PENGUINS = """\
from gmm_widget import GMMWidget
from gmm_widget.datasets import penguins

w = GMMWidget(penguins(as_frame=True), n_components=3, random_state=0)
w
"""
# Of a row: how many lines it takes, and how far it sticks out to the right.
LINES = """row => {
  const boxes = [...row.children].map(child => child.getBoundingClientRect());
  const middles = boxes.filter(box => box.width > 0).map(box => Math.round(box.y + box.height / 2));
  const right = row.closest('.gmm-root').getBoundingClientRect().right;
  return [new Set(middles).size, Math.max(...boxes.map(box => box.right)) - right];
}"""


def widen(view: WidgetView, width: int) -> None:
    """Give the view so many pixels, whatever the window has."""
    view.root.evaluate("(root, wide) => { root.style.width = `${wide}px`; }", width)
    expect_wide = "([root, width]) => root.offsetWidth === width"
    view.page.wait_for_function(expect_wide, arg=[view.root.element_handle(), width])


def test_controls_take_one_line_where_they_can(lab: Server, open_notebook: OpenNotebook) -> None:
    """Four columns with long names: one line each from 800 pixels on, few below, none cut off."""
    notebook = open_notebook(lab, [PENGUINS])
    notebook.run_cell(0)
    view = notebook.widget()
    rows = [view.root.locator(name) for name in (".gmm-toolbar", ".gmm-viewbar")]
    for width, most in ((1400, 1), (1000, 1), (980, 1), (800, 1), (400, 3)):
        widen(view, width)
        for row in rows:
            lines, out = row.evaluate(LINES)
            assert lines <= most, f"{row} at {width} pixels"
            assert out <= 0, f"{row} at {width} pixels"
    narrow, plot = box_of(view.root), box_of(view.plot)
    assert plot[2] > 0.7 * narrow[2]

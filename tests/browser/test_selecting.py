"""Drawing around points, by mouse and by keys, and the components that the kernel makes of them."""

import math
import re
from functools import partial
from operator import eq

import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import expect

from tests.browser.cells import TWO
from tests.browser.conftest import OpenNotebook
from tests.browser.notebook_page import NotebookPage
from tests.browser.servers import Server
from tests.browser.test_picture import NO_WEBGL
from tests.browser.widget_view import WidgetView, box_of

SIZE = "w.mixture.n_components"
ROWS = "df.to_numpy().tolist()"


@pytest.fixture(params=["", NO_WEBGL], ids=["webgl", "plain"])
def notebook(
    lab: Server, open_notebook: OpenNotebook, request: pytest.FixtureRequest
) -> NotebookPage:
    """A notebook with two components and all of its points, with and without WebGL."""
    opened = open_notebook(lab, [TWO], request.param)
    opened.run_cell(0)
    opened.page.locator('.gmm-root[data-gmm-points="all"]').wait_for()
    return opened


def counted(view: WidgetView) -> int:
    """Return how many points the card says are selected."""
    return int(view.root.locator(".gmm-selection-words").inner_text().split()[0])


def rows_in(
    notebook: NotebookPage, corners: tuple[tuple[float, float], tuple[float, float]]
) -> NDArray[np.float64]:
    """Return the rows of the data in a box between two places on the page."""
    view, rows = notebook.widget(), np.array(notebook.evaluate(ROWS))
    a, b = (np.array(view.pixel_to_data(*corner)) for corner in corners)
    inside = (rows > np.minimum(a, b)).all(axis=1) & (rows < np.maximum(a, b)).all(axis=1)
    chosen: NDArray[np.float64] = rows[inside]
    return chosen


def pull(view: WidgetView, places: list[tuple[float, float]]) -> None:
    """Press at the first place, go by the others and let go at the last."""
    view.page.mouse.move(*places[0])
    view.page.mouse.down()
    for place in places[1:]:
        view.page.mouse.move(*place, steps=4)
    view.page.mouse.up()


def test_a_box_becomes_a_component(notebook: NotebookPage) -> None:
    """Shift and a drag over the empty plane: mean, shape and weight are those of the rows."""
    view = notebook.widget()
    left, top, width, height = box_of(view.plot)
    corners = (left + 4, top + 0.5 * height), (left + 0.45 * width, top + height - 6)
    view.page.keyboard.down("Shift")
    pull(view, list(corners))
    view.page.keyboard.up("Shift")
    rows = rows_in(notebook, corners)
    assert counted(view) == len(rows) > 50
    view.button("New component from selection").click()
    notebook.eventually(SIZE, partial(eq, 3))
    mixture = notebook.evaluate("w.mixture.to_json()")
    np.testing.assert_allclose(mixture["means"][2], rows.mean(axis=0), rtol=1e-12)
    np.testing.assert_allclose(mixture["covariances"][2], np.cov(rows.T, ddof=0), rtol=1e-9)
    assert mixture["weights"][2] == pytest.approx(len(rows) / 272)
    expect(view.root.locator(".gmm-selection")).to_be_hidden()
    view.button("Undo").click()
    notebook.eventually(SIZE, partial(eq, 2))


def test_a_lasso_splits_the_selected_component(notebook: NotebookPage) -> None:
    """Drawn over components, which stay; B's rows inside and outside become two components."""
    view = notebook.widget()
    view.part("Component B").focus()
    x, y = view.middle(view.part("Centre of B"))
    before = notebook.evaluate("w.mixture.to_json()")
    view.button("Select lasso").click()
    turn = [math.tau * i / 40 for i in range(41)]
    pull(view, [(x + 60 + 70 * math.cos(a), y + 70 * math.sin(a)) for a in turn])
    assert notebook.evaluate("w.mixture.to_json()") == before
    assert counted(view) > 20
    view.button("Split B by selection").click()
    notebook.eventually(SIZE, partial(eq, 3))
    after = notebook.evaluate("w.mixture.to_json()")
    assert after["means"][0] == before["means"][0]
    assert after["weights"][0] == before["weights"][0]
    assert sum(after["weights"][1:]) == pytest.approx(before["weights"][1])
    view.part("Component C").wait_for()


def test_a_selection_by_keys(notebook: NotebookPage) -> None:
    """X, arrows to move and Shift with arrows to stretch, Tab to the button, Enter."""
    view = notebook.widget()
    view.part("Component A").focus()
    view.page.keyboard.press("x")
    for _ in range(14):
        view.page.keyboard.press("ArrowRight")
    for _ in range(12):
        view.page.keyboard.press("ArrowUp")
    for _ in range(5):
        view.page.keyboard.press("Shift+ArrowUp")
    view.page.wait_for_timeout(300)  # until it is drawn
    found = counted(view)
    path = view.root.locator("path.gmm-lasso[d]").get_attribute("d") or ""
    corners = [tuple(map(float, pair)) for pair in re.findall(r"([\d.-]+) ([\d.-]+)", path)]
    left, top, _, _ = box_of(view.plot)
    ends = [(left + x, top + y) for x, y in (corners[0], corners[2])]
    assert found == len(rows_in(notebook, (ends[0], ends[1]))) > 3
    view.page.keyboard.press("Tab")
    view.page.keyboard.press("Enter")
    notebook.eventually(SIZE, partial(eq, 3))


def test_a_selection_of_nothing_is_refused_in_words(notebook: NotebookPage) -> None:
    """The kernel says why; the selection stays to be drawn anew, and Escape leaves it."""
    view = notebook.widget()
    left, top, _, _ = box_of(view.plot)
    view.button("Select box").click()
    pull(view, [(left + 8, top + 8), (left + 90, top + 70)])
    assert counted(view) == 0
    view.button("New component from selection").click()
    view.root.get_by_text("0 points are in the selection").first.wait_for()
    assert notebook.evaluate(SIZE) == 2
    view.part("Component A").focus()
    view.page.keyboard.press("Escape")
    expect(view.root.locator(".gmm-selection")).to_be_hidden()

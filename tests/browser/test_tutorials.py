"""The tutorials in real JupyterLab: all cells run, and the first exercise done with the mouse."""

import json
import os
import shutil
from functools import partial
from operator import eq
from pathlib import Path
from typing import final

import pytest

from tests.browser.conftest import OpenNotebook
from tests.browser.notebook_page import PANEL, NotebookPage
from tests.browser.servers import Server
from tests.browser.widget_view import WidgetView

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
KNOTS = ((-1.5, -1.0), (2.0, -1.0), (0.2, 2.0))
PICTURES = os.environ.get("GMM_PICTURES")  # where somebody who wants to look has them put
SHOW = f"""index => {{
  const cells = {PANEL}.content;
  cells.activeCellIndex = index;
  cells.scrollToCell(cells.widgets[index], 'start');
}}"""


@final
class Tutorial:
    """A notebook of the repository, all of its cells run, and the cells by their ids."""

    def __init__(self, name: str, page: NotebookPage) -> None:
        self.name, self.notebook = name, page
        shutil.copy(NOTEBOOKS / f"{name}.ipynb", page.server.root)
        cells = json.loads((NOTEBOOKS / f"{name}.ipynb").read_text(encoding="utf-8"))["cells"]
        self.index = {cell["id"]: at for at, cell in enumerate(cells)}
        page.page.goto(page.server.page(f"{name}.ipynb"))
        page.wait_for_kernel()
        for cell in cells:
            if cell["cell_type"] == "code":
                page.run_cell(self.index[cell["id"]])

    def view(self, ident: str) -> WidgetView:
        """Scroll to the cell and return the widget in its output, once it is painted."""
        page = self.notebook.page
        page.evaluate(SHOW, self.index[ident])
        cell = page.locator(f'.jp-Cell[data-windowed-list-index="{self.index[ident]}"]')
        root = cell.locator('.gmm-root[data-gmm-ready="true"]')
        root.wait_for()
        root.scroll_into_view_if_needed()
        return WidgetView(page, root)

    def verdict(self, ident: str) -> str:
        """Run a cell that checks an exercise and return what it says."""
        self.notebook.run_cell(self.index[ident])
        return self.notebook.text(self.index[ident])

    def picture(self, what: str) -> None:
        """Keep what is on the screen, for whoever asked for pictures."""
        if PICTURES:
            self.notebook.screenshot(Path(PICTURES) / f"{self.name}-{what}.png")


@pytest.fixture
def page(lab: Server, open_notebook: OpenNotebook) -> NotebookPage:
    """A page of JupyterLab."""
    return open_notebook(lab, [])


def test_em_by_hand(page: NotebookPage) -> None:
    """Letters dragged to where the two kinds of eruptions are pass the first check."""
    tutorial = Tutorial("em_by_hand", page)
    assert tutorial.verdict("first-check").startswith("Not yet")
    view = tutorial.view("widget")
    for label, mean in (("Centre of A", (2.04, 54.5)), ("Centre of B", (4.29, 80.0))):
        (x, y), (left, top) = view.middle(view.part(label)), view.data_to_pixel(*mean)
        view.drag(view.part(label), left - x, top - y)
    tutorial.picture("done")
    page.eventually("w.log_likelihood is not None and w.log_likelihood > -1350", bool)
    assert tutorial.verdict("first-check").startswith("Solved")


def test_local_optima(page: NotebookPage) -> None:
    """A component is made of each knot that a box is drawn around, and EM ends far above."""
    tutorial = Tutorial("local_optima", page)
    assert tutorial.verdict("check").startswith("Not yet")
    view = tutorial.view("widget")
    view.part("Number of components").fill("1")
    view.part("Number of components").press("Enter")
    page.eventually("w.mixture.n_components", partial(eq, 1))
    for least, (x, y) in enumerate(KNOTS, start=2):
        view.button("Select box").click()
        draw(view, (x - 0.7, y - 0.7), (x + 0.7, y + 0.7))
        view.button("New component from selection").click()
        page.eventually("w.mixture.n_components", partial(eq, least))
    tutorial.picture("drawn")
    view.button("Run").click()
    page.eventually("w.converged and not w.running", bool)
    tutorial.picture("done")
    assert tutorial.verdict("check").startswith("Solved")


def draw(view: WidgetView, first: tuple[float, float], last: tuple[float, float]) -> None:
    """Press at one point of the data and let go at another."""
    mouse = view.page.mouse
    mouse.move(*view.data_to_pixel(*first))
    mouse.down()
    mouse.move(*view.data_to_pixel(*last), steps=6)
    mouse.up()

"""A notebook of the repository as its reader has it: open in JupyterLab, all of its cells run."""

import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any, final

from tests.browser.notebook_page import PANEL, NotebookPage
from tests.browser.widget_view import WidgetView, box_of

FOLDER = Path(__file__).parents[2] / "notebooks"
NAMES = sorted(path.stem for path in FOLDER.glob("*.ipynb"))
PICTURES = os.environ.get("GMM_PICTURES")  # where somebody who wants to look has them put
WIDGET = "application/vnd.jupyter.widget-view+json"
SHOW = f"""index => {{
  const cells = {PANEL}.content;
  cells.activeCellIndex = index;
  cells.scrollToCell(cells.widgets[index], 'start');
}}"""


@final
class Tutorial:
    """A notebook of the repository, all of its cells run, and the cells by their ids."""

    def __init__(self, name: str, page: NotebookPage) -> None:
        """Run the cells of the notebook, which is open, from top to bottom."""
        self.name, self.notebook = name, page
        cells = json.loads((FOLDER / f"{name}.ipynb").read_text(encoding="utf-8"))["cells"]
        self.index = {cell["id"]: at for at, cell in enumerate(cells)}
        self.code = [cell["id"] for cell in cells if cell["cell_type"] == "code"]
        for ident in self.code:
            page.run_cell(self.index[ident])

    def widgets(self) -> list[str]:
        """The ids of the cells whose output is a widget."""
        return [ident for ident in self.code if any(WIDGET in data for data in self._data(ident))]

    def warnings(self) -> list[str]:
        """What the cells wrote that is no result, and what broke on the page."""
        outputs = (each for ident in self.code for each in self.notebook.outputs(self.index[ident]))
        written = [str(each["text"]) for each in outputs if each.get("name") == "stderr"]
        return written + [text for text in self.notebook.complaints if "page error" in text]

    def _data(self, ident: str) -> Iterable[dict[str, Any]]:
        return (each.get("data", {}) for each in self.notebook.outputs(self.index[ident]))

    def said(self, ident: str) -> str:
        """What the cell printed, and the text of its result."""
        return self.notebook.text(self.index[ident])

    def shown(self, ident: str) -> set[str]:
        """The kinds of what the cell shows."""
        return {kind for data in self._data(ident) for kind in data}

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
        return self.said(ident)

    def picture(self, what: str) -> None:
        """Keep what is on the screen, for whoever asked for pictures."""
        if PICTURES:
            self.notebook.screenshot(Path(PICTURES) / f"{self.name}-{what}.png")

    def run(self, view: WidgetView, widget: str = "w") -> None:
        """Press Run and wait until it has come to its end."""
        view.button("Run").click()
        self.notebook.eventually(f"{widget}.converged and not {widget}.running", bool)


def carry(view: WidgetView, label: str, x: float, y: float) -> tuple[float, float]:
    """Drag a part of the widget to a point of the data; return where the hand let go."""
    (left, top), (to_left, to_top) = view.middle(view.part(label)), view.data_to_pixel(x, y)
    return view.drag(view.part(label), to_left - left, to_top - top)


def draw(view: WidgetView, *points: tuple[float, float]) -> None:
    """Press at the first of these points of the data, go along the others and let go."""
    box_of(view.plot)  # is on show
    mouse = view.page.mouse
    mouse.move(*view.data_to_pixel(*points[0]))
    mouse.down()
    for point in points[1:]:
        mouse.move(*view.data_to_pixel(*point), steps=6)
    mouse.up()

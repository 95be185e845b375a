"""For everyone: axe's rules with every tool and panel open, forced colours, and less motion."""

from pathlib import Path
from typing import Any

import pytest

from tests.browser.conftest import OpenNotebook
from tests.browser.notebook_page import NotebookPage
from tests.browser.servers import Server
from tests.browser.test_columns import FOUR
from tests.browser.widget_view import WidgetView

AXE = Path(__file__).parents[2] / "js" / "node_modules" / "axe-core" / "axe.min.js"
OVERLAYS = ("Density contours", "Decision boundaries", "Outliers", "Model sample")
RUN = """async root => {
  const { violations } = await axe.run(root);
  return violations.map(({ id, help, nodes }) => [id, help, nodes.map(node => node.html)]);
}"""
# What is drawn in the user's own colours, and must be told apart in them.
STROKES = """root => [".gmm-border", ".gmm-out", ".gmm-level", ".gmm-sample"].map(name =>
  getComputedStyle(root.querySelector(name)).stroke)"""
MOVING = """root => [...root.querySelectorAll("*")].filter(each => {
  const { transitionDuration, animationName } = getComputedStyle(each);
  return transitionDuration.split(", ").some(time => parseFloat(time) > 0) ||
    animationName !== "none";
}).map(each => each.className.baseVal ?? each.className)"""


@pytest.fixture
def notebook(lab: Server, open_notebook: OpenNotebook) -> NotebookPage:
    """A notebook with four columns; its second cell locks a component."""
    opened = open_notebook(lab, [FOUR, "w.lock('A')"])
    opened.run_cell(0)
    opened.widget()
    return opened


def open_all(notebook: NotebookPage, view: WidgetView) -> None:
    """Have everything on show that can be: overlays, panels, a selection, the list of keys."""
    for name in OVERLAYS:
        view.button(name).click()
    for name in ("Choose k", "How to fit"):
        view.button(name).click()
    view.part("Largest k").fill("2")
    view.button("Start fits").click()
    view.root.get_by_text("8 of 8 fits. Best: ").wait_for()
    notebook.run_cell(1)  # afterwards: fits of every size can't keep a lock
    view.part("Component A").focus()
    view.page.keyboard.press("x")
    view.button("Keyboard help").click()
    view.page.wait_for_timeout(300)


def complaints(view: WidgetView) -> list[Any]:
    """Return what axe finds wrong in the widget: the rule, what it asks for, and where."""
    view.page.evaluate(AXE.read_text(encoding="utf-8"))
    found: list[Any] = view.root.evaluate(RUN)
    return found


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_has_nothing_to_say(notebook: NotebookPage, theme: str) -> None:
    """With all closed and with all open."""
    notebook.set_theme(theme)
    view = notebook.widget()
    assert complaints(view) == []
    open_all(notebook, view)
    assert complaints(view) == []


def test_forced_colours_leave_nothing_unseen(notebook: NotebookPage) -> None:
    """Lines have a colour of the user's, which is not the ground's; axe agrees."""
    notebook.page.emulate_media(forced_colors="active")
    view = notebook.widget()
    open_all(notebook, view)
    ground = view.root.evaluate("root => getComputedStyle(root).backgroundColor")
    strokes = view.root.evaluate(STROKES)
    assert ground not in strokes
    for name, pressed in (("Outliers", True), ("Soft", True), ("Hard", False)):
        style = "button => getComputedStyle(button).outlineStyle"
        assert (view.button(name).evaluate(style) == "solid") is pressed
    assert complaints(view) == []


def test_less_motion_is_none(notebook: NotebookPage) -> None:
    """Nothing fades or pulses, and a step is there at once."""
    notebook.page.emulate_media(reduced_motion="reduce")
    view = notebook.widget()
    open_all(notebook, view)
    view.button("Run").click()
    assert view.root.evaluate(MOVING) == []

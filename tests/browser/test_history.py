"""The history in a real notebook: its picture leads back to any entry of any branch, exactly."""

from functools import partial
from operator import eq, ne

from playwright.sync_api import Locator

from tests.browser.cells import TWO
from tests.browser.conftest import OpenNotebook
from tests.browser.servers import Server
from tests.browser.widget_view import WidgetView

MIXTURE = "w.mixture.to_json()"


def entry(view: WidgetView, number: int) -> Locator:
    """Return the entry's mark in the picture of the history."""
    return view.root.locator(f'[data-gmm-entry="{number}"]')


def test_a_left_branch_is_a_click_away(lab: Server, open_notebook: OpenNotebook) -> None:
    """Drag, step back, take EM steps on another branch, click the drag's mark: every bit is back.

    And by the keyboard from there to the start, and by buttons forth again; the table in Python
    tells the same tree.
    """
    notebook = open_notebook(lab, [TWO, "w.jump(3)"])
    notebook.run_cell(0)
    view, states = notebook.widget(), [notebook.evaluate(MIXTURE)]
    view.drag(view.part("Centre of A"), 60, -40, steps=1)
    states.append(notebook.eventually(MIXTURE, partial(ne, states[0])))
    view.button("Step back").click()
    notebook.eventually(MIXTURE, partial(eq, states[0]))
    for _ in range(2):
        view.button("EM step").click()
        states.append(notebook.eventually(MIXTURE, partial(ne, states[-1 if _ else 0])))
    rows = notebook.evaluate("[[r.id, r.parent, r.by_hand] for r in w.history]")
    assert rows == [[0, None, False], [1, 0, True], [2, 0, False], [3, 2, False]]

    view.page.mouse.click(*view.middle(entry(view, 1).locator(".gmm-trace-mark")))
    notebook.eventually(MIXTURE, partial(eq, states[1]))
    view.root.locator('[data-gmm-entry="1"][data-gmm-where="here"]').wait_for()
    assert "A" in (entry(view, 1).get_attribute("aria-label") or "")

    entry(view, 1).focus()
    view.page.keyboard.press("ArrowLeft")
    view.page.keyboard.press("Enter")
    notebook.eventually(MIXTURE, partial(eq, states[0]))
    view.button("Step forward").click()
    notebook.eventually(MIXTURE, partial(eq, states[1]))
    notebook.run_cell(1)
    assert notebook.evaluate(MIXTURE) == states[3]
    view.root.locator('[data-gmm-entry="3"][data-gmm-where="here"]').wait_for()

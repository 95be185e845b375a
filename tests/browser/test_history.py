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


def test_every_step_of_a_run_is_a_click_away(lab: Server, open_notebook: OpenNotebook) -> None:
    """Run, click in the middle of the curve: what is there is what so many steps of EM lead to.

    Then steps back and forth, which move that one mark; Undo takes them all back, and Redo does
    them again.
    """
    notebook = open_notebook(lab, [TWO, "other = GMMWidget(df, mixture=start)"])
    for cell in (0, 1):
        notebook.run_cell(cell)
    view = notebook.widget()
    view.button("Run").click()
    notebook.eventually("w.converged and not w.running and not w.history[0].present", bool)
    end, taken = notebook.evaluate(MIXTURE), notebook.evaluate("w.history[-1].steps")
    view.root.locator('[data-gmm-entry="1"][data-gmm-where="here"]').wait_for()

    marks = [entry(view, number).locator(".gmm-trace-mark") for number in (0, 1)]
    (left, _), (right, top) = (view.middle(mark) for mark in marks)
    view.page.mouse.click((left + right) / 2, top)
    steps = notebook.eventually("w._fit['steps']", partial(ne, taken))
    assert 0 < steps < taken
    expected = f"[other.step({steps}), other.mixture.to_json()][1]"
    assert notebook.evaluate(MIXTURE) == notebook.evaluate(expected)
    view.root.locator('[data-gmm-entry="2"][data-gmm-where="here"]').wait_for()

    for way, there in (("back", steps - 1), ("back", steps - 2), ("forward", steps - 1)):
        view.button(f"Step {way}").click()
        notebook.eventually("w._fit['steps']", partial(eq, there))
    view.root.locator('[data-gmm-entry="2"][data-gmm-where="here"]').wait_for()
    rows = "[[r.id, r.parent, r.steps] for r in w.history]"
    walked = [[0, None, 0], [2, 0, steps - 1], [1, 2, taken]]
    assert notebook.evaluate(rows) == walked
    view.button("Undo").click()
    notebook.eventually(MIXTURE, partial(eq, end))
    assert notebook.evaluate(rows) == [[0, None, 0], [1, 0, taken]]
    view.button("Redo").click()
    notebook.eventually("w._fit['steps']", partial(eq, steps - 1))
    again = "[r.steps for r in w.history]"
    assert notebook.evaluate(again) == [0, steps - 1, taken]

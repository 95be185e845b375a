"""Two views and Python at once: a seeded crowd of acts, after which all of them agree."""

import numpy as np

from tests.browser.conftest import OpenNotebook
from tests.browser.notebook_page import NotebookPage
from tests.browser.servers import Server
from tests.browser.widget_view import WidgetView

CELL = """
from gmm_widget import GMMWidget
from gmm_widget.datasets import old_faithful
w = GMMWidget(old_faithful(), 3, random_state=0, height=240)
w
"""
ACTS = 40
BUTTONS = ("E step", "M step", "EM step", "Undo", "Redo", "Add component", "Split component", "Run")
LINES = (
    "w.step(2)",
    "w._fit['can_undo'] and w.undo()",
    "w._fit['can_redo'] and w.redo()",
    "w.place(0, weight=0.4)",
    "w.set_n_components(3)",
)
AT_REST = "[w.running, len(w._fit['acks']) > 1]"


def act(rng: np.random.Generator, notebook: NotebookPage, views: list[WidgetView]) -> None:
    """One random act, from either view or from Python."""
    view = views[rng.integers(len(views))]
    kind = rng.integers(4)
    if kind == 0:
        notebook.evaluate(f"[{LINES[rng.integers(len(LINES))]}, 0][1]")
    elif kind == 1:
        handle = view.root.get_by_label("Centre of ").first
        dx, dy = rng.integers(-25, 26, size=2)
        view.drag(handle, float(dx), float(dy), steps=3)
    else:
        button = view.button(BUTTONS[rng.integers(len(BUTTONS))])
        if button.count() and button.is_enabled():
            button.click()


def test_two_views_and_python_agree_in_the_end(lab: Server, open_notebook: OpenNotebook) -> None:
    """Whatever came in whatever order: both views show the kernel's mixture, and nothing hangs."""
    notebook = open_notebook(lab, [CELL, "w"])
    notebook.run_cell(0)
    notebook.run_cell(1)
    views = [notebook.widget(0), notebook.widget(1)]
    rng = np.random.default_rng(12)
    for _ in range(ACTS):
        act(rng, notebook, views)
    notebook.evaluate("w.stop()")
    notebook.eventually(AT_REST, lambda state: state == [False, True])
    means = notebook.evaluate("w.mixture.means.tolist()")
    told = notebook.evaluate("w.log_likelihood")
    letters = notebook.evaluate("[chr(65 + i) for i in w._fit['ids']]")
    for view in views:
        for letter, mean in zip(letters, means, strict=True):
            view.wait_until_at(f"Centre of {letter}", *mean)
        assert abs(view.log_likelihood() - told) < 1e-3
    done = notebook.evaluate("len(w.history)")
    assert done > ACTS / 4
    again = "__import__('numpy').isclose(w.mixture.log_density(w.data).sum(), w.log_likelihood)"
    assert notebook.evaluate(f"bool({again})")

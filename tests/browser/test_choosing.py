"""Choosing k, structure and the way to fit, in the widget."""

import pytest

from tests.browser.cells import TWO
from tests.browser.conftest import OpenNotebook
from tests.browser.servers import Server

MIXTURE = "w.mixture.to_json()"
FITTED = "0 if w.selection is None else len(w.selection.cells)"


def test_a_table_of_fits_is_called_off_resumed_and_a_cell_adopted_and_steered(
    lab: Server, open_notebook: OpenNotebook
) -> None:
    """Fits come in the background; the best of Old Faithful is tied with 3; one click adopts it."""
    notebook = open_notebook(lab, [TWO])
    notebook.run_cell(0)
    view, before = notebook.widget(), notebook.evaluate(MIXTURE)
    view.button("Choose k").click()
    view.button("Start fits").click()
    notebook.eventually(FITTED, lambda n: n >= 3)
    view.button("Cancel fits").click()
    view.button("Resume fits").wait_for()
    come = notebook.evaluate(FITTED)
    assert 3 <= come < 36
    notebook.page.wait_for_timeout(300)
    assert notebook.evaluate(FITTED) == come
    view.button("Resume fits").click()
    best = view.root.get_by_label("tied, 3 components, BIC 2314.3, best", exact=True)
    notebook.eventually("w.selection and w._session.grid.complete", bool)
    best.wait_for()
    view.root.get_by_text("36 of 36 fits. Best: tied, 3 components, BIC 2314.3").wait_for()
    assert notebook.evaluate(MIXTURE) == before
    best.focus()
    view.root.locator(".gmm-ghost").nth(2).wait_for(state="attached")
    best.press("ArrowRight")
    assert view.root.get_by_label("tied, 4 components").first.evaluate(
        "cell => cell === document.activeElement"
    )
    best.click()
    notebook.eventually("w.covariance_type", lambda name: name == "tied")
    assert notebook.evaluate("w.mixture.n_components") == 3
    assert notebook.evaluate("w.history[-1].words") == "chose tied, 3 components"
    assert notebook.evaluate("w.bic") == pytest.approx(2314.3, abs=0.05)
    chosen = notebook.evaluate(MIXTURE)
    part = view.part("Component C")
    part.wait_for(state="attached")
    part.focus()
    part.press("ArrowRight")
    moved = notebook.eventually(MIXTURE, lambda now: now != chosen)
    assert moved["means"][2][0] > chosen["means"][2][0]
    view.button("Undo").click()
    notebook.eventually(MIXTURE, lambda now: now == chosen)
    view.button("Undo").click()
    notebook.eventually(MIXTURE, lambda now: now == before)

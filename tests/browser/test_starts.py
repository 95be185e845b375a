"""Restarts in the background beside the current fit: optima are previewed and one is adopted."""

import pytest

from tests.browser.cells import TWO
from tests.browser.conftest import Shown
from tests.browser.servers import Server

MIXTURE = "w.mixture.to_json()"


def test_an_optimum_is_looked_at_and_adopted(lab: Server, shown: Shown) -> None:
    """The search leaves the fit; focus shows a ghost; Enter adopts; Undo gives every bit back."""
    notebook, view = shown(lab, [TWO])
    before = notebook.evaluate(MIXTURE)
    view.button("Try 20 starts").click()
    notebook.eventually("w._survey.get('optima') and not w._survey['running']", bool)
    assert notebook.evaluate(MIXTURE) == before
    best = view.root.locator('[data-gmm-peak="0"]')
    best.focus()
    # After a press of a button the browser's own outline would be there; ours is within.
    assert best.evaluate("peak => getComputedStyle(peak).outlineStyle") == "none"
    view.root.locator(".gmm-next-step").nth(1).wait_for(state="attached")
    assert "reached by" in (best.get_attribute("aria-label") or "")
    view.page.keyboard.press("Enter")
    known = "w.restarts.optima[0].mixture.to_json()"
    adopted = notebook.evaluate(known)
    assert notebook.eventually(MIXTURE, lambda now: now != before) == adopted
    # The published maximum of Old Faithful with two full components.
    assert notebook.evaluate("w.log_likelihood") == pytest.approx(-1130.264, abs=1e-2)
    view.root.get_by_text("so does the current fit").wait_for()
    view.button("Undo").click()
    notebook.eventually(MIXTURE, lambda now: now == before)

"""A hand in the middle of a run: EM goes on around what is held, and frees it on letting go."""

from functools import partial
from operator import ne

from tests.browser.cells import LONG
from tests.browser.conftest import Shown
from tests.browser.servers import Server

MEAN = "w.mixture.means[0].tolist()"
STATE = f"[w._fit['steps'], {MEAN}, w.mixture.means[1].tolist()]"


def test_em_runs_around_the_hand(lab: Server, shown: Shown) -> None:
    """Held for a second, A does not move while the steps go on and B does; let go, A moves too."""
    notebook, view = shown(lab, [LONG])
    view.button("Run").click()
    notebook.eventually('w._fit["steps"]', lambda count: count > 3)
    _, _, other = notebook.evaluate(STATE)
    x, y = view.middle(view.part("Centre of A"))
    view.page.mouse.move(x, y)
    view.page.mouse.down()
    notebook.eventually("len(w._session.held_components)", lambda count: count == 1)
    left, top = view.middle(view.part("Centre of A"))  # it may have moved on before it was held
    view.page.mouse.move(x + 40, y - 30, steps=4)
    mean = notebook.eventually(MEAN, partial(view.is_at, left + 40, top - 30))
    steps, _, _ = notebook.evaluate(STATE)
    view.page.wait_for_timeout(1000)
    later, still, moved = notebook.evaluate(STATE)
    assert later > steps
    assert still == mean
    assert moved != other
    view.wait_until_at("Centre of A", *mean)
    assert notebook.evaluate("w.history[-1].label.split()[0]") == "held"
    view.page.mouse.up()
    notebook.eventually(MEAN, partial(ne, mean))
    assert notebook.evaluate("w.running")
    assert notebook.evaluate("w.history[-1].label.split()[0]") == "run"
    view.button("Stop").click()
    notebook.eventually("w.running", lambda running: not running)

"""The main job: a hand and EM work on one mixture, and the kernel has what the screen shows."""

import json
from functools import partial
from operator import eq, ne
from pathlib import Path

import numpy as np
import pytest

from tests.browser.cells import THREE_TIED, TWO
from tests.browser.conftest import Shown
from tests.browser.oracle import em_step
from tests.browser.servers import Server

MEAN = "w.mixture.means[0].tolist()"
MIXTURE = "w.mixture.to_json()"
ADDED = """
import sys
sys.path.insert(0, {folder!r})
from structure_help import TiedDiag
from gmm_widget.core.structure import STRUCTURES
STRUCTURES[TiedDiag.name] = TiedDiag()
"""
HELP = Path(__file__).parents[1] / "python"


@pytest.mark.parametrize("host", ["lab", "notebook7"])
def test_the_kernel_has_the_centre_where_the_hand_let_go(
    host: str, shown: Shown, request: pytest.FixtureRequest
) -> None:
    """Drag "Centre of A"; its mean is under the place of release to a pixel, and only it moved."""
    server: Server = request.getfixturevalue(host)
    notebook, view = shown(server, [TWO, f"import json; print(json.dumps({MIXTURE}))"])
    before = notebook.evaluate(MIXTURE)
    x, y = view.drag(view.part("Centre of A"), 90, -45)
    mean = notebook.eventually(MEAN, partial(view.is_at, x, y))
    notebook.eventually("w._released", lambda count: count == 1)
    notebook.run_cell(1)
    after = json.loads(notebook.text(1))
    assert after["means"] == [mean, before["means"][1]]
    assert after["covariances"] == before["covariances"]
    assert after["weights"] == before["weights"]


def test_an_axis_and_the_rotation_follow_the_hand(lab: Server, shown: Shown) -> None:
    """Pulling an axis makes the ellipse larger, turning keeps its area; the rest stays."""
    notebook, view = shown(lab, [TWO])
    states = [notebook.evaluate(MIXTURE)]
    x, y = view.middle(view.part("Axis 2 of A"))
    centre_x, centre_y = view.middle(view.part("Centre of A"))
    # One move a drag, so that the first change to be seen in the kernel is the last one as well.
    view.drag(view.part("Axis 2 of A"), 0.4 * (x - centre_x), 0.4 * (y - centre_y), steps=1)
    states.append(notebook.eventually(MIXTURE, partial(ne, states[0])))
    view.drag(view.part("Rotate A"), 30, 60, steps=1)
    states.append(notebook.eventually(MIXTURE, partial(ne, states[1])))
    for state in states[1:]:
        assert state["means"] == states[0]["means"]
        assert state["covariances"][1] == states[0]["covariances"][1]
    before, pulled, turned = (np.linalg.det(state["covariances"][0]) for state in states)
    assert pulled > 1.2 * before
    assert turned == pytest.approx(pulled, rel=1e-9)


def test_em_step_is_the_textbooks(lab: Server, shown: Shown) -> None:
    """The button gives what dense arithmetic gives from the same start, for two structures."""
    plain = TWO.replace("mixture=start", "mixture=start, regularisation=0")
    notebook, view = shown(lab, [plain, 'w.covariance_type = "tied"'])
    data = np.array(notebook.evaluate("df.to_numpy().tolist()"))
    for structure in ("full", "tied"):
        assert notebook.evaluate("w.covariance_type") == structure
        start = notebook.evaluate(MIXTURE)
        view.button("EM step").click()
        result = notebook.eventually(MIXTURE, partial(ne, start))
        for name, expected in em_step(data, start, structure).items():
            np.testing.assert_allclose(result[name], expected, rtol=1e-9, atol=1e-12)
        notebook.run_cell(1)


def test_run_from_a_poor_start_reaches_the_optimum(lab: Server, shown: Shown) -> None:
    """Old Faithful, three tied components: the converged maximum, in the kernel and on screen."""
    notebook, view = shown(lab, [THREE_TIED])
    view.button("Run").click()
    notebook.eventually("w.converged and not w.running", bool)
    assert notebook.evaluate("w.log_likelihood") == pytest.approx(-1126.31593, abs=1e-4)
    view.button("Run").wait_for()
    view.root.locator(".gmm-loglik", has_text="1126.316").wait_for()


def test_undo_returns_the_exact_mixture(lab: Server, shown: Shown) -> None:
    """A drag and an EM step, undone one by one, give back every bit; redo likewise."""
    notebook, view = shown(lab, [TWO])
    states = [notebook.evaluate(MIXTURE)]
    view.part("Component B").focus()
    x, y = view.drag(view.part("Centre of B"), -60, 30)
    notebook.eventually("w.mixture.means[1].tolist()", partial(view.is_at, x, y))
    states.append(notebook.evaluate(MIXTURE))
    view.button("EM step").click()
    states.append(notebook.eventually(MIXTURE, partial(ne, states[1])))
    for button, order in (("Undo", (1, 0)), ("Redo", (1, 2))):
        for index in order:
            view.button(button).click()
            notebook.eventually(MIXTURE, partial(eq, states[index]))


def test_a_structure_that_python_added_is_chosen_and_kept_by_hands(
    lab: Server, shown: Shown
) -> None:
    """It is in the menu; an axis that is pulled changes all components; no handle rotates."""
    notebook, view = shown(lab, [ADDED.format(folder=str(HELP)) + TWO])
    view.part("Covariance structure").select_option(label="Tied diagonal")
    notebook.eventually("w.covariance_type", partial(eq, "tied_diag"))
    view.part("Component A").focus()
    assert not view.root.get_by_label("Rotate A").is_visible()
    before = notebook.evaluate(MIXTURE)
    view.drag(view.part("Axis 1 of A"), 40, -40)
    after = notebook.eventually(MIXTURE, partial(ne, before))
    assert after["covariances"][0] == after["covariances"][1] != before["covariances"][0]
    assert after["covariances"][0][0][1] == 0
    notebook.eventually("w.log_likelihood is not None", bool)
    view.button("Run").click()
    notebook.eventually("w.converged", bool)

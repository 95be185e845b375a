"""What a hand can do besides dragging a component: the plane, the table, and fingers."""

from collections.abc import Callable
from functools import partial
from operator import eq, ne
from typing import Any

import numpy as np
import pytest

from tests.browser.cells import TWO
from tests.browser.conftest import OpenNotebook, Shown
from tests.browser.notebook_page import NotebookPage
from tests.browser.servers import Server
from tests.browser.widget_view import WidgetView, box_of

MIXTURE = "w.mixture.to_json()"
SIZE = "w.mixture.n_components"


@pytest.fixture
def notebook(lab: Server, open_notebook: OpenNotebook) -> NotebookPage:
    """A notebook with a widget of two components on the screen."""
    opened = open_notebook(lab, [TWO])
    opened.run_cell(0)
    opened.widget()
    return opened


def empty_place(view: WidgetView) -> tuple[float, float]:
    """Return a place on the page where the plane is empty: its upper left corner."""
    left, top, _, _ = box_of(view.plot)
    return left + 25, top + 25


def wait_for_extent(view: WidgetView, holds: Callable[[tuple[float, ...]], bool]) -> None:
    """Wait until what the plot shows satisfies `holds`."""
    for _ in range(200):
        if holds(view.extent()):
            return
        view.page.wait_for_timeout(25)
    raise AssertionError(f"the plot still shows {view.extent()}")


def test_pan_zoom_and_fit(notebook: NotebookPage) -> None:
    """The point under the hand stays under it; F shows all again; the mixture is left alone."""
    view, before = notebook.widget(), notebook.evaluate(MIXTURE)
    home, (x, y) = view.extent(), empty_place(view)
    held = view.pixel_to_data(x, y)
    view.page.mouse.move(x, y)
    view.page.mouse.down()
    view.page.mouse.move(x + 120, y + 60, steps=6)
    view.page.mouse.up()
    wait_for_extent(view, lambda _: view.is_at(x + 120, y + 60, held))
    view.page.keyboard.down("Control")
    view.page.mouse.wheel(0, -240)
    view.page.keyboard.up("Control")
    wait_for_extent(view, lambda now: now[1] - now[0] < 0.9 * (home[1] - home[0]))
    assert view.is_at(x + 120, y + 60, held)
    view.page.keyboard.press("f")
    wait_for_extent(view, partial(eq, home))
    assert notebook.evaluate(MIXTURE) == before


def test_the_wheel_scrolls_the_page_unless_it_is_meant(notebook: NotebookPage) -> None:
    """Without Ctrl, and with the focus elsewhere, the wheel over the plot does not zoom."""
    view = notebook.widget()
    home, (x, y) = view.extent(), empty_place(view)
    view.page.mouse.move(x, y)
    view.page.mouse.wheel(0, -120)
    view.page.wait_for_timeout(200)
    assert view.extent() == home
    view.part("Component A").focus()
    view.page.mouse.wheel(0, -120)
    wait_for_extent(view, partial(ne, home))


def test_a_double_click_adds_a_component_there(notebook: NotebookPage) -> None:
    """Two clicks on the empty plane: three components, the new one's mean under the pointer."""
    view = notebook.widget()
    x, y = empty_place(view)
    view.page.mouse.dblclick(x, y)
    notebook.eventually(SIZE, partial(eq, 3))
    assert view.is_at(x, y, notebook.evaluate("w.mixture.means[2].tolist()"))
    view.part("Component C").wait_for()


def test_split_and_merge(notebook: NotebookPage) -> None:
    """S splits the selected one; what Shift and a click chooses, M merges: the moments stay."""
    view, before = notebook.widget(), notebook.evaluate(MIXTURE)
    view.part("Component A").focus()
    view.page.keyboard.press("s")
    notebook.eventually(SIZE, partial(eq, 3))
    view.part("Component C").wait_for()
    view.button("Select A").click()
    view.button("Select C").click(modifiers=["Shift"])
    view.button("Merge components").click()
    notebook.eventually(SIZE, partial(eq, 2))
    after = notebook.evaluate(MIXTURE)
    for name in before:
        np.testing.assert_allclose(after[name], before[name], rtol=1e-9)


def test_locks_hold_through_a_step(notebook: NotebookPage) -> None:
    """A mean locked in the table is where it was after an EM step; the other one has moved."""
    view, before = notebook.widget(), notebook.evaluate(MIXTURE)
    view.button("Lock mean of A").click()
    view.root.locator('[aria-label="Lock mean of A"][aria-pressed="true"]').wait_for()
    view.button("EM step").click()
    after = notebook.eventually(MIXTURE, partial(ne, before))
    assert after["means"][0] == before["means"][0]
    assert after["means"][1] != before["means"][1]
    assert after["covariances"][0] != before["covariances"][0]


@pytest.mark.parametrize(
    ("label", "text", "where", "value"),
    [
        ("Weight of A in numbers", "0.25", "w.mixture.weights[0].item()", 0.25),
        ("Mean of B in the second column", "81.5", "w.mixture.means[1, 1].item()", 81.5),
        (
            "Standard deviation of A in the first column",
            "0.5",
            "w.mixture.covariances[0, 0, 0].item()",
            0.25,
        ),
    ],
)
def test_numbers_are_typed(
    notebook: NotebookPage, label: str, text: str, where: str, value: float
) -> None:
    """A number typed into the table and Enter: the kernel has it, exactly but for rounding."""
    view = notebook.widget()
    view.part(label).click()
    view.page.keyboard.type(text)
    view.page.keyboard.press("Enter")
    notebook.eventually(where, lambda now: bool(np.isclose(now, value, rtol=1e-12)))


def test_the_weight_handle(notebook: NotebookPage) -> None:
    """Pulled down along its dial from a half, the weight of A grows; the weights sum to one."""
    view = notebook.widget()
    view.part("Component A").focus()
    view.drag(view.part("Weight of A"), -20, -22)
    weights = notebook.eventually("w.mixture.weights.tolist()", lambda now: now[0] != 0.5)
    assert 0.6 < weights[0] < 0.9
    assert sum(weights) == pytest.approx(1, abs=1e-12)


Touch = Callable[..., None]


@pytest.fixture
def touch(notebook: NotebookPage) -> Touch:
    """A function (kind, places) that puts fingers on the page, moves or lifts them."""
    session: Any = notebook.page.context.new_cdp_session(notebook.page)

    def send(kind: str, *points: tuple[float, float]) -> None:
        fingers = [{"x": x, "y": y, "id": i} for i, (x, y) in enumerate(points)]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": fingers})

    return send


def test_a_finger_drags_a_component(notebook: NotebookPage, touch: Touch) -> None:
    """A touch that begins beside the centre moves the component by as much as the finger."""
    view = notebook.widget()
    x, y = view.middle(view.part("Centre of A"))
    touch("touchStart", (x + 9, y + 6))
    for step in range(1, 6):
        touch("touchMove", (x + 9 + 12 * step, y + 6 - 8 * step))
    touch("touchEnd")
    notebook.eventually("w.mixture.means[0].tolist()", partial(view.is_at, x + 60, y - 40))


def test_two_fingers_zoom(notebook: NotebookPage, touch: Touch) -> None:
    """Fingers that go apart to twice their distance: half as much of the plane is seen."""
    view, before = notebook.widget(), notebook.evaluate(MIXTURE)
    home, (left, top, width, height) = view.extent(), box_of(view.plot)
    x, y = left + width / 2, top + height / 2
    touch("touchStart", (x - 40, y))
    touch("touchStart", (x - 40, y), (x + 40, y))
    for reach in (50, 60, 70, 80):
        touch("touchMove", (x - reach, y), (x + reach, y))
    touch("touchEnd")
    wait_for_extent(view, lambda now: abs((now[1] - now[0]) / (home[1] - home[0]) - 0.5) < 0.03)
    assert notebook.evaluate(MIXTURE) == before


SMALL = TWO.replace("[spread / 4, spread / 5]", "[spread / 9000, spread / 5]")


def test_every_handle_of_a_small_ellipse_can_be_taken(lab: Server, shown: Shown) -> None:
    """All lie beside the letter that covers the ellipse; an axis grows by what the hand pulls."""
    notebook, view = shown(lab, [SMALL])
    view.part("Component A").focus()
    x, y = view.middle(view.part("Centre of A"))
    for name in ("Axis 1 of A", "Axis 2 of A", "Rotate A", "Weight of A", "Centre of A"):
        place = view.middle(view.part(name))
        is_on_top = "(part, place) => part.contains(document.elementFromPoint(...place))"
        assert view.part(name).evaluate(is_on_top, list(place)), name
    before = notebook.evaluate(MIXTURE)
    left, top = view.middle(view.part("Axis 2 of A"))
    away = np.array([left - x, top - y])
    way = away / np.hypot(*away)
    view.drag(view.part("Axis 2 of A"), 30 * way[0], 30 * way[1], steps=1)
    after = notebook.eventually(MIXTURE, partial(ne, before))
    (x0, x1, y0, y1), (_, _, width, height) = view.extent(), box_of(view.plot)
    scale = np.diag([width / (x1 - x0), -height / (y1 - y0)])
    reach = [
        2 * np.sqrt(way @ scale @ state["covariances"][0] @ scale @ way)
        for state in (before, after)
    ]
    assert reach[1] - reach[0] == pytest.approx(30, abs=1)

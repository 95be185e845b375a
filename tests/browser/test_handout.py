"""A saved page in a browser that has no network: it is seen, dragged, and EM answers."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, ConsoleMessage, Locator

from gmm_widget import GMMWidget, Mixture
from gmm_widget.datasets import old_faithful
from tests.browser.widget_view import WidgetView

Open = Callable[[GMMWidget], WidgetView]
COVARIANCE = [[0.3, 0.0], [0.0, 46.0]]


@pytest.fixture
def open_page(browser: Browser, tmp_path: Path) -> Iterator[Open]:
    """Save a widget, and open the file off line; nothing may be asked for or complained of."""
    context = browser.new_context(viewport={"width": 1100, "height": 800}, offline=True)
    heard: list[str] = []

    def listen(message: ConsoleMessage) -> None:
        if "GL Driver Message (OpenGL, Performance" not in message.text:  # of WebGL in software
            heard.append(message.text)

    def open_saved(widget: GMMWidget) -> WidgetView:
        path = tmp_path / "handout.html"
        widget.save_html(path, "A handout")
        page = context.new_page()
        page.on("console", listen)
        page.on("pageerror", lambda error: heard.append(str(error)))
        page.on("request", lambda request: heard.append(request.url))
        page.goto(path.as_uri())
        root = page.locator('.gmm-root[data-gmm-ready="true"]')
        root.wait_for()
        return WidgetView(page, root)

    yield open_saved
    context.close()
    asked = [text for text in heard if not re.match("file:|data:|blob:", text)]
    assert not asked


def eruptions() -> GMMWidget:
    """Two components over Old Faithful, not where they belong."""
    weights, means = np.array([0.5, 0.5]), np.array([[2.4, 60.0], [4.2, 78.0]])
    start = Mixture(weights, means, np.array([COVARIANCE, COVARIANCE]))
    return GMMWidget(old_faithful(), mixture=start)


def test_a_drag_off_line_shows_the_kernels_figure(open_page: Open) -> None:
    """Where the hand lets go, the figure is the one that a kernel computes for that mixture."""
    w = eruptions()
    view = open_page(w)
    assert view.log_likelihood() == pytest.approx(w.log_likelihood, abs=1e-3)
    view.drag(view.part("Centre of A"), -60, 50)
    mean = view.pixel_to_data(*view.middle(view.part("Centre of A")))
    view.root.locator(".gmm-live", has_text="~").first.wait_for(state="detached")
    w.place("A", mean=mean)
    assert view.log_likelihood() == pytest.approx(w.log_likelihood, abs=1.0)
    view.button("Undo").click()
    view.wait_until_at("Centre of A", 2.4, 60.0)


def test_the_figure_follows_the_hand(open_page: Open) -> None:
    """While the button is down, before anything is done, the number moves."""
    view = open_page(eruptions())
    before = view.log_likelihood()
    x, y = view.middle(view.part("Centre of A"))
    view.page.mouse.move(x, y)
    view.page.mouse.down()
    view.page.mouse.move(x + 150, y - 100, steps=5)
    view.root.locator(".gmm-live", has_text="~").first.wait_for()
    assert view.log_likelihood() < before - 1
    view.page.mouse.up()


def test_em_off_line_ends_at_the_known_maximum(open_page: Open) -> None:
    """Old Faithful with two full components: -1130.263960 nats."""
    view = open_page(eruptions())
    view.button("EM step").click()
    view.root.get_by_text("still moving").wait_for()
    view.button("Run").click()
    view.root.get_by_text("converged after").wait_for()
    assert view.log_likelihood() == pytest.approx(-1130.263960, abs=2e-3)


@pytest.mark.parametrize("columns", [2, 3])
def test_what_is_offered_works_without_a_kernel(open_page: Open, columns: int) -> None:
    """No button on show is refused, also of panels that came later."""
    data = old_faithful()
    third = {"third": data["waiting"] * 0.5 + data["eruptions"] ** 2} if columns == 3 else {}
    view = open_page(GMMWidget(data | third, 3, random_state=0))
    view.part("Component A").focus()
    names = [str(each.get_attribute("aria-label") or each.inner_text()) for each in offered(view)]
    assert {"Undo", "Hard", "Density contours", "Select A"} <= set(names)
    assert ("Run" in names) == (columns == 2)
    assert view.root.get_by_role("table", name="Components").is_visible()
    for name in names:
        button = view.root.get_by_role("button", name=name, exact=True)
        if name not in ("Save PNG", "Save SVG", "Full screen") and button.is_enabled():
            button.click()
        view.page.wait_for_timeout(100)
        assert view.root.get_by_text("no kernel").count() == 0, name


def offered(view: WidgetView) -> list[Locator]:
    """Return the buttons on show."""
    return [each for each in view.root.locator("button").all() if each.is_visible()]


def test_a_key_that_needs_a_kernel_is_answered(open_page: Open) -> None:
    """What is not offered can still be asked for by its key."""
    view = open_page(eruptions())
    view.part("Component A").press("s")
    view.root.get_by_text("This page has no kernel").wait_for()

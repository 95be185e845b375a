"""A line that stalls, is cut and comes back: what was done meanwhile reaches the kernel, once."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from urllib.parse import urlsplit

import pytest

from tests.browser.cells import TWO
from tests.browser.conftest import Shown
from tests.browser.proxy import Proxy
from tests.browser.servers import Server

MEAN = "w.mixture.means[0].tolist()"
OTHER = "w.mixture.means[1].tolist()"
LABELS = "[entry.label for entry in w.history]"


@pytest.fixture
def line(lab: Server) -> Iterator[Proxy]:
    """A line to JupyterLab with a delay of 20 ms each way."""
    with Proxy(urlsplit(lab.url).port or 80, delay=0.02) as proxy:
        yield proxy


def behind(line: Proxy, lab: Server) -> Server:
    """The server as it is seen through the line."""
    return replace(lab, url=f"http://127.0.0.1:{line.port}/")


def test_what_is_sent_into_a_dead_connection_reaches_the_kernel(
    lab: Server, line: Proxy, shown: Shown
) -> None:
    """The line stalls for six seconds, is cut for three, and comes back."""
    notebook, view = shown(behind(line, lab), [TWO])
    x, y = view.drag(view.part("Centre of A"), 30, -20)
    notebook.eventually(MEAN, partial(view.is_at, x, y))
    line.stall()
    x, y = view.drag(view.part("Centre of A"), 40, -30)
    view.button("Split component").click()
    view.page.wait_for_timeout(6000)
    line.cut()
    view.page.wait_for_timeout(3000)
    line.mend()
    mean = partial(view.is_at, x, y)
    notebook.eventually("w.mixture.n_components", lambda count: count == 3)
    labels = notebook.evaluate(LABELS)
    assert labels == ["start", "moved A", "moved A", "split A"]
    parent = notebook.evaluate("w._session.history.entries[2].state.mixture.means[0].tolist()")
    assert mean(parent)
    view.part("Component C").wait_for()
    while notebook.page.locator(".jp-Dialog").count():  # JupyterLab's own word about the line
        notebook.page.keyboard.press("Escape")
        notebook.page.wait_for_timeout(200)
    x, y = view.drag(view.part("Centre of B"), -30, 20)
    notebook.eventually(OTHER, partial(view.is_at, x, y))
    view.button("Run").click()
    notebook.eventually("w.converged", bool)
    view.root.get_by_text("Converged").wait_for()

"""Hosts besides JupyterLab and Notebook 7: marimo and Voila, each with the real program."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from playwright.sync_api import Browser, Page

from tests.browser.cells import TWO
from tests.browser.notebook_page import PATIENCE, notebook_of
from tests.browser.widget_view import WidgetView

MARIMO = """\
import marimo

app = marimo.App()


@app.cell
def _():
    import marimo as mo
    {cell}
    shown = mo.ui.anywidget(w)
    shown
    return (shown,)


@app.cell
def _(shown):
    # Runs again whenever a hand has let go.
    "mean of A: " + str(shown.widget.mixture.means[0].tolist()) + " end"
    return
"""


@contextmanager
def serving(arguments: list[str], folder: Path, port: int) -> Iterator[str]:
    """Run a server in the folder until the block ends; yields its address once it answers."""
    url = f"http://127.0.0.1:{port}/"
    own = {"JUPYTER_CONFIG_DIR": "config", "JUPYTER_DATA_DIR": "data", "IPYTHONDIR": "ipython"}
    settings = {name: str(folder / path) for name, path in own.items()}
    log = (folder / "server.log").open("wb")
    process = subprocess.Popen(
        [sys.executable, "-m", *arguments],
        cwd=folder,
        env={**os.environ, **settings, "HOME": str(folder)},
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=subprocess.STDOUT,
    )
    try:
        deadline = time.monotonic() + PATIENCE / 1000
        while time.monotonic() < deadline and process.poll() is None:
            with suppress(OSError), urllib.request.urlopen(url, timeout=30):
                yield url
                return
            time.sleep(0.2)
        raise RuntimeError("no answer:\n" + (folder / "server.log").read_text(errors="replace"))
    finally:
        process.terminate()
        process.wait(timeout=20)
        log.close()


def free_port() -> int:
    """Return a port on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def view_of(page: Page) -> WidgetView:
    """Return the page's widget with all of its points."""
    root = page.locator('.gmm-root[data-gmm-ready="true"][data-gmm-points="all"]')
    root.wait_for(timeout=PATIENCE)
    return WidgetView(page, root)


def works(view: WidgetView) -> None:
    """Assert that a drag is answered with exact figures, and that a run reaches the maximum."""
    before = view.log_likelihood()
    x, y = view.drag(view.part("Centre of A"), 60, -40)
    view.page.wait_for_function(
        "root => root.querySelector('.gmm-live').textContent === ''",
        arg=view.root.element_handle(),
    )
    assert view.log_likelihood() != before
    left, top = view.middle(view.part("Centre of A"))
    assert abs(left - x) <= 1
    assert abs(top - y) <= 1
    view.button("Run").click()
    view.root.get_by_text("converged after").wait_for()
    assert abs(view.log_likelihood() + 1130.264) < 0.002


def test_marimo(browser: Browser, tmp_path: Path) -> None:
    """All works, and a cell that reads the mixture runs again when the hand lets go."""
    cell = TWO.strip().removesuffix("\nw").replace("\n", "\n    ")
    (tmp_path / "app.py").write_text(MARIMO.format(cell=cell), encoding="utf-8")
    port = free_port()
    command = ["marimo", "run", "app.py", "--headless", "--no-token", "-p", str(port)]
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    with serving(command, tmp_path, port) as url:
        page.goto(url)
        view = view_of(page)
        page.get_by_text("mean of A: [2.4, 60.0] end").wait_for(timeout=PATIENCE)
        works(view)
        page.get_by_text("mean of A: [2.4, 60.0] end").wait_for(state="detached")
    page.close()


def test_voila(browser: Browser, tmp_path: Path) -> None:
    """The widget of an executed notebook works on a page without code."""
    text = json.dumps(notebook_of([TWO]))
    (tmp_path / "app.ipynb").write_text(text, encoding="utf-8")
    port = free_port()
    command = ["voila", "app.ipynb", "--no-browser", f"--port={port}"]
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    with serving(command, tmp_path, port) as url:
        page.goto(url, timeout=PATIENCE)
        works(view_of(page))
    page.close()

"""JupyterLab in Chromium for the benchmarks: the tests' own harness, at the screen's 60 frames.

Chromium can be told to draw as fast as it can, and then its compositor spins on one of the cores
that the page needs: what frames cost is read from the page's own clock instead.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.browser import chromium, servers
from tests.browser.conftest import FLAGS
from tests.browser.notebook_page import NotebookPage

NO_WEBGL = """
const getContext = HTMLCanvasElement.prototype.getContext;
HTMLCanvasElement.prototype.getContext = function (kind, ...rest) {
  return kind === 'webgl2' ? null : getContext.call(this, kind, ...rest);
};
"""


class Lab:
    """A server and a browser; `open` gives a notebook in a page of its own."""

    def __init__(self, server: servers.Server, browser: Any) -> None:
        self.server, self.browser = server, browser

    @contextmanager
    def open(self, cells: list[str], script: str = "") -> Iterator[NotebookPage]:
        """A notebook of these cells, nothing run yet; its kernel ends with it."""
        context = self.browser.new_context(viewport={"width": 1400, "height": 1000})
        context.add_init_script(script)
        page = NotebookPage(context, self.server)
        page.page.set_default_timeout(240_000)
        try:
            page.open(cells)
            yield page
        finally:
            context.close()
            self.server.end_kernels()


@contextmanager
def lab() -> Iterator[Lab]:
    """JupyterLab and a browser, closed at the end."""
    path = chromium.find()
    if path is None:
        raise RuntimeError("no Chromium or Chrome; run `python -m tests.browser.chromium` first")
    with tempfile.TemporaryDirectory() as folder, chromium.drive() as driver:
        server = servers.start("lab", Path(folder) / "lab")
        try:
            browser = driver.chromium.launch(executable_path=path, args=list(FLAGS))
            yield Lab(server, browser)
            browser.close()
        finally:
            server.stop()

"""A JupyterLab and a browser for the scripts that take pictures."""

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser

from tests.browser import chromium, servers
from tests.browser.conftest import FLAGS
from tests.browser.servers import Server


@contextmanager
def studio() -> Iterator[tuple[Browser, Server]]:
    """Start JupyterLab and a browser, and stop them in the end; SystemExit without a browser."""
    path = chromium.find()
    if path is None:
        sys.exit("no Chromium or Chrome: run `python -m tests.browser.chromium`")
    with tempfile.TemporaryDirectory() as folder, chromium.drive() as playwright:
        server = servers.start("lab", Path(folder))
        try:
            browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
            yield browser, server
            browser.close()
        finally:
            server.stop()

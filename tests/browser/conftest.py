"""Fixtures of the browser tests, and what a failed one leaves behind for whoever looks into it.

A failure shows what the browser complained of and the end of the server's log, into which the
kernels write as well, and keeps a picture of each page in `tests/browser/failures`.
"""

from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Protocol

import pytest
from playwright.sync_api import Browser, BrowserContext, Error, Playwright

from tests.browser import chromium, servers
from tests.browser.notebook_page import NotebookPage
from tests.browser.servers import Server
from tests.browser.widget_view import WidgetView

FAILURES = Path(__file__).parent / "failures"
PAGES = pytest.StashKey[list[NotebookPage]]()
FLAGS = (
    "--no-sandbox",
    "--disable-dev-shm-usage",
    # WebGL2 in software, where there is no graphics card; the page itself without it, as Chromium
    # is there. Debian's would draw even that by software WebGL, and frames take several times as
    # long.
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--disable-gpu-compositing",
    "--disable-gpu-rasterization",
    # Reach for no other machine.
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    "--no-first-run",
)
MEASURED = pytest.StashKey[list[str]]()
Measure = Callable[[str, float], None]


class OpenNotebook(Protocol):
    """What the fixture `open_notebook` gives."""

    def __call__(self, server: Server, cells: list[str] | Path, script: str = "") -> NotebookPage:
        """Open a notebook of these cells, or a file; `script` runs in the page before any other."""


class Shown(Protocol):
    """What the fixture `shown` gives."""

    def __call__(
        self, server: Server, cells: list[str], script: str = ""
    ) -> tuple[NotebookPage, WidgetView]:
        """Open a notebook of these cells and run the first, which shows the widget."""


@pytest.fixture(scope="session")
def executable() -> str:
    """The path of a Chromium or Chrome. Tests fail where there is none; they never skip."""
    path = chromium.find()
    if path is None:
        pytest.fail("No Chromium or Chrome; run `python -m tests.browser.chromium` to install one.")
    return path


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """What drives the browsers."""
    with chromium.drive() as playwright:
        yield playwright


@pytest.fixture(scope="session")
def browser(executable: str, playwright: Playwright) -> Iterator[Browser]:
    """A browser without a window, in which a test makes contexts of its own."""
    browser = playwright.chromium.launch(executable_path=executable, args=list(FLAGS))
    yield browser
    browser.close()


@pytest.fixture(scope="session")
def profile(
    executable: str, playwright: Playwright, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[BrowserContext]:
    """A browser with a profile on disk, which the notebooks of all tests open in.

    A profile keeps JupyterLab's scripts compiled from one page to the next, which a new context
    does not: a notebook opens with two thirds of the work.
    """
    context = playwright.chromium.launch_persistent_context(
        tmp_path_factory.mktemp("profile"),
        executable_path=executable,
        args=list(FLAGS),
        viewport={"width": 1280, "height": 900},
    )
    yield context
    context.close()


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A JupyterLab server for the whole session."""
    yield from run_server("lab", tmp_path_factory)


@pytest.fixture(scope="session")
def notebook7(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A Notebook 7 server for the whole session."""
    yield from run_server("notebook", tmp_path_factory)


def run_server(
    kind: servers.Kind, folders: pytest.TempPathFactory, settings: str = ""
) -> Iterator[Server]:
    """Yield a server with these settings and stop it in the end, with its kernels."""
    server = servers.start(kind, folders.mktemp(kind), settings)
    try:
        yield server
    finally:
        server.stop()


@pytest.fixture
def open_notebook(
    profile: BrowserContext, request: pytest.FixtureRequest
) -> Iterator[OpenNotebook]:
    """A function (server, cells, script for the page) that opens a notebook of these cells.

    Pages and kernels end with the test.
    """
    pages: list[NotebookPage] = []
    request.node.stash[PAGES] = pages

    def open_page(server: Server, cells: list[str] | Path, script: str = "") -> NotebookPage:
        page = NotebookPage(profile, server)
        page.page.add_init_script(script)
        pages.append(page)  # before it opens, so that a failure to open is reported with its page
        page.open(cells)
        return page

    yield open_page
    for page in pages:
        page.page.close()
    for server in {id(page.server): page.server for page in pages}.values():
        server.end_kernels()


@pytest.fixture
def shown(open_notebook: OpenNotebook) -> Shown:
    """A function (server, cells, script) that opens a notebook and shows its first cell's widget.

    It returns the notebook and the view.
    """

    def show(server: Server, cells: list[str], script: str = "") -> tuple[NotebookPage, WidgetView]:
        notebook = open_notebook(server, cells, script)
        notebook.run_cell(0)
        return notebook, notebook.widget()

    return show


@pytest.fixture
def measure(request: pytest.FixtureRequest) -> Measure:
    """A function (what, number) whose figures are printed in the end: told, and not asserted."""
    told = request.config.stash.setdefault(MEASURED, [])
    return lambda what, number: told.append(f"{what}: {number:.0f}")


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Print what was measured."""
    for line in config.stash.get(MEASURED, []):
        terminalreporter.write_line(f"measured: {line}")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add to the report of a failed test what its pages and servers said."""
    report = yield
    if report.when == "call" and report.failed:
        opened: list[NotebookPage] = item.stash.get(PAGES, [])
        for number, page in enumerate(opened):
            report.sections.extend(evidence(page, f"{item.name}-{number}"))
    return report


def evidence(page: NotebookPage, name: str) -> Iterator[tuple[str, str]]:
    """Yield titles and texts: what the page complained of, the log's end, where the picture is."""
    log = page.server.log.read_text(encoding="utf-8", errors="replace").splitlines()
    picture = FAILURES / f"{name}.png"
    try:
        page.screenshot(picture)
        shot = str(picture)
    except Error as error:  # the page may have crashed, and the report must come out all the same
        shot = f"none: {error}"
    yield f"browser {name}", "\n".join(page.complaints[-40:])
    yield f"server {name}", "\n".join(log[-40:])
    yield f"picture {name}", shot

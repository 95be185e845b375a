"""One notebook open in JupyterLab or Notebook 7, as a test sees it: cells, kernel, theme.

Cells and the kernel are reached through `window.jupyterapp`, the application itself, because it
tells when a kernel is idle and a run has ended; the screen does not. The widget is worked with the
mouse and the keyboard, through `WidgetView`.
"""

import ast
import json
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any, final

from playwright.sync_api import BrowserContext, ConsoleMessage

from tests.browser.servers import Server
from tests.browser.widget_view import WidgetView

PATIENCE = 60_000.0
PANEL = "window.jupyterapp.shell.currentWidget"
KERNEL_IDLE = f"""() => {{
  const kernel = {PANEL}?.sessionContext?.session?.kernel;
  return kernel?.status === 'idle' && kernel.connectionStatus === 'connected';
}}"""
KERNEL_BUSY = f"() => {PANEL}.sessionContext.session.kernel.status === 'busy'"
START_CELL = f"""index => {{
  const runs = (window.gmmTestRuns ??= {{}});
  runs[index] = false;
  {PANEL}.content.activeCellIndex = index;
  window.jupyterapp.commands.execute('notebook:run-cell').finally(() => {{ runs[index] = true; }});
}}"""
OUTPUTS = f"index => {PANEL}.content.model.cells.get(index).outputs.toJSON()"
EVALUATE = f"""async expression => {{
  const kernel = {PANEL}.sessionContext.session.kernel;
  const future = kernel.requestExecute({{
    code: '', silent: true, store_history: false, user_expressions: {{ answer: expression }},
  }});
  return (await future.done).content.user_expressions.answer;
}}"""


@final
class NotebookPage:
    """A notebook in a browser page of its own, with everything that page complained about."""

    def __init__(self, context: BrowserContext, server: Server) -> None:
        """Make an empty page, which `open` fills."""
        self.server = server
        self.complaints: list[str] = []
        self.page = context.new_page()
        self.page.set_default_timeout(PATIENCE)
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.complaints.append(f"page error: {error}"))

    def open(self, cells: list[str] | Path) -> None:
        """Open a notebook of these code cells, or a copy of one; wait until its kernel is idle."""
        if isinstance(cells, Path):
            name, text = cells.name, cells.read_text(encoding="utf-8")
        else:
            name, text = f"{uuid.uuid4().hex}.ipynb", json.dumps(notebook_of(cells))
        (self.server.root / name).write_text(text, encoding="utf-8")
        self.page.goto(self.server.page(name))
        self.wait_for_kernel()

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(f"{message.type}: {message.text}")

    def wait_for_kernel(self) -> None:
        """Wait until the kernel is idle. A cell run before that can silently do nothing."""
        self.page.wait_for_function("() => window.jupyterapp?.shell?.currentWidget?.sessionContext")
        self.page.evaluate(f"() => {PANEL}.sessionContext.ready")
        self.page.wait_for_function(KERNEL_IDLE)

    def wait_for_busy(self) -> None:
        """Wait until the kernel has begun with what it was given."""
        self.page.wait_for_function(
            f"() => {PANEL}.sessionContext.session.kernel.status === 'busy'"
        )

    def select_cell(self, index: int) -> None:
        """Make cell `index` the one that commands act on."""
        self.page.evaluate(f"index => {{ {PANEL}.content.activeCellIndex = index; }}", index)

    def start_cell(self, index: int) -> None:
        """Start cell `index` and return at once, while it still runs."""
        self.page.evaluate(START_CELL, index)

    def wait_for_cell(self, index: int) -> None:
        """Wait until cell `index`, started before, has ended; AssertionError if it failed."""
        self.page.wait_for_function("index => window.gmmTestRuns[index]", arg=index)
        for output in self.outputs(index):
            if output["output_type"] == "error":
                raise AssertionError(f"cell {index} failed:\n" + "\n".join(output["traceback"]))

    def run_cell(self, index: int) -> None:
        """Run cell `index` and wait until it has ended; AssertionError if it failed."""
        self.start_cell(index)
        self.wait_for_cell(index)

    def outputs(self, index: int) -> list[dict[str, Any]]:
        """Return the outputs of cell `index` as the notebook format has them."""
        outputs: list[dict[str, Any]] = self.page.evaluate(OUTPUTS, index)
        return outputs

    def text(self, index: int) -> str:
        """Return what cell `index` printed and the plain text of its result."""
        parts: list[str] = []
        for output in self.outputs(index):
            part = output.get("text", output.get("data", {}).get("text/plain", ""))
            parts.append(part if isinstance(part, str) else "".join(part))
        return "".join(parts)

    def evaluate(self, expression: str) -> Any:
        """Return the value of a Python expression in the kernel, by way of JSON (floats exact)."""
        answer = self.page.evaluate(EVALUATE, f"__import__('json').dumps({expression})")
        if answer["status"] != "ok":
            raise AssertionError(
                f"{expression!r} in the kernel: {answer['ename']}: {answer['evalue']}"
            )
        return json.loads(ast.literal_eval(answer["data"]["text/plain"]))

    def eventually(self, expression: str, holds: Callable[[Any], bool]) -> Any:
        """Evaluate in the kernel until the value satisfies `holds`; return that value."""
        deadline = time.monotonic() + PATIENCE / 1000
        while not holds(value := self.evaluate(expression)):
            if time.monotonic() > deadline:
                raise AssertionError(f"{expression!r} in the kernel did not come to pass: {value}")
            self.page.wait_for_timeout(50)
        return value

    def command(self, name: str) -> None:
        """Carry out a command of the application on the active cell, such as clearing it."""
        self.page.evaluate("name => window.jupyterapp.commands.execute(name)", name)

    def is_running(self, index: int) -> bool:
        """Tell whether cell `index`, started before, has not ended yet."""
        return not self.page.evaluate("index => window.gmmTestRuns[index]", index)

    def widget(self, nth: int = 0) -> WidgetView:
        """Return the nth view of a widget on the page, once it is painted."""
        root = self.page.locator('.gmm-root[data-gmm-ready="true"]').nth(nth)
        root.wait_for()
        return WidgetView(self.page, root)

    def set_theme(self, name: str) -> None:
        """Switch the application to "light" or "dark" and wait until the page has it."""
        theme = f"JupyterLab {name.title()}"
        self.page.evaluate(
            "theme => window.jupyterapp.commands.execute('apputils:change-theme', { theme })", theme
        )
        light = "true" if name == "light" else "false"
        self.page.locator(f'body[data-jp-theme-light="{light}"]').wait_for(state="attached")

    def screenshot(self, path: Path) -> None:
        """Save a picture of the page."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=path)


def notebook_of(cells: list[str]) -> dict[str, Any]:
    """Return a notebook of these code cells, in the notebook format."""
    blank: dict[str, Any] = {
        "cell_type": "code",
        "metadata": {},
        "outputs": [],
        "execution_count": None,
    }
    return {
        "cells": [blank | {"id": f"cell-{i}", "source": cell} for i, cell in enumerate(cells)],
        "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }

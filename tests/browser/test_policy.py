"""JupyterLab behind a strict content-security policy: nothing from elsewhere, no inline script.

JupyterLab compiles its settings' schemas with `eval`, so that no policy without it can be enforced
on its page. A stricter one is only reported on: no eval, no inline style, no markup that was not
declared safe. JupyterLab breaks that at every turn, and our bundle must not once. Bundles come
from blob addresses, which no other script of the page does.
"""

from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest

from tests.browser.cells import TWO
from tests.browser.conftest import OpenNotebook, run_server
from tests.browser.notebook_page import NotebookPage
from tests.browser.servers import Server

ENFORCED = (
    "default-src 'none'; script-src 'self' blob: 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; font-src 'self' data:; connect-src 'self'; worker-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
REPORTED = (
    "default-src 'none'; script-src 'self' blob:; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; require-trusted-types-for 'script'"
)
PLAIN = '''
import anywidget
class Plain(anywidget.AnyWidget):
    _esm = """export default { render({ el }) {
      el.innerHTML = '<div class="plain-root"></div>';
    } };"""
Plain()
'''
LISTEN = """
window.gmmTestBreaches = [];
document.addEventListener('securitypolicyviolation', (event) => {
  const { disposition, effectiveDirective, blockedURI, sourceFile, sample } = event;
  const source = sourceFile ?? '';
  gmmTestBreaches.push({ disposition, effectiveDirective, blockedURI, source, sample });
});
"""


@pytest.fixture
def strict_lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A JupyterLab server that sends both policies with every answer."""
    headers = {
        "Content-Security-Policy": ENFORCED,
        "Content-Security-Policy-Report-Only": REPORTED,
    }
    settings = f"c.ServerApp.tornado_settings = {{'headers': {headers!r}}}\n"
    yield from run_server("lab", tmp_path_factory, settings)


def breaches(notebook: NotebookPage, disposition: str, since: int = 0) -> list[dict[str, Any]]:
    """What broke a policy that is enforced ("enforce") or reported on ("report")."""
    seen: list[dict[str, Any]] = notebook.page.evaluate("gmmTestBreaches")
    return [each for each in seen[since:] if each["disposition"] == disposition]


def bundles(seen: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Those that a widget's own script is to blame for."""
    return [each for each in seen if each["source"].startswith("blob")]


def test_a_strict_policy_is_kept(strict_lab: Server, open_notebook: OpenNotebook) -> None:
    """The widget is shown, dragged, and steps; it breaks neither policy, and a naive one does."""
    notebook = open_notebook(strict_lab, [PLAIN, TWO], LISTEN)
    sent = notebook.page.request.get(notebook.page.url).headers
    assert sent["content-security-policy"] == ENFORCED
    notebook.run_cell(0)
    notebook.page.locator(".plain-root").wait_for(state="attached")
    before = notebook.page.evaluate("gmmTestBreaches.length")
    assert bundles(breaches(notebook, "report")), "a bundle that writes markup is found out"
    notebook.run_cell(1)
    view = notebook.widget()
    x, y = view.drag(view.part("Centre of A"), 60, -40)
    notebook.eventually("w.mixture.means[0].tolist()", partial(view.is_at, x, y))
    view.button("EM step").click()
    total = notebook.eventually("w.log_likelihood if w._fit['steps'] else None", bool)
    view.root.locator(".gmm-loglik", has_text=f"{abs(total):.3f}").wait_for()
    assert view.brightness() > 0.7, "the style sheet is there"
    assert breaches(notebook, "enforce", before) == []
    assert bundles(breaches(notebook, "report", before)) == []

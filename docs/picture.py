"""Takes the README's screenshots of the widget, light and dark, from a real run in JupyterLab.

`python -m docs.picture` in an environment with the extra `test` writes `docs/widget-*.png`.
"""

from pathlib import Path

from playwright.sync_api import Browser

from docs.studio import studio
from tests.browser.notebook_page import NotebookPage
from tests.browser.servers import Server

HERE = Path(__file__).parent
CELL = """
from gmm_widget import GMMWidget
from gmm_widget.datasets import old_faithful
w = GMMWidget(old_faithful(as_frame=True), n_components=3, covariance_type="tied", random_state=1)
w
"""


def main() -> None:
    """Take both screenshots."""
    with studio() as (browser, server):
        take(browser, server)


def take(browser: Browser, server: Server) -> None:
    """Run EM, drag a component, take an EM step, and save the widget in both themes."""
    context = browser.new_context(viewport={"width": 1180, "height": 900}, device_scale_factor=2)
    notebook = NotebookPage(context, server)
    notebook.open([CELL])
    notebook.run_cell(0)
    view = notebook.widget()
    view.button("Run").click()
    notebook.eventually("w.converged and not w.running", bool)
    view.part("Component C").focus()
    view.drag(view.part("Centre of C"), 130, -70)
    notebook.eventually("w._released", bool)
    view.button("EM step").click()
    notebook.eventually("w._fit['gain'] is not None and w._fit['phase'] == 'rest'", bool)
    notebook.page.mouse.move(5, 5)
    for theme in ("light", "dark"):
        notebook.set_theme(theme)
        notebook.page.wait_for_timeout(1500)  # animations end
        view.root.screenshot(path=HERE / f"widget-{theme}.png")


if __name__ == "__main__":
    main()

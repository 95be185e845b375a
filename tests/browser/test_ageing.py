"""A day in one page: views of one widget that come and go, and what they leave in the browser.

JupyterLab itself keeps a few things for every output that it has drawn. How many, a widget of
three lines tells, drawn again as often in the same page; ours may leave no more than that.
"""

from playwright.sync_api import CDPSession

from tests.browser.cells import TWO
from tests.browser.conftest import OpenNotebook
from tests.browser.notebook_page import NotebookPage
from tests.browser.servers import Server

FIRST, LAST = 3, 20  # rounds: by the third everything that is made once has been made
SLACK = 100  # nodes, or listeners
PLAIN = '''
import anywidget
class Plain(anywidget.AnyWidget):
    _esm = """export default { render({ el }) {
      el.innerHTML = '<div class="plain-root" data-gmm-ready="true"></div>';
    } };"""
p = Plain()
'''
# What canvases draw with and is still there; a lost context has given back its part.
CONTEXTS = """(() => {
  const made = [];
  const { getContext } = HTMLCanvasElement.prototype;
  HTMLCanvasElement.prototype.getContext = function (...args) {
    const context = getContext.apply(this, args);
    if (context) made.push(new WeakRef(context));
    return context;
  };
  window.gmmTestContexts = (kind) => {
    const live = made.map((ref) => ref.deref()).filter((context) => context instanceof kind);
    return live.filter((context) => !context.isContextLost?.()).length;
  };
})()"""
# A cell run again and again, each time until its view is painted and the last one is gone.
AGAIN = """async ([cell, name, rounds]) => {
  const frame = () => new Promise(requestAnimationFrame);
  const { content } = window.jupyterapp.shell.currentWidget;
  content.activeCellIndex = cell;
  for (let old = null; rounds > 0; rounds--) {
    await window.jupyterapp.commands.execute('notebook:run-cell');
    let views = [];
    do {
      await frame();
      views = [...document.querySelectorAll(`.${name}`)];
    } while (views.length !== 1 || views[0] === old || !views[0].dataset.gmmReady);
    old = views[0];
  }
}"""


def draw_again(notebook: NotebookPage, cell: int, name: str, rounds: int) -> None:
    """Run the cell so many times, each time until its view is there in place of the last."""
    notebook.page.evaluate(AGAIN, [cell, name, rounds])


def living(notebook: NotebookPage, browser: CDPSession) -> dict[str, int]:
    """Count what is left in the page after its garbage is gone."""
    for _ in range(2):  # what the first round frees may hold on to more
        notebook.page.evaluate("new Promise(requestAnimationFrame)")
        browser.send("HeapProfiler.collectGarbage")
    counted = browser.send("Memory.getDOMCounters")
    return {
        "nodes": counted["nodes"],
        "listeners": counted["jsEventListeners"],
        "canvases": notebook.page.locator("canvas").count(),
        "flat": notebook.page.evaluate("gmmTestContexts(CanvasRenderingContext2D)"),
        "deep": notebook.page.evaluate("gmmTestContexts(WebGL2RenderingContext)"),
    }


def growth(notebook: NotebookPage, browser: CDPSession, cell: int, name: str) -> dict[str, int]:
    """Return by how much the page grows between the third and the last round."""
    draw_again(notebook, cell, name, FIRST)
    before = living(notebook, browser)
    draw_again(notebook, cell, name, LAST - FIRST)
    after = living(notebook, browser)
    return {what: after[what] - before[what] for what in before}


def test_views_that_come_and_go_leave_nothing(lab: Server, open_notebook: OpenNotebook) -> None:
    """Twenty rounds of one display cell: no view stays behind, nor a part of one in each round.

    A view has more than a thousand nodes and as many listeners; what is allowed on top of what
    JupyterLab keeps is a tenth of one view in seventeen rounds, for what is collected late. That
    goes for the last view's flat context too; the one that draws points is shared by all views.
    """
    small = TWO.replace("df, mixture", "df, height=200, mixture")
    notebook = open_notebook(lab, [small + PLAIN, "p", "w"], CONTEXTS)
    notebook.run_cell(0)
    browser = notebook.page.context.new_cdp_session(notebook.page)
    plain = growth(notebook, browser, 1, "plain-root")
    # JupyterLab adds some 140 listeners once, at a moment of its own; a leak comes every time.
    twice = [growth(notebook, browser, 2, "gmm-root") for _ in range(2)]
    ours = {what: min(each[what] for each in twice) for what in twice[0]}
    for what in ("nodes", "listeners"):
        assert ours[what] <= max(0, plain[what]) + SLACK, (what, ours, plain)
    assert ours["canvases"] == 0
    assert ours["deep"] == 0
    assert ours["flat"] <= 1

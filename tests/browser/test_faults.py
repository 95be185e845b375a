"""What goes wrong in notebooks, one test a fault: the view says so, and stays of use."""

from functools import partial

from playwright.sync_api import Locator

from tests.browser.cells import LONG, TWO
from tests.browser.conftest import OpenNotebook, Shown
from tests.browser.notebook_page import PANEL, NotebookPage
from tests.browser.servers import Server
from tests.browser.widget_view import WidgetView

MEAN = "w.mixture.means[0].tolist()"
KILL = "__import__('os').kill(__import__('os').getpid(), 9)"
# Sends without waiting for an answer, which a kernel that is killed will not give.
TELL = f"""code => {{
  {PANEL}.sessionContext.session.kernel.requestExecute({{ code, silent: true }});
}}"""
RESTART = f"() => {PANEL}.sessionContext.session.kernel.restart()"
SAVE = "docmanager:save"


def gone(view: WidgetView) -> Locator:
    """Return the words that tell that the kernel is gone."""
    return view.root.get_by_text("The kernel is gone")


def dismiss(notebook: NotebookPage) -> None:
    """Wait for JupyterLab's own word about the dead kernel and close it by the keyboard."""
    dialog = notebook.page.locator(".jp-Dialog")
    dialog.wait_for()
    notebook.page.keyboard.press("Enter")
    dialog.wait_for(state="detached")


def still_drags(view: WidgetView, part: str = "Centre of A") -> None:
    """Assert that a component goes where it is dragged, and stays there."""
    x, y = view.drag(view.part(part), 40, -30)
    for _ in range(3):
        view.page.wait_for_timeout(200)
        left, top = view.middle(view.part(part))
        assert abs(left - x) <= 1
        assert abs(top - y) <= 1


def begins_again(notebook: NotebookPage) -> None:
    """Run the first cell again: a new widget, which the kernel answers."""
    notebook.wait_for_kernel()
    notebook.run_cell(0)
    view = notebook.widget()
    assert not gone(view).is_visible()
    x, y = view.drag(view.part("Centre of A"), 30, -20)
    notebook.eventually(MEAN, partial(view.is_at, x, y))


def test_the_kernel_is_restarted(lab: Server, shown: Shown) -> None:
    """The old view says that its kernel is gone and still drags; the cell makes a new one."""
    notebook, view = shown(lab, [TWO])
    still_drags(view)
    notebook.page.evaluate(RESTART)
    gone(view).wait_for()
    still_drags(view)
    begins_again(notebook)


def test_the_kernel_is_killed_in_mid_drag(lab: Server, shown: Shown) -> None:
    """The component stays in the hand; the view says what happened."""
    notebook, view = shown(lab, [TWO])
    x, y = view.middle(view.part("Centre of A"))
    view.page.mouse.move(x, y)
    view.page.mouse.down()
    view.page.mouse.move(x + 30, y - 20, steps=5)
    notebook.page.evaluate(TELL, KILL)
    view.page.mouse.move(x + 60, y - 40, steps=5)
    dismiss(notebook)
    gone(view).wait_for()
    view.page.mouse.move(x + 70, y - 50, steps=2)
    view.page.mouse.up()
    left, top = view.middle(view.part("Centre of A"))
    assert abs(left - x - 70) <= 1
    assert abs(top - y + 50) <= 1
    begins_again(notebook)


def test_the_kernel_is_killed_in_mid_run(lab: Server, shown: Shown) -> None:
    """The run is over: Stop is Run again, nothing is said to move, and hands still do."""
    notebook, view = shown(lab, [LONG])
    view.button("Run").click()
    notebook.eventually('w._fit["steps"]', lambda count: count > 3)
    notebook.page.evaluate(TELL, KILL)
    dismiss(notebook)
    gone(view).wait_for()
    view.button("Run").wait_for()
    still_drags(view)


def reload(notebook: NotebookPage) -> WidgetView:
    """Save, reload the page as a person would, and return the view that comes back."""
    notebook.command(SAVE)
    notebook.page.goto(notebook.page.url.replace("&reset", ""))
    notebook.page.reload()
    notebook.wait_for_kernel()
    return notebook.widget()


def test_the_notebook_is_reopened_while_its_kernel_lives(lab: Server, shown: Shown) -> None:
    """The view comes back with the present fit, and goes on."""
    notebook, view = shown(lab, [TWO])
    x, y = view.drag(view.part("Centre of A"), 60, -30)
    mean = notebook.eventually(MEAN, partial(view.is_at, x, y))
    view = reload(notebook)
    view.wait_until_at("Centre of A", *mean)
    x, y = view.drag(view.part("Centre of B"), -40, 30)
    notebook.eventually("w.mixture.means[1].tolist()", partial(view.is_at, x, y))


def test_the_notebook_is_reopened_without_its_kernel(lab: Server, shown: Shown) -> None:
    """The saved view shows the fit as it was, can be dragged, and says that nobody answers."""
    notebook, view = shown(lab, [TWO])
    x, y = view.drag(view.part("Centre of A"), 60, -30)
    mean = notebook.eventually(MEAN, partial(view.is_at, x, y))
    notebook.eventually("w.log_likelihood", bool)
    notebook.command("@jupyter-widgets/jupyterlab-manager:saveWidgetState")
    notebook.command(SAVE)
    lab.end_kernels()
    view = reload(notebook)
    view.wait_until_at("Centre of A", *mean)
    still_drags(view, "Centre of B")
    view.root.get_by_text("No kernel has answered yet").wait_for()
    assert not view.root.get_by_text("Undo last edit").is_visible(), "that is for a collapse"


def test_the_browser_is_reloaded_during_a_run(lab: Server, open_notebook: OpenNotebook) -> None:
    """The run goes on without an onlooker; the view that comes back can stop it."""
    notebook = open_notebook(lab, [LONG])
    notebook.run_cell(0)
    notebook.widget().button("Run").click()
    steps = notebook.eventually('w._fit["steps"]', lambda count: count > 3)
    view = reload(notebook)
    notebook.eventually("w._session.state.steps", lambda count: count > steps)
    view.button("Stop").click()
    notebook.eventually("w.running", lambda running: not running)
    view.button("Run").wait_for()


def test_twenty_widgets_on_a_page(lab: Server, open_notebook: OpenNotebook) -> None:
    """All are painted, with one WebGL context between them, and the last one follows the hand."""
    many = TWO.rsplit("w = ", 1)[0] + (
        "from ipywidgets import VBox\n"
        "ws = [GMMWidget(df, mixture=start, height=200) for _ in range(20)]\n"
        "w = ws[19]\nVBox(ws)\n"
    )
    count = """() => {
      const get = HTMLCanvasElement.prototype.getContext;
      window.gmmContexts = new Set();
      HTMLCanvasElement.prototype.getContext = function (kind, ...rest) {
        const made = get.call(this, kind, ...rest);
        if (made && kind.startsWith("webgl")) window.gmmContexts.add(made);
        return made;
      };
    }"""
    notebook = open_notebook(lab, [many], f"({count})()")
    notebook.run_cell(0)
    ready = notebook.page.locator('.gmm-root[data-gmm-ready="true"]')
    ready.nth(19).wait_for()
    view = notebook.widget(19)
    x, y = view.drag(view.part("Centre of A"), 20, -10)
    notebook.eventually(MEAN, partial(view.is_at, x, y))
    assert notebook.page.evaluate("window.gmmContexts.size") <= 1


def test_the_data_are_replaced_during_a_run(lab: Server, shown: Shown) -> None:
    """The view shows the new points and says so; the run goes on with them."""
    notebook, view = shown(lab, [LONG, "w.data = x[:50_000] * 1.5"])
    before = view.extent()
    view.button("Run").click()
    notebook.eventually('w._fit["steps"]', lambda count: count > 3)
    notebook.run_cell(1)
    view.root.get_by_text("Other data").wait_for()
    notebook.eventually('[w._view["n"], w.running]', lambda now: now == [50_000, True])
    view.page.wait_for_function(
        "([root, before]) => root.dataset.gmmExtent !== before && root.dataset.gmmPoints === 'all'",
        arg=[view.root.element_handle(), ",".join(map(str, before))],
    )
    view.button("Stop").click()
    notebook.eventually("w.running", lambda running: not running)

"""The command %gmm in real JupyterLab: a widget by one line, Tab, and a mistake in one line."""

from tests.browser.conftest import OpenNotebook
from tests.browser.servers import Server

LOAD = """\
%load_ext gmm_widget
from gmm_widget.datasets import old_faithful
df = old_faithful(as_frame=True).rename(columns={"waiting": "time to wait"})
"""
COMPLETE = """async code => {
  const kernel = window.jupyterapp.shell.currentWidget.sessionContext.session.kernel;
  const reply = await kernel.requestComplete({ code, cursor_pos: code.length });
  return reply.content.matches;
}"""


def test_one_line_shows_a_widget(lab: Server, open_notebook: OpenNotebook) -> None:
    """It is on the screen, bound to its name, and a hand moves it."""
    line = '%gmm df eruptions "time to wait" -k 3 --cov tied --seed 1 --name m'
    notebook = open_notebook(lab, [LOAD, line + "\nafterwards = 1"])
    notebook.run_cell(0)
    notebook.run_cell(1)
    view = notebook.widget()
    assert notebook.evaluate("[m.mixture.n_components, m.covariance_type, m._view['columns']]") == [
        3,
        "tied",
        ["eruptions", "time to wait"],
    ]
    before = notebook.evaluate("m.mixture.means[0].tolist()")
    view.drag(view.part("Centre of A"), 40, 30)
    notebook.eventually("m.mixture.means[0].tolist()", lambda now: now != before)


def test_a_mistake_is_one_line_on_the_screen(lab: Server, open_notebook: OpenNotebook) -> None:
    """The cell has failed, and what it says has no traceback."""
    notebook = open_notebook(lab, [LOAD, "%gmm df eruption"])
    notebook.run_cell(0)
    notebook.start_cell(1)
    notebook.page.wait_for_function("() => window.gmmTestRuns[1]")
    (output,) = notebook.outputs(1)
    text = output.get("text") or "\n".join(output["traceback"])
    assert "there is no column 'eruption'; did you mean 'eruptions'?" in text
    assert len(text.strip().splitlines()) == 1


def test_tab_offers_tables_columns_and_structures(lab: Server, open_notebook: OpenNotebook) -> None:
    """Through the kernel's own protocol, as the page asks for it."""
    notebook = open_notebook(lab, [LOAD])
    notebook.run_cell(0)
    for code, offered in (
        ("%gmm d", "df"),
        ("%gmm df eru", "eruptions"),
        ('%gmm df "time ', 'to wait"'),
        ("%gmm df --cov sph", "spherical"),
        ("%gmm df --co", "cov"),
    ):
        matches = notebook.page.evaluate(COMPLETE, code)
        assert any(match.endswith(offered) for match in matches), (code, matches)

"""The harness itself, on a widget of ten lines: what it says about a page must be so."""

import pytest

from tests.browser.conftest import OpenNotebook
from tests.browser.servers import Server

TRIVIAL = '''
import anywidget, traitlets, asyncio, time
class Counter(anywidget.AnyWidget):
    value = traitlets.Int(0).tag(sync=True)
    _esm = """
    export default { render({ model, el }) {
      const root = document.createElement("div");
      root.className = "gmm-root";
      root.dataset.gmmReady = "true";
      root.dataset.gmmExtent = "0,10,0,5";
      root.innerHTML = `<div class="gmm-plot" style="width:200px;height:100px"></div>
        <button aria-label="Step">0</button>`;
      const button = root.querySelector("button");
      button.onclick = () => { model.set("value", model.get("value") + 1); model.save_changes(); };
      model.on("change:value", () => { button.textContent = model.get("value"); });
      el.append(root);
    } };
    """
w = Counter()
w
'''


@pytest.mark.parametrize("host", ["lab", "notebook7"])
def test_a_click_reaches_the_kernel(
    host: str, open_notebook: OpenNotebook, request: pytest.FixtureRequest
) -> None:
    """The whole way: cell, view, click, kernel, and back."""
    server: Server = request.getfixturevalue(host)
    notebook = open_notebook(server, [TRIVIAL, "print('value', w.value)", "w.value = 7"])
    notebook.run_cell(0)
    view = notebook.widget()
    view.button("Step").click()
    view.root.get_by_text("1", exact=True).wait_for()
    notebook.run_cell(1)
    assert notebook.text(1) == "value 1\n"
    assert notebook.evaluate("[w.value, 0.1 + 0.2]") == [1, 0.1 + 0.2]
    notebook.run_cell(2)
    view.root.get_by_text("7", exact=True).wait_for()
    x, y = view.data_to_pixel(2.5, 4.0)
    assert view.pixel_to_data(x, y) == pytest.approx((2.5, 4.0))


def test_a_failing_cell_is_reported(lab: Server, open_notebook: OpenNotebook) -> None:
    """A test must not go on past a cell that raised."""
    notebook = open_notebook(lab, ["1 / 0"])
    with pytest.raises(AssertionError, match="ZeroDivisionError"):
        notebook.run_cell(0)
    with pytest.raises(AssertionError, match="NameError"):
        notebook.evaluate("no_such_name")


def test_the_theme_can_be_switched(lab: Server, open_notebook: OpenNotebook) -> None:
    """Light and dark, each there when `set_theme` returns."""
    notebook = open_notebook(lab, ["1"])
    for theme, expected in (("dark", "false"), ("light", "true")):
        notebook.set_theme(theme)
        assert notebook.page.get_attribute("body", "data-jp-theme-light") == expected

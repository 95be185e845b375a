"""The picture, pixel by pixel: with WebGL2 and without, it is the same one."""

import base64
import io
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pytest
from numpy.typing import NDArray

from tests.browser.cells import TWO
from tests.browser.conftest import OpenNotebook
from tests.browser.notebook_page import NotebookPage
from tests.browser.servers import Server
from tests.browser.widget_view import WidgetView

NO_WEBGL = """
const getContext = HTMLCanvasElement.prototype.getContext;
HTMLCanvasElement.prototype.getContext = function (kind, ...rest) {
  return kind.startsWith('webgl') ? null : getContext.call(this, kind, ...rest);
};
"""
MANY = """\
import numpy as np
from gmm_widget import GMMWidget, Mixture

rng = np.random.default_rng(1)
k = 12
means = rng.uniform(-5, 5, (k, 2))
shapes = [(lambda a: a @ a.T + 0.1 * np.eye(2))(rng.normal(size=(2, 2))) for _ in range(k)]
start = Mixture(np.full(k, 1 / k), means, shapes)
x, _ = start.sample(60_000, rng)
w = GMMWidget(x, mixture=start)
w
"""
PIXELS = """canvas => {
  const { width, height } = canvas;
  const { data } = canvas.getContext('2d').getImageData(0, 0, width, height);
  let text = '';
  for (let i = 0; i < data.length; i += 32768) {
    text += String.fromCharCode(...data.subarray(i, i + 32768));
  }
  return { width, height, painter: canvas.dataset.gmmPainter, bytes: btoa(text) };
}"""
LOSE = """async () => {
  const { gl, canvas } = globalThis[Symbol.for('gmm_widget.gl')];
  const held = (window.gmmLost = gl.getExtension('WEBGL_lose_context'));
  const lost = new Promise(done => canvas.addEventListener('webglcontextlost', done));
  held.loseContext();
  await lost;
}"""
RESTORE = """async () => {
  const { canvas } = globalThis[Symbol.for('gmm_widget.gl')];
  const back = new Promise(done => canvas.addEventListener('webglcontextrestored', done));
  window.gmmLost.restoreContext();
  await back;
}"""
VIEWS = ("Soft", "Hard", "Entropy")


def picture(view: WidgetView) -> tuple[str, NDArray[np.float64]]:
    """Return the painter's name and the plot over white, (height, width, 3) from 0 to 255."""
    found: dict[str, Any] = view.root.locator(".gmm-canvas").evaluate(PIXELS)
    data = np.frombuffer(base64.b64decode(found["bytes"]), np.uint8).astype(np.float64)
    rgba = data.reshape(found["height"], found["width"], 4)
    alpha = rgba[..., 3:] / 255
    return found["painter"], rgba[..., :3] * alpha + 255 * (1 - alpha)


def show(view: WidgetView, name: str) -> None:
    """Choose what colour tells, and wait until that is painted."""
    view.button(name).click()
    view.page.wait_for_timeout(400)


def opened(
    lab: Server, open_notebook: OpenNotebook, cell: str, script: str = ""
) -> tuple[NotebookPage, WidgetView]:
    """Open a notebook with a widget that holds all of its points."""
    notebook = open_notebook(lab, [cell], script)
    notebook.run_cell(0)
    notebook.page.locator('.gmm-root[data-gmm-points="all"]').wait_for()
    return notebook, notebook.widget()


@pytest.mark.parametrize("cell", [TWO, MANY], ids=["two", "twelve"])
def test_both_painters_paint_the_same(lab: Server, open_notebook: OpenNotebook, cell: str) -> None:
    """In each view no pixel differs by more than 3 of 255, and the views differ."""
    with_gl = [opened(lab, open_notebook, cell)[1]]
    pictures: dict[tuple[str, str], NDArray[np.float64]] = {}
    for script in ("", NO_WEBGL):
        view = with_gl.pop() if with_gl else opened(lab, open_notebook, cell, script)[1]
        for name in VIEWS:
            show(view, name)
            painter, seen = picture(view)
            assert painter == ("plain" if script else "webgl2")
            pictures[name, painter] = seen
    for name in VIEWS:
        one, other = pictures[name, "webgl2"], pictures[name, "plain"]
        assert one.shape == other.shape
        assert np.abs(one - other).max() <= 3
        assert (one.min(axis=-1) < 250).mean() > 0.005
    assert np.abs(pictures["Soft", "webgl2"] - pictures["Entropy", "webgl2"]).max() > 60


def test_a_coarse_picture_keeps_its_places(lab: Server, open_notebook: OpenNotebook) -> None:
    """Under a hand as at rest a pixel of the canvas covers whole ones of the screen."""
    view = opened(lab, open_notebook, MANY, NO_WEBGL)[1]
    canvas = view.root.locator(".gmm-canvas")
    sizes = """canvas => {
      const { left, top, width, height } = canvas.getBoundingClientRect();
      const box = canvas.parentElement.getBoundingClientRect();
      return [width / canvas.width, height / canvas.height, left - box.left, top - box.top];
    }"""
    x, y = view.middle(view.part("Centre of A"))
    view.page.mouse.move(x, y)
    view.page.mouse.down()
    seen = set()
    for step in range(1, 20):
        view.page.mouse.move(x + 2 * step, y + step)
        across, down, *corner = canvas.evaluate(sizes)
        assert corner == [0, 0]
        assert across == pytest.approx(round(across), abs=2e-3)
        assert down == pytest.approx(across, abs=4e-3)
        seen.add(round(across))
    view.page.mouse.up()
    assert seen <= {1, 2, 3, 4}
    full = "canvas => canvas.getBoundingClientRect().width === canvas.width"
    view.page.wait_for_function(f"() => ({full})(document.querySelector('.gmm-canvas'))")


def test_a_lost_context_is_not_seen(lab: Server, open_notebook: OpenNotebook) -> None:
    """While the context is lost the plain painter paints; given back, WebGL2 does again."""
    notebook, view = opened(lab, open_notebook, TWO)
    before = {}
    for name in VIEWS[:2]:
        show(view, name)
        painter, before[name] = picture(view)
        assert painter == "webgl2"
    for act, expected, name in ((LOSE, "plain", "Soft"), (RESTORE, "webgl2", "Hard")):
        notebook.page.evaluate(act)
        show(view, name)
        painter, seen = picture(view)
        assert painter == expected
        assert np.abs(seen - before[name]).max() <= 3


def test_one_context_serves_all_views(lab: Server, open_notebook: OpenNotebook) -> None:
    """Twenty views on a page, more than it may have contexts: each is painted by WebGL2."""
    count = """const made = (window.gmmContexts = []);
    const getContext = HTMLCanvasElement.prototype.getContext;
    HTMLCanvasElement.prototype.getContext = function (kind, ...rest) {
      const context = getContext.call(this, kind, ...rest);
      if (kind === 'webgl2' && context && !made.includes(context)) made.push(context);
      return context;
    };"""
    cell = TWO.rstrip().removesuffix("w") + "import ipywidgets\nipywidgets.VBox([w] * 20)\n"
    notebook = open_notebook(lab, [cell], count)
    notebook.run_cell(0)
    ready = "() => document.querySelectorAll('.gmm-canvas[data-gmm-painter=webgl2]').length >= 5"
    notebook.page.wait_for_function(ready)
    assert notebook.page.evaluate("() => window.gmmContexts.length") == 1


def test_the_plot_is_saved_as_it_is_seen(
    lab: Server, open_notebook: OpenNotebook, tmp_path: Path
) -> None:
    """The SVG stands alone, with names as text; the PNG is at least as sharp as the screen."""
    cell = TWO.replace("df, mixture", 'df.set_axis(["<b>x</b>", "y & z"], axis=1), mixture')
    notebook, view = opened(lab, open_notebook, cell)
    saved = {}
    for kind in ("PNG", "SVG"):
        with notebook.page.expect_download() as download:
            view.button(f"Save {kind}").click()
        saved[kind] = tmp_path / download.value.suggested_filename
        download.value.save_as(saved[kind])
    text = saved["SVG"].read_text(encoding="utf-8")
    assert "class=" not in text
    assert "&lt;b&gt;x&lt;/b&gt;" in text
    assert "y &amp; z" in text
    assert 'href="data:image/png;base64,' in text
    picture = plt.imread(io.BytesIO(saved["PNG"].read_bytes()))
    width = view.root.locator(".gmm-stage").evaluate("stage => stage.clientWidth")
    assert picture.shape[1] >= 2 * width - 2
    assert picture[..., :3].std() > 0.02


def test_the_view_fills_the_screen(lab: Server, open_notebook: OpenNotebook) -> None:
    """Full screen makes the plot higher than in the notebook; leaving it brings back the size."""
    notebook, view = opened(lab, open_notebook, TWO)
    height = "height => Math.abs(document.querySelector('.gmm-plot').clientHeight - height) <= 1"
    grown = "height => document.querySelector('.gmm-plot').clientHeight > height + 100"
    view.button("Full screen").click()
    notebook.page.wait_for_function(grown, arg=420)
    view.button("Full screen").click()
    notebook.page.wait_for_function(height, arg=420)

"""The picture: what a frame costs under a dragging hand, for both painters, and the first paint.

Beside it jupyter-scatter gives the same points new colours in the same browser, which is what a
drag would need there: from the assignment in Python to the end of the drawing.
"""

from __future__ import annotations

from statistics import median
from typing import Any

from tests.browser.notebook_page import NotebookPage

from .browsers import NO_WEBGL, Lab, lab
from .timing import shown

Row = dict[str, Any]
SIZES = (10_000, 100_000, 1_000_000, 5_000_000)
COMPONENTS = (3, 12)
RIVAL_SIZES = (10_000, 100_000, 1_000_000)
#: The widget's whole width for a plot of about 800 x 600.
MAKE = """
import numpy as np
from gmm_widget import GMMWidget
rng = np.random.default_rng(0)
x = rng.normal(size=({n}, 2)) + rng.normal(scale=6, size=({k}, 2))[rng.integers(0, {k}, {n})]
w = GMMWidget(x, n_components={k}, random_state=0, height=600)
"""
#: Notes when a frame's callbacks begin, and adds up what the page's scripts spend in them.
SPENT = """
window.spent = window.began = 0;
let present = 0;
const wait = window.requestAnimationFrame.bind(window);
window.requestAnimationFrame = (body) => wait((now) => {
  const began = performance.now();
  if (now !== present) window.began = began;
  present = now;
  body(now);
  window.spent += performance.now() - began;
});
"""
#: A pointer move for each frame, as a hand makes them; resolves to the time between frames, to the
#: page's own work on one, from handling the move to painting, and to what of it scripts spend.
DRAG = """async ([handle, frames]) => {
  const box = handle.getBoundingClientRect();
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  const next = () => new Promise(requestAnimationFrame);
  const painted = () => new Promise((done) => {  // a task of its own comes after the frame
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => done(performance.now());
    port2.postMessage(null);
  });
  const [gaps, work, scripts] = [[], [], []];
  let last = await next();
  for (let i = 0; i < frames; i++) {
    const at = { clientX: x + 2 * (i % 40), clientY: y + (i % 30), pointerId: 1, buttons: 1 };
    window.spent = 0;
    const began = performance.now();
    handle.dispatchEvent(new PointerEvent('pointermove',
      { ...at, pointerType: 'mouse', isPrimary: true, bubbles: true, cancelable: true }));
    const handled = performance.now() - began;
    const now = await next();
    const ended = await painted();
    gaps.push(now - last);
    work.push(handled + ended - window.began);
    scripts.push(handled + window.spent);
    last = now;
  }
  const middle = (all) => all.slice(5).sort((a, b) => a - b)[(all.length - 5) >> 1] / 1000;
  return [middle(gaps), middle(work), middle(scripts)];
}"""
RIVAL = """
import numpy as np, pandas as pd, time
import jscatter
rng = np.random.default_rng(0)
x = rng.normal(size=({n}, 2)) + rng.normal(scale=6, size=(3, 2))[rng.integers(0, 3, {n})]
columns = {{f"c{{i}}": rng.random({n}) for i in range(6)}}
df = pd.DataFrame({{"x": x[:, 0], "y": x[:, 1], **columns}})
s = jscatter.Scatter(data=df, x="x", y="y", color_by="c0", width=800, height=600)
"""
#: Every draw call of a page's WebGL is followed to its end and noted.
WATCH = """
window.drawn = [];
for (const kind of [WebGLRenderingContext, WebGL2RenderingContext]) {
  for (const name of ['drawArrays', 'drawElements']) {
    const draw = kind.prototype[name];
    kind.prototype[name] = function (...args) {
      draw.apply(this, args);
      const count = name === 'drawArrays' ? args[2] : args[1];
      if (count < 5000) return;
      this.readPixels(0, 0, 1, 1, this.RGBA, this.UNSIGNED_BYTE, new Uint8Array(4));
      window.drawn.push(Date.now() / 1000);
    };
  }
}
"""


def frames(place: Lab, n: int, k: int, painter: str) -> Row:
    """The medians of a frame while component A is dragged."""
    script = SPENT + ("" if painter == "webgl2" else NO_WEBGL)
    with place.open([MAKE.format(n=n, k=k), "w"], script) as page:
        page.run_cell(0)
        page.run_cell(1)
        view = page.widget()
        page.page.wait_for_timeout(3000 if n < 2_000_000 else 9000)  # all chunks, first figures
        centre = view.part("Centre of A")
        centre.scroll_into_view_if_needed()
        page.page.mouse.move(*view.middle(centre))
        page.page.mouse.down()
        handle = centre.element_handle()
        turns = [page.page.evaluate(DRAG, [handle, 45]) for _ in range(5)]
        box = view.plot.bounding_box()
        page.page.mouse.up()
        used = view.root.locator(".gmm-canvas").first.get_attribute("data-gmm-painter")
    assert box is not None
    seconds, work, scripts = (median(each) for each in zip(*turns, strict=True))
    row: Row = {"what": "frame of a drag", "n": n, "k": k, "painter": painter}
    row |= {"seconds": seconds, "work": work, "scripts": scripts}
    row |= {"width": box["width"], "height": box["height"], "painter at rest": used}
    name = f"{painter:8} n = {n:.0e}, K = {k:2}"
    parts = f"{shown(work)} of work, {shown(scripts)} of it in scripts"
    print(f"{name}: a frame every {shown(seconds)}, {parts}", flush=True)
    return row


def rival(place: Lab, n: int) -> Row:
    """The median time of jupyter-scatter from new colours in Python to the picture."""
    with place.open(
        [RIVAL.format(n=n), "s.show()", "t = time.time(); s.color(by=c)"], WATCH
    ) as page:
        page.run_cell(0)
        page.run_cell(1)
        page.page.wait_for_function("() => window.drawn.length > 0")
        settle(page)
        times = []
        for turn in range(1, 6):
            page.evaluate(f"globals().update(c='c{turn}')")
            seen = page.page.evaluate("() => window.drawn.length")
            page.run_cell(2)
            page.page.wait_for_function("n => window.drawn.length > n", arg=seen)
            settle(page)
            times.append(page.page.evaluate("() => window.drawn.at(-1)") - page.evaluate("t"))
    row: Row = {"what": "new colours", "rival": "jupyter-scatter", "n": n, "seconds": median(times)}
    print(f"jupyter-scatter n = {n:.0e}: {shown(row['seconds'])} for new colours", flush=True)
    return row


def settle(page: NotebookPage) -> None:
    """Wait until nothing has been drawn for a second."""
    page.page.wait_for_function("() => Date.now() / 1000 - window.drawn.at(-1) > 1")


def first_paint(place: Lab, n: int) -> Row:
    """From the end of the cell that shows the widget to its picture of all the points.

    Before that, `sketch` seconds after the cell, there is one of the counts that come first.
    """
    cell = "import time\nfrom IPython.display import display\ndisplay(w)\nended = time.time()"
    note = """new MutationObserver((_, watch) => {
  const found = (also) => document.querySelector('.gmm-root[data-gmm-ready="true"]' + also);
  const note = (name) => requestAnimationFrame(() => requestAnimationFrame(() => {
    window[name] ??= Date.now() / 1000;
  }));
  if (found('')) note('sketched');
  if (!found('[data-gmm-points="all"]')) return;
  note('painted');
  watch.disconnect();
}).observe(document, { subtree: true, childList: true, attributes: true });"""
    times, sketches = [], []
    for _ in range(5):
        with place.open([MAKE.format(n=n, k=3), cell], note) as page:
            page.run_cell(0)
            page.run_cell(1)
            page.page.wait_for_function("() => window.painted")
            ended = page.evaluate("ended")
            times.append(page.page.evaluate("() => window.painted") - ended)
            sketches.append(page.page.evaluate("() => window.sketched") - ended)
    row: Row = {"what": "first paint", "n": n, "seconds": median(times), "sketch": median(sketches)}
    print(
        f"first paint, n = {n:.0e}: all points {shown(row['seconds'])} after the cell, "
        f"a sketch of them {shown(row['sketch'])}",
        flush=True,
    )
    return row


def main() -> list[Row]:
    """All tables of the picture."""
    with lab() as place:
        rows = [
            frames(place, n, k, painter)
            for n in SIZES
            for k in COMPONENTS
            for painter in ("webgl2", "plain")
        ]
        rows += [rival(place, n) for n in RIVAL_SIZES]
        rows.append(first_paint(place, 1_000_000))
    return rows

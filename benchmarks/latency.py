"""From a hand that lets go to the kernel's own log-likelihood on the screen.

Beside it the round trip of a trivial widget in the same page: the browser sends a message, the
kernel answers; once after a rest, and once as a drag ends, after a message for each of five frames.
What is above the latter is the price of the edit, of an exact pass over all points and of drawing.
The two differ since Jupyter's server sends small packets by Nagle's rules: one waits until the page
has acknowledged the one before, which a page in the midst of a conversation puts off for 40 ms.
"""

from __future__ import annotations

from statistics import median
from typing import Any

from .browsers import Lab, lab
from .picture import MAKE
from .timing import shown

Row = dict[str, Any]
SIZES = (10_000, 1_000_000)
ROUNDS = 15
MOVES = 5
TRIVIAL = '''
import anywidget
class Echo(anywidget.AnyWidget):
    _esm = """
    export default { render({ model }) {
      let count = 0;
      window.echo = async (before) => {
        for (let i = 0; i < before; i++) {
          model.send({ ping: ++count });
          await new Promise(requestAnimationFrame);
        }
        const mine = ++count;
        return new Promise((done) => {
          const began = performance.now();
          model.on("msg:custom", function answer({ ping }) {
            if (ping !== mine) return;
            model.off("msg:custom", answer);
            done(performance.now() - began);
          });
          model.send({ ping: mine });
        });
      };
    } };
    """
echo = Echo()
echo.on_msg(lambda widget, content, buffers: widget.send(content))
'''
#: One short drag; resolves to the time from letting go until the figure is marked exact, as the
#: trivial widget's is to the answer: both without the frame that shows it.
LET_GO = """async ([handle, mark, turn, moves]) => {
  const box = handle.getBoundingClientRect();
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  const at = (dx) => ({ clientX: x + dx, clientY: y, pointerId: 1, pointerType: 'mouse',
    isPrimary: true, bubbles: true, cancelable: true });
  const next = () => new Promise(requestAnimationFrame);
  const step = turn % 2 ? 3 : -3;
  for (let i = 1; i <= moves; i++) {
    handle.dispatchEvent(new PointerEvent('pointermove', { ...at(i * step), buttons: 1 }));
    await next();
  }
  return new Promise((done) => {
    const began = performance.now();
    const watch = new MutationObserver(() => {
      if (mark.textContent !== '') return;
      watch.disconnect();
      done(performance.now() - began);
    });
    watch.observe(mark, { childList: true, characterData: true, subtree: true });
    handle.dispatchEvent(new PointerEvent('pointerup', { ...at(moves * step), buttons: 0 }));
  });
}"""


def measured(place: Lab, n: int) -> Row:
    """Both times in one page, in turn."""
    with place.open([MAKE.format(n=n, k=5) + TRIVIAL, "w", "echo"]) as page:
        for cell in range(3):
            page.run_cell(cell)
        view = page.widget()
        view.root.locator('xpath=self::*[@data-gmm-points="all"]').wait_for()
        page.page.wait_for_function("() => window.echo")
        page.page.wait_for_timeout(2000)
        centre, mark = view.part("Centre of A"), view.root.locator(".gmm-live").first
        centre.scroll_into_view_if_needed()
        ours, rested, trivial = [], [], []
        for turn in range(ROUNDS):
            page.page.mouse.move(*view.middle(centre))
            page.page.mouse.down()
            arguments = [centre.element_handle(), mark.element_handle(), turn, MOVES]
            ours.append(page.page.evaluate(LET_GO, arguments) / 1000)
            page.page.mouse.up()
            for times, before in ((rested, 0), (trivial, MOVES)):
                page.page.wait_for_timeout(400)
                times.append(page.page.evaluate("moves => window.echo(moves)", before) / 1000)
            page.page.wait_for_timeout(400)
    row: Row = {"what": "drag to confirmed", "n": n, "seconds": median(ours)}
    row |= {"trivial round trip": median(trivial), "after a rest": median(rested)}
    row |= {"ratio": median(ours) / median(trivial)}
    print(
        f"n = {n:.0e}: {shown(row['seconds'])} from letting go to the exact log-likelihood, "
        f"{row['ratio']:.2f} times a trivial round trip ({shown(row['trivial round trip'])}; "
        f"{shown(row['after a rest'])} after a rest)",
        flush=True,
    )
    return row


def main() -> list[Row]:
    """The table of latencies."""
    with lab() as place:
        return [measured(place, n) for n in SIZES]

"""A hand on the wire between a page and its kernel: messages held back, swapped, or cut off.

It sits in the page, under JupyterLab's own code: what the widget is given has come through all of
the host's decoding, as it would from a network that does these things.
"""

from typing import Any, final

from playwright.sync_api import Page

# `rule(kind, content)` says of each message of a widget: "hold", "swap" (with the next one of
# these), "cut" (its end is lost), or nothing. Kinds are the wire's own, "traits" for an update.
SCRIPT = """
(() => {
  const wire = (window.gmmTestWire = { rule: () => undefined, held: [], count: 0 });
  const read = (data) => {
    const view = new DataView(data);
    const at = (i) => Number(view.getBigUint64(8 * (i + 1), true));
    const part = (i) => JSON.parse(new TextDecoder().decode(data.slice(at(i), at(i + 1))));
    if (part(1).msg_type !== 'comm_msg') return [];
    const { method, content } = part(4).data;
    return method === 'custom' ? [content.kind, content] : ['traits', {}];
  };
  wire.release = () => {
    for (const give of wire.held.splice(0)) give();
  };
  const hear = (event, give) => {
    const [kind, content] = event.data instanceof ArrayBuffer ? read(event.data) : [];
    const act = kind && wire.rule(kind, content);
    if (act) wire.count += 1;
    if (act === 'hold' || (act === 'swap' && wire.held.length === 0)) {
      wire.held.push(() => give(event));
    } else if (act === 'swap') {
      give(event);
      wire.release();
    } else if (act === 'cut') {
      give(new MessageEvent('message', { data: event.data.slice(0, -5) }));
    } else give(event);
  };
  const { get, set } = Object.getOwnPropertyDescriptor(WebSocket.prototype, 'onmessage');
  Object.defineProperty(WebSocket.prototype, 'onmessage', {
    configurable: true,
    get,
    set(handler) {
      const kernels = /\\/channels/.test(this.url);
      const give = (event) => handler.call(this, event);
      set.call(this, handler && kernels ? (event) => hear(event, give) : handler);
    },
  });
})();
"""

# What the view shows in each of so many frames: where the components are, figures, Run or Stop.
FRAMES = """async ([root, release]) => {
  const seen = () => JSON.stringify([
    ...[...root.querySelectorAll('[aria-label^="Centre of"]')].map((part) => {
      const { x, y } = part.getBoundingClientRect();
      return [part.getAttribute('aria-label'), Math.round(x), Math.round(y)];
    }),
    root.querySelector('.gmm-loglik').textContent,
    root.querySelector('.gmm-run').getAttribute('aria-label'),
  ]);
  const all = new Set([seen()]);
  if (release) window.gmmTestWire.release();
  for (let i = 0; i < 30; i++) {
    await new Promise((done) => requestAnimationFrame(done));
    all.add(seen());
  }
  return [...all];
}"""


@final
class Wire:
    """The wire of a page that was opened with `SCRIPT`."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def rule(self, function: str) -> None:
        """Have this JavaScript function (kind, content) say what becomes of each message."""
        self.page.evaluate(f"() => {{ window.gmmTestWire.rule = {function}; }}")

    def wait_for(self, count: int) -> None:
        """Wait until so many messages have been treated by the rule."""
        self.page.wait_for_function("n => window.gmmTestWire.count >= n", arg=count)

    def frames(self, root: Any, release: bool = True) -> list[str]:
        """Let go of what is held; return every different sight of the view in 30 frames."""
        seen: list[str] = self.page.evaluate(FRAMES, [root.element_handle(), release])
        return seen

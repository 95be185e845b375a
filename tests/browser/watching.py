"""Watches the page from outside the widget: what the bundle holds on to, and a button's story.

The widget counts its own listeners; a test of that count would trust the counter. Here the
browser's own functions are wrapped before any page script runs, and a call counts as the widget's
if the bundle, which anywidget loads from a blob or data address, is on its stack.
"""

import json
from typing import Any

from playwright.sync_api import Locator, Page

SCRIPT = r"""
(() => {
  const held = (window.gmmTestHeld = new Map());
  const ours = () => /\b(blob|data):/.test(new Error().stack ?? "");
  const add = EventTarget.prototype.addEventListener;
  const remove = EventTarget.prototype.removeEventListener;
  const far = (target) =>
    target === window || target === document || target === document.body ||
    target === document.documentElement || target instanceof MediaQueryList;
  const numbers = new WeakMap();
  let count = 0;
  const number = (thing) => {
    if (!numbers.has(thing)) numbers.set(thing, ++count);
    return numbers.get(thing);
  };
  const key = (target, type, listener, options) => {
    const capture = typeof options === "boolean" ? options : Boolean(options?.capture);
    return `${target.constructor.name}.${type}#${number(target)}.${number(listener)}.${capture}`;
  };
  EventTarget.prototype.addEventListener = function (type, listener, options) {
    const target = this ?? window;
    if (listener && far(target) && ours()) held.set(key(target, type, listener, options), 1);
    return add.call(target, type, listener, options);
  };
  EventTarget.prototype.removeEventListener = function (type, listener, options) {
    const target = this ?? window;
    if (listener) held.delete(key(target, type, listener, options));
    return remove.call(target, type, listener, options);
  };
  for (const name of ["ResizeObserver", "MutationObserver", "IntersectionObserver"]) {
    const { observe, disconnect } = window[name].prototype;
    window[name].prototype.observe = function (...args) {
      if (ours()) held.set(`${name}#${number(this)}`, 1);
      return observe.apply(this, args);
    };
    window[name].prototype.disconnect = function () {
      held.delete(`${name}#${number(this)}`);
      return disconnect.call(this);
    };
  }
})();
"""

HELD = """() => {
  const ours = globalThis[Symbol.for('gmm_widget.probe')] ?? {};
  const counted = Object.entries(ours).filter(([, value]) => value !== 0);
  return Object.fromEntries([...window.gmmTestHeld, ...counted]);
}"""
FOLLOW = """root => {
  const button = root.querySelector('.gmm-run');
  const story = [[button.getAttribute('aria-label'), performance.now()]];
  root.gmmTestStory = story;
  button.addEventListener('click', () => story.push(['clicked', performance.now()]), true);
  new MutationObserver(() => {
    const name = button.getAttribute('aria-label');
    const names = story.map(([what]) => what).filter((what) => what !== 'clicked');
    if (name !== names.at(-1)) story.push([name, performance.now()]);
  }).observe(button, { attributes: true });
}"""


def held(page: Page) -> dict[str, Any]:
    """Return what the widget holds outside its own elements, and what it says that it holds."""
    things: dict[str, Any] = page.evaluate(HELD)
    return things


def follow_run_button(root: Locator) -> None:
    """Note from now on, with the browser's clock, each click on Run/Stop and each new name."""
    root.evaluate(FOLLOW)


def run_button_story(root: Locator) -> tuple[list[str], float]:
    """Return what happened to the button in order, and how long the last change took in ms."""
    story = json.loads(root.evaluate("root => JSON.stringify(root.gmmTestStory)"))
    return [what for what, _ in story], story[-1][1] - story[-2][1]

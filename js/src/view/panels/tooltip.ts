/*
 * Tooltips with key hints, one element for the whole view, kept inside it.
 */
import { HIDDEN, h, setText } from "../../base/dom.ts";
import { listen, timer } from "../../base/lifetime.ts";

const DELAY = 450;

const MARGIN = 4; // px between a tip and the widget's edge

const tipped = (event: Event) => (event.target as Element).closest<HTMLElement>("[data-gmm-tip]");

interface Tip {
  readonly root: HTMLElement;
  readonly text: HTMLElement;
  readonly key: HTMLElement;
}

/** Fill the tip and put it under its target, inside the room. */
function place({ root: tip, text, key }: Tip, target: HTMLElement, room: DOMRect): void {
  setText(text, target.dataset.gmmTip ?? "");
  setText(key, target.dataset.gmmKey ?? "");
  key.hidden = !target.dataset.gmmKey;
  tip.hidden = false;
  const at = target.getBoundingClientRect();
  const left = at.left - room.left + at.width / 2 - tip.offsetWidth / 2;
  const most = Math.max(MARGIN, room.width - tip.offsetWidth - MARGIN);
  tip.style.left = `${Math.min(most, Math.max(MARGIN, left))}px`;
  tip.style.top = `${at.bottom - room.top + 6}px`;
}

/** Show `data-gmm-tip` and `data-gmm-key` of the element under the pointer or with the focus. */
export function createTip(end: AbortSignal, root: HTMLElement): HTMLElement {
  const [text, key] = [h("span"), h("kbd")];
  const tip = h("div", { class: "gmm-tip", ...HIDDEN, hidden: true }, text, key);
  let target: HTMLElement | null = null;
  const wait = timer(end, DELAY, () => {
    if (target?.isConnected) place({ root: tip, text, key }, target, root.getBoundingClientRect());
  });
  const setTarget = (next: HTMLElement | null, show: boolean) => {
    if (next === target) return;
    target = next;
    tip.hidden = true;
    if (next && show) wait.start();
    else wait.stop();
  };
  listen<PointerEvent>(end, root, "pointerover", (event) =>
    setTarget(tipped(event), event.pointerType !== "touch"),
  );
  listen(end, root, "focusin", (event) => {
    const found = tipped(event);
    setTarget(found, found?.matches(":focus-visible") ?? false);
  });
  listen(end, root, "pointerleave", () => setTarget(null, false));
  listen(end, root, "focusout", () => setTarget(null, false));
  // No tip for what was just pressed until the pointer comes back.
  listen(end, root, "pointerdown", (event) => {
    setTarget(null, false);
    target = tipped(event);
  });
  return tip;
}

/*
 * Tooltips with key hints, one element for the whole view, kept inside it.
 */
import { h, setText } from "../dom.ts";
import { listen, timer } from "../life.ts";

const DELAY = 450;

/** Show `data-gmm-tip` and `data-gmm-key` of whatever the pointer or the focus rests on. */
export function createTip(end: AbortSignal, root: HTMLElement): HTMLElement {
  const text = h("span");
  const key = h("kbd");
  const tip = h("div", { class: "gmm-tip", "aria-hidden": "true" }, text, key);
  tip.hidden = true;
  let target: HTMLElement | null = null;
  const show = () => {
    if (!target?.isConnected) return;
    setText(text, target.dataset.gmmTip ?? "");
    setText(key, target.dataset.gmmKey ?? "");
    key.hidden = !target.dataset.gmmKey;
    tip.hidden = false;
    const at = target.getBoundingClientRect();
    const room = root.getBoundingClientRect();
    const left = at.left - room.left + at.width / 2 - tip.offsetWidth / 2;
    const most = Math.max(4, room.width - tip.offsetWidth - 4);
    tip.style.left = `${Math.min(most, Math.max(4, left))}px`;
    tip.style.top = `${at.bottom - room.top + 6}px`;
  };
  const wait = timer(end, DELAY, show);
  const aim = (event: Event, focused: boolean) => {
    const found = (event.target as Element).closest<HTMLElement>("[data-gmm-tip]");
    if (found === target) return;
    hide();
    if (!found || (focused && !found.matches(":focus-visible"))) return;
    target = found;
    wait.start();
  };
  const hide = () => {
    target = null;
    wait.stop();
    tip.hidden = true;
  };
  listen(end, root, "pointerover", (event) => {
    if ((event as PointerEvent).pointerType !== "touch") aim(event, false);
  });
  listen(end, root, "focusin", (event) => aim(event, true));
  listen(end, root, "pointerleave", hide);
  // What has been pressed explains itself: no tip until the pointer comes back.
  listen(end, root, "pointerdown", (event) => {
    hide();
    target = (event.target as Element).closest<HTMLElement>("[data-gmm-tip]");
  });
  listen(end, root, "focusout", hide);
  return tip;
}

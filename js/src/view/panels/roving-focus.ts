/*
 * One tab stop for a whole table: arrows go from field to field.
 *
 * In a field with text the arrows to the side leave it only from its ends, or
 * while all of it is marked, as it is when one arrives.
 */
import { listen } from "../../base/lifetime.ts";

const STOPS = "button:not(:disabled), input";

const rowsOf = (body: Element) => [...body.children];
const stopsOf = (row: Element | undefined) => [
  ...(row?.querySelectorAll<HTMLElement>(STOPS) ?? []),
];

/** Whether a horizontal arrow leaves the field instead of moving within its text. */
function leaves(field: Element, forward: boolean): boolean {
  if (!(field instanceof HTMLInputElement)) return true;
  const { selectionStart: from, selectionEnd: to, value } = field;
  const whole = from === 0 && to === value.length;
  return whole || (from === to && to === (forward ? value.length : 0));
}

/** Where an arrow goes from a field, or null where it stays. */
function goal(body: Element, from: HTMLElement, key: string): HTMLElement | null {
  const rows = rowsOf(body);
  const row = rows.findIndex((each) => each.contains(from));
  const stops = stopsOf(rows[row]);
  const at = stops.indexOf(from);
  if (key === "ArrowLeft" || key === "ArrowRight") {
    const forward = key === "ArrowRight";
    return leaves(from, forward) ? (stops[at + (forward ? 1 : -1)] ?? null) : null;
  }
  if (key !== "ArrowUp" && key !== "ArrowDown") return null;
  const next = stopsOf(rows[row + (key === "ArrowDown" ? 1 : -1)]);
  const name = from.getAttribute("data-gmm-field") ?? from.getAttribute("data-gmm-act");
  const same = next.find((each) => {
    return (each.getAttribute("data-gmm-field") ?? each.getAttribute("data-gmm-act")) === name;
  });
  return same ?? next[at] ?? null;
}

/** Make the rows of `body` one tab stop; the returned function puts it into a row. */
export function createRoving(end: AbortSignal, body: HTMLElement): (row: Element | null) => void {
  const settle = (on: HTMLElement | undefined) => {
    for (const each of rowsOf(body).flatMap(stopsOf)) each.tabIndex = each === on ? 0 : -1;
  };
  const stop = (target: EventTarget | null) =>
    target instanceof Element ? target.closest<HTMLElement>(STOPS) : null;
  listen(end, body, "focusin", (event) => {
    const at = stop(event.target);
    if (at) settle(at);
  });
  listen<KeyboardEvent>(end, body, "keydown", (event) => {
    const from = stop(event.target);
    if (!from || event.shiftKey || event.ctrlKey || event.metaKey || event.altKey) return;
    const to = goal(body, from, event.key);
    // At the edge a button keeps the arrow, which must not move the component.
    if (!to && !(event.key.startsWith("Arrow") && from instanceof HTMLButtonElement)) return;
    event.preventDefault();
    event.stopPropagation();
    to?.focus();
  });
  return (row) => {
    const held = body.contains(document.activeElement) ? stop(document.activeElement) : null;
    settle(held ?? stopsOf(row ?? body.children[0])[0]);
  };
}

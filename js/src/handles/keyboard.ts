/*
 * The keyboard on the whole view: moves and shapes the selected component,
 * goes from one to the next, and acts.
 */
import { attrs } from "../dom.ts";
import { listen } from "../life.ts";
import type { Desk } from "./desk.ts";
import { type Act, type Action, actionOf, type Key } from "./keys.ts";
import { type HandleName, ROWS, rowOf } from "./rows.ts";
import { createTyping } from "./typing.ts";

const within = (target: EventTarget | null, selector: string) =>
  target instanceof Element && target.closest(selector) !== null;

/** The handle that has the focus; the centre stands for the component itself. */
function handleAt(target: EventTarget | null): HandleName {
  const element = target instanceof Element ? target.closest("[data-gmm-handle]") : null;
  return rowOf(element?.getAttribute("data-gmm-handle") ?? "")?.name ?? "centre";
}

function select(desk: Desk, by: number): void {
  const ids = desk.shapes().map((shape) => shape.id);
  if (ids.length === 0) return;
  const at = ids.indexOf(desk.state.selected.peek() ?? -1);
  const id = ids[(at + by + ids.length) % ids.length]!;
  desk.state.selected.value = id;
  desk.focus(id);
}

/** Put the keyboard on the next handle of the selected component, and round again. */
function nextHandle(desk: Desk, target: EventTarget | null): void {
  const id = desk.state.selected.peek();
  if (id === null) return;
  const names = ROWS.filter((row) => row.allowed(desk.structure())).map((row) => row.name);
  const order = names.reverse();
  const next = order[(order.indexOf(handleAt(target)) + 1) % order.length]!;
  if (next === "centre") desk.focus(id);
  else desk.focus(id, next);
}

/** Listen on the root; acts that are not edits go to `act`. */
export function createKeyboard(
  end: AbortSignal,
  root: HTMLElement,
  desk: Desk,
  act: (name: Act) => void,
): void {
  const typing = createTyping(end, desk);
  const obey = (action: Action, target: EventTarget | null) => {
    if (action.kind === "act" && action.name === "cancel" && typing.cancel()) return;
    if (action.kind === "act") {
      typing.finish();
      act(action.name);
    } else if (action.kind === "select") select(desk, action.by);
    else if (action.kind === "handle") nextHandle(desk, target);
    else typing.type(action, handleAt(target));
  };
  const down = (event: KeyboardEvent) => {
    attrs(root, { "data-gmm-keys": true });
    // The host's own shortcuts must not fire; its Ctrl and Cmd ones may.
    if (!event.ctrlKey && !event.metaKey) event.stopPropagation();
    if (within(event.target, "input, select, textarea")) return;
    const pressing = event.key === " " || event.key === "Enter";
    if (pressing && within(event.target, "button")) return;
    const action = actionOf(event as Key);
    if (!action || (action.kind === "handle" && !within(event.target, ".gmm-plot"))) return;
    event.preventDefault();
    event.stopPropagation();
    obey(action, event.target);
  };
  listen(end, root, "keydown", down);
  // Focus rings are for those who steer by keys.
  const point = () => attrs(root, { "data-gmm-keys": false });
  listen(end, root, "pointerdown", point, { capture: true });
  listen(end, root, "focusout", () => typing.finish());
}

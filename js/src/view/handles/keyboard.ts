/*
 * The keyboard on the whole view: moves and shapes the selected component,
 * goes from one to the next, and acts.
 */
import { attrs } from "../../base/dom.ts";
import { listen } from "../../base/lifetime.ts";
import type { Desk } from "./context.ts";
import { type HandleName, ROWS, rowOf } from "./handle-table.ts";
import { type Act, type Action, actionOf, type Key } from "./keys.ts";
import { createTyping, type Typing } from "./typed-values.ts";

const MODIFIERS = ["Shift", "Control", "Alt", "Meta"]; // held with the mouse as well

/** Panels that have keys of their own, which come before the widget's. */
const OWN_KEYS = ".gmm-components, .gmm-choose, .gmm-starts, .gmm-trace, .gmm-selection";

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

/** A component that gets the focus, by whatever way, is the selected one. */
function selectAt(desk: Desk, target: EventTarget | null): void {
  const group = target instanceof Element ? target.closest("[data-gmm-component]") : null;
  if (group) desk.state.selected.value = Number(group.getAttribute("data-gmm-component"));
}

/** Put the keyboard on the next handle of the selected component, and round again. */
function nextHandle(desk: Desk, target: EventTarget | null): void {
  const id = desk.state.selected.peek();
  if (id === null) return;
  const shape = desk.shapes().find((each) => each.id === id);
  if (!shape) return;
  const names = ROWS.filter((row) => row.allowed(desk.structure(), shape)).map(({ name }) => name);
  const order = names.reverse();
  const next = order[(order.indexOf(handleAt(target)) + 1) % order.length]!;
  if (next === "centre") desk.focus(id);
  else desk.focus(id, next);
}

/** The action of a key press here, or null where the key is not ours. */
function actionHere(event: KeyboardEvent, target: EventTarget | null): Action | null {
  if (within(target, "input, select, textarea")) return null;
  const pressing = event.key === " " || event.key === "Enter";
  if (pressing && within(target, "button")) return null;
  const action = actionOf(event as Key);
  return (action?.kind === "handle" || action?.kind === "choose") && !within(target, ".gmm-plot")
    ? null
    : action;
}

/** Keep the selected component chosen while the next one is looked for, or no longer. */
function choose({ selected, also }: Desk["state"]): void {
  const [id, others] = [selected.peek(), also.peek()];
  if (id === null) return;
  also.value = others.includes(id) ? others.filter((each) => each !== id) : [...others, id];
}

type Obey = (action: Action, target: EventTarget | null) => void;

/** Who does what. */
function obeyWith(desk: Desk, typing: Typing, act: (name: Act) => void): Obey {
  return (action, target) => {
    if (action.kind === "select") select(desk, action.by);
    else if (action.kind === "choose") choose(desk.state);
    else if (action.kind === "handle") nextHandle(desk, target);
    else if (action.kind !== "act") typing.type(action, handleAt(target));
    else if (action.name !== "cancel" || !typing.cancel()) {
      typing.finish();
      act(action.name);
    }
  };
}

/** Listen on the root; acts that are not edits go to `act`. */
export function createKeyboard(
  end: AbortSignal,
  root: HTMLElement,
  desk: Desk,
  act: (name: Act) => void,
): void {
  const typing = createTyping(end, desk);
  const obey = obeyWith(desk, typing, act);
  const shield = (event: KeyboardEvent) => {
    // The host's own shortcuts must not fire; its Ctrl and Cmd ones may.
    if (!event.ctrlKey && !event.metaKey) event.stopPropagation();
  };
  listen<KeyboardEvent>(end, root, "keydown", (event) => {
    if (!MODIFIERS.includes(event.key)) attrs(root, { "data-gmm-keys": true });
    shield(event);
    const action = actionHere(event, event.target);
    if (!action) return;
    event.preventDefault();
    event.stopPropagation();
    obey(action, event.target);
  });
  for (const type of ["keyup", "keypress"]) listen(end, root, type, shield);
  // Some hosts listen on the document or in the capture phase, and a key that deletes a component
  // would delete a cell as well: where no panel has keys of its own, the widget's are done here,
  // before anybody else hears of them.
  listen<KeyboardEvent>(
    end,
    root.ownerDocument.defaultView ?? window,
    "keydown",
    (event) => {
      const target = event.composedPath()[0] ?? null;
      if (!(target instanceof Node) || !root.contains(target) || within(target, OWN_KEYS)) return;
      const action = actionHere(event, target);
      if (!action) return;
      attrs(root, { "data-gmm-keys": true });
      event.preventDefault();
      event.stopImmediatePropagation();
      obey(action, target);
    },
    { capture: true },
  );
  // Focus rings are for those who steer by keys.
  const point = () => attrs(root, { "data-gmm-keys": false });
  listen(end, root, "pointerdown", point, { capture: true });
  listen(end, root, "focusout", () => typing.finish());
  listen(end, root, "focusin", (event) => selectAt(desk, event.target));
}

/*
 * The keyboard: keys that edit the selected component, go to the next one, or
 * do what buttons do.
 */
import { attrs } from "../../base/dom.ts";
import { listen } from "../../base/lifetime.ts";
import type { HandleContext } from "./context.ts";
import { MAIN, ROWS, rowOf } from "./handle-table.ts";
import { type Act, type Action, actionOf, type Key } from "./keys.ts";
import { createKeyEdits, type KeyEdits } from "./typed-values.ts";

const MODIFIERS = ["Shift", "Control", "Alt", "Meta"]; // held with the mouse as well

/** What has keys of its own, which come before the widget's. */
const OWN_KEYS = "[data-gmm-own-keys]";

const within = (target: EventTarget | null, selector: string) =>
  target instanceof Element && target.closest(selector) !== null;

/** The handle that has the focus; the centre stands for the component itself. */
function handleAt(target: EventTarget | null): string {
  const element = target instanceof Element ? target.closest("[data-gmm-handle]") : null;
  return rowOf(element?.getAttribute("data-gmm-handle") ?? "")?.name ?? MAIN.name;
}

function select(context: HandleContext, by: number): void {
  const ids = context.shapes().map((shape) => shape.id);
  if (ids.length === 0) return;
  const at = ids.indexOf(context.state.selected.peek() ?? -1);
  const id = ids[(at + by + ids.length) % ids.length]!;
  context.state.selected.value = id;
  context.focus(id);
}

/** A component that gets the focus, by whatever way, is the selected one. */
function selectAt(context: HandleContext, target: EventTarget | null): void {
  const group = target instanceof Element ? target.closest("[data-gmm-component]") : null;
  if (group) context.state.selected.value = Number(group.getAttribute("data-gmm-component"));
}

/** Focus the next handle of the selected component, cyclically. */
function nextHandle(context: HandleContext, target: EventTarget | null): void {
  const id = context.state.selected.peek();
  if (id === null) return;
  const shape = context.shapes().find((each) => each.id === id);
  if (!shape) return;
  const names = ROWS.filter((row) => row.allowed(context.structure(), shape)).map(
    ({ name }) => name,
  );
  const order = names.reverse();
  const next = order[(order.indexOf(handleAt(target)) + 1) % order.length]!;
  if (next === MAIN.name) context.focus(id);
  else context.focus(id, next);
}

/** The action of a key press here, or null where the widget does not handle the key. */
function actionHere(event: KeyboardEvent, target: EventTarget | null): Action | null {
  if (within(target, "input, select, textarea")) return null;
  const pressing = event.key === " " || event.key === "Enter";
  if (pressing && within(target, "button")) return null;
  const action = actionOf(event as Key);
  return (action?.kind === "handle" || action?.kind === "choose") && !within(target, ".gmm-plot")
    ? null
    : action;
}

/** Add the selected component to the additional selection, or remove it. */
function choose({ selected, also }: HandleContext["state"]): void {
  const [id, others] = [selected.peek(), also.peek()];
  if (id === null) return;
  also.value = others.includes(id) ? others.filter((each) => each !== id) : [...others, id];
}

type Handler = (action: Action, target: EventTarget | null) => void;

/** A function that does an action. */
function createHandler(
  context: HandleContext,
  typing: KeyEdits,
  act: (name: Act) => void,
): Handler {
  return (action, target) => {
    if (action.kind === "select") select(context, action.by);
    else if (action.kind === "choose") choose(context.state);
    else if (action.kind === "handle") nextHandle(context, target);
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
  context: HandleContext,
  act: (name: Act) => void,
): void {
  const typing = createKeyEdits(end, context);
  const handle = createHandler(context, typing, act);
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
    handle(action, event.target);
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
      handle(action, target);
    },
    { capture: true },
  );
  // Focus rings are shown for keyboard users only.
  const point = () => attrs(root, { "data-gmm-keys": false });
  listen(end, root, "pointerdown", point, { capture: true });
  listen(end, root, "focusout", () => typing.finish());
  listen(end, root, "focusin", (event) => selectAt(context, event.target));
}

/*
 * The keyboard as a hand: presses close in time are one gesture, so that
 * one undo takes them back together.
 */
import { attrs } from "../dom.ts";
import { turned } from "../geometry/ellipse.ts";
import { toData } from "../geometry/viewport.ts";
import { listen, timer } from "../life.ts";
import type { Patch } from "../mixture.ts";
import { type Act, type Action, actionOf, type Key } from "./keys.ts";
import type { Desk } from "./pointer.ts";
import { LEAST, shaped } from "./rows.ts";

const PAUSE = 350; // ms without a key that end a gesture

interface Typing {
  readonly number: number;
  readonly id: number;
  patch: Patch;
}

/** The selected component after one action. */
function patchOf(desk: Desk, id: number, action: Action): Patch | null {
  const shape = desk.shapes().find((each) => each.id === id);
  const view = desk.view();
  const structure = desk.structure();
  if (!shape || !view) return null;
  const { centre, frame } = shape;
  if (action.kind === "nudge") {
    const x = centre[0] + action.dx * view.width;
    const y = centre[1] + action.dy * view.height;
    return { mean: [...toData(view, [x, y])] };
  }
  if (action.kind === "turn" && structure.turns) {
    return { covariance: shaped(turned(frame, (action.degrees * Math.PI) / 180), view, structure) };
  }
  if (action.kind === "scale") {
    const { factor } = action;
    if (factor < 1 && Math.min(frame.a, frame.b) * factor < LEAST) return null;
    const grown = { ...frame, a: frame.a * factor, b: frame.b * factor };
    return { covariance: shaped(grown, view, structure) };
  }
  return null;
}

const editable = (target: EventTarget | null) =>
  target instanceof Element && target.closest("input, select, textarea") !== null;

const pressable = (target: EventTarget | null) =>
  target instanceof Element && target.closest("button") !== null;

/** Listen on the root; acts that are not edits go to `act`. */
export function createKeyboard(
  end: AbortSignal,
  root: HTMLElement,
  desk: Desk,
  act: (name: Act) => void,
): void {
  let typing: Typing | null = null;
  const finish = () => {
    if (!typing) return;
    const { number, id, patch } = typing;
    typing = null;
    desk.edit(number, id, patch, true);
  };
  const pause = timer(end, PAUSE, finish);

  const type = (action: Action) => {
    const id = desk.state.selected.peek();
    if (id === null) return;
    const patch = patchOf(desk, id, action);
    if (!patch) return;
    if (typing && typing.id !== id) finish();
    typing ??= { number: desk.gesture(), id, patch: {} };
    typing.patch = { ...typing.patch, ...patch };
    desk.edit(typing.number, id, typing.patch, false);
    pause.start();
  };
  const select = (by: number) => {
    const ids = desk.shapes().map((shape) => shape.id);
    if (ids.length === 0) return;
    const at = ids.indexOf(desk.state.selected.peek() ?? -1);
    const id = ids[(at + by + ids.length) % ids.length]!;
    desk.state.selected.value = id;
    desk.focus(id);
  };

  const down = (event: KeyboardEvent) => {
    attrs(root, { "data-gmm-keys": true });
    if (!event.ctrlKey && !event.metaKey) event.stopPropagation();
    if (editable(event.target)) return;
    const action = actionOf(event as Key);
    if (!action) return;
    if (pressable(event.target) && (event.key === " " || event.key === "Enter")) return;
    event.preventDefault();
    event.stopPropagation();
    if (action.kind === "act" || action.kind === "select") finish();
    if (action.kind === "act") act(action.name);
    else if (action.kind === "select") select(action.by);
    else type(action);
  };
  listen(end, root, "keydown", down);
  // Rings are for those who steer by keys.
  listen(end, root, "pointerdown", () => attrs(root, { "data-gmm-keys": false }), {
    capture: true,
  });
  listen(end, root, "focusout", finish);
}

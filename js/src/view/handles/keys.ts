/*
 * Keys to actions: one table for the whole keyboard.
 */
import { chord } from "../../base/keycap.ts";

export type Action =
  | { readonly kind: "nudge"; readonly dx: number; readonly dy: number }
  | { readonly kind: "turn"; readonly degrees: number }
  | { readonly kind: "scale"; readonly factor: number }
  | { readonly kind: "select"; readonly by: 1 | -1 }
  | { readonly kind: "choose" }
  | { readonly kind: "handle" }
  | { readonly kind: "act"; readonly name: Act };

export type Act =
  | "em_step"
  | "run"
  | "undo"
  | "redo"
  | "add"
  | "delete"
  | "split"
  | "merge"
  | "contours"
  | "borders"
  | "outliers"
  | "sampled"
  | "box"
  | "lasso"
  | "fit_view"
  | "zoom_in"
  | "zoom_out"
  | "help"
  | "cancel";

export interface Key {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly shiftKey: boolean;
  readonly altKey: boolean;
  /** Where the key is on the keyboard: Alt changes `key` on a Mac. */
  readonly code?: string;
}

/** What the help panel lists. */
export const KEYS: readonly (readonly [string, string])[] = [
  ["← ↑ → ↓", "move the component by 1 %"],
  ["Shift, Alt", "ten times as far, a tenth"],
  ["[  ]", "turn"],
  ["+  −", "grow, shrink"],
  [",  .", "previous, next component"],
  ["Enter", "next handle, which arrows then drag"],
  ["N", "add a component"],
  ["Delete", "delete the component"],
  ["S", "split the component"],
  ["Shift Enter", "select one more (or Shift and a click)"],
  ["M", "merge the selected components"],
  ["E", "EM step"],
  ["Space", "run, stop"],
  ["D  B", "lines of equal density, decision boundaries"],
  ["X  L", "select points with a box, with a lasso (or Shift and a drag)"],
  ["U  G", "outliers, a sample from the model"],
  ["F", "fit the view to the data"],
  ["I  O", "zoom in, out"],
  [chord("Z"), "undo"],
  [chord("Z", true), "redo"],
  ["Alt", "held when a drag ends: lock what was dragged"],
  ["Esc", "cancel a drag or an edit by keys"],
  ["?", "this list"],
];

const ARROWS = new Map<string, readonly [number, number]>([
  ["ArrowLeft", [-1, 0]],
  ["ArrowRight", [1, 0]],
  ["ArrowUp", [0, -1]],
  ["ArrowDown", [0, 1]],
]);
const SHARE = 0.01; // of the view
const TURN = 5; // degrees
const GROW = 1.05;

const ACTS = new Map<string, Act>([
  ["n", "add"],
  ["e", "em_step"],
  [" ", "run"],
  ["Delete", "delete"],
  ["Backspace", "delete"],
  ["s", "split"],
  ["m", "merge"],
  ["d", "contours"],
  ["b", "borders"],
  ["u", "outliers"],
  ["g", "sampled"],
  ["x", "box"],
  ["l", "lasso"],
  ["f", "fit_view"],
  ["0", "fit_view"],
  ["i", "zoom_in"],
  ["o", "zoom_out"],
  ["?", "help"],
  ["Escape", "cancel"],
]);

function pace({ shiftKey, altKey }: Key): number {
  return (shiftKey ? 10 : 1) * (altKey ? 0.1 : 1);
}

function withControl({ key, shiftKey }: Key): Action | null {
  const letter = key.toLowerCase();
  if (letter === "z") return { kind: "act", name: shiftKey ? "redo" : "undo" };
  if (letter === "y") return { kind: "act", name: "redo" };
  return null;
}

const BRACKETS = new Map([
  ["BracketLeft", -1],
  ["BracketRight", 1],
]);

/** The action of a key press, or null where the key means nothing here. */
export function actionOf(press: Key): Action | null {
  const { key } = press;
  if (press.ctrlKey || press.metaKey) return withControl(press);
  const arrow = ARROWS.get(key);
  const much = pace(press);
  if (arrow) return { kind: "nudge", dx: arrow[0] * SHARE * much, dy: arrow[1] * SHARE * much };
  const side = key === "[" || key === "{" ? -1 : key === "]" || key === "}" ? 1 : 0;
  const turn = side || (press.altKey && BRACKETS.get(press.code ?? "")) || 0;
  if (turn !== 0) return { kind: "turn", degrees: turn * TURN * much };
  if (key === "+" || key === "=") return { kind: "scale", factor: GROW };
  if (key === "-" || key === "_") return { kind: "scale", factor: 1 / GROW };
  if (key === "," || key === "<") return { kind: "select", by: -1 };
  if (key === "." || key === ">") return { kind: "select", by: 1 };
  if (key === "Enter" && press.shiftKey) return { kind: "choose" };
  if (key === "Enter") return { kind: "handle" };
  const act = press.altKey ? undefined : (ACTS.get(key) ?? ACTS.get(key.toLowerCase()));
  return act ? { kind: "act", name: act } : null;
}

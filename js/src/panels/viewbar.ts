/*
 * What is seen, and how: a small row above the plot's right corner.
 */
import { attrs, h } from "../dom.ts";
import { listen, watch } from "../life.ts";
import type { Look, State } from "../state.ts";
import { type ButtonSpec, createButton } from "./button.ts";

export interface ViewbarProps {
  readonly state: State;
  /** Fill the screen, or no longer. */
  toggleFull(): void;
  save(kind: "png" | "svg"): void;
}

const FIT = { icon: "fit", name: "Fit view", key: "F", tip: "Show all of the data" } as const;
const LINES = {
  icon: "contours",
  name: "Density contours",
  key: "D",
  tip: "Lines of equal density",
} as const;
const FULL = { icon: "full", name: "Full screen", tip: "Fill the screen, and back" } as const;
const SAVES: readonly (readonly ["png" | "svg", ButtonSpec])[] = [
  ["png", { icon: "save", name: "Save PNG", text: "PNG", tip: "Save the plot as a PNG" }],
  ["svg", { icon: "save", name: "Save SVG", text: "SVG", tip: "Save the plot as an SVG" }],
];

const LOOKS: readonly (readonly [Look, string, string])[] = [
  ["soft", "Soft", "Colours mixed by membership"],
  ["hard", "Hard", "The colour of the strongest component"],
  ["entropy", "Entropy", "Where memberships are unsure: from grey to pink at one bit"],
];

/** What colour tells: one of three. */
function createLooks(end: AbortSignal, { look }: State): HTMLElement {
  const group = h("div", { class: "gmm-segments", role: "group", "aria-label": "Colour" });
  for (const [name, label, tip] of LOOKS) {
    const data = { type: "button", class: "gmm-segment", "data-gmm-tip": tip };
    const element = h("button", data, label);
    listen(end, element, "click", () => {
      look.value = name;
    });
    watch(end, () => attrs(element, { "aria-pressed": String(look.value === name) }));
    group.append(element);
  }
  return group;
}

/** The row; it lies in the margin above the plot. */
export function createViewbar(end: AbortSignal, props: ViewbarProps): HTMLElement {
  const { state } = props;
  const fit = createButton(end, FIT, () => {
    state.zoom.value = null;
  });
  watch(end, () => attrs(fit, { disabled: state.zoom.value === null }));
  const lines = createButton(end, LINES, () => {
    state.contours.value = !state.contours.peek();
  });
  watch(end, () => attrs(lines, { "aria-pressed": String(state.contours.value) }));
  const full = createButton(end, FULL, props.toggleFull);
  full.hidden = !document.fullscreenEnabled;
  const saves = SAVES.map(([kind, spec]) => createButton(end, spec, () => props.save(kind)));
  const parts = [createLooks(end, state), lines, fit, ...saves, full];
  return h("div", { class: "gmm-viewbar", role: "group", "aria-label": "View" }, ...parts);
}

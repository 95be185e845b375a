/*
 * What is seen, and how: a small row above the plot.
 */
import { attrs, h } from "../../base/dom.ts";
import { listen, watch } from "../../base/lifetime.ts";
import type { Look, Rings, State } from "../../state/view-state.ts";
import { type ButtonSpec, createButton } from "./button.ts";
import { createColouring } from "./colouring.ts";
import { type ColumnsProps, createColumns } from "./columns.ts";
import { boxed } from "./icons.ts";

export interface ViewbarProps extends ColumnsProps {
  readonly state: State;
  /** Fill the screen, or no longer. */
  toggleFull(): void;
  save(kind: "png" | "svg"): void;
  /** Select a box in the middle, for keys to move. */
  begin(): void;
}

const FIT = { icon: "fit", name: "Fit view", key: "F", tip: "Show all of the data" } as const;
const OVER = [
  [
    "contours",
    {
      icon: "contours",
      name: "Density contours",
      text: "Contours",
      key: "D",
      tip: "Lines of equal density, with the mass inside them",
    },
  ],
  [
    "borders",
    {
      icon: "borders",
      name: "Decision boundaries",
      text: "Boundaries",
      key: "B",
      tip: "Where the strongest component changes",
    },
  ],
  [
    "outliers",
    {
      icon: "outliers",
      name: "Outliers",
      text: "Outliers",
      key: "U",
      tip: "Points outside the model's highest-density region",
    },
  ],
  [
    "sampled",
    {
      icon: "sample",
      name: "Model sample",
      text: "Sample",
      key: "G",
      tip: "Points drawn from the model, as crosses",
    },
  ],
] as const;
const TOOLS = [
  ["box", { icon: "box", name: "Select box", key: "X", tip: "Draw a box around points" }],
  ["lasso", { icon: "lasso", name: "Select lasso", key: "L", tip: "Draw a line around points" }],
] as const;
const RINGS: readonly (readonly [Rings, string])[] = [
  ["sigma", "1, 2 σ"],
  ["mass", "50–95 %"],
];
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
    const data = { class: "gmm-segment", "data-gmm-tip": tip };
    const element = h("button", data, label);
    listen(end, element, "click", () => {
      look.value = name;
    });
    watch(end, () => attrs(element, { "aria-pressed": String(look.value === name) }));
    group.append(element);
  }
  return group;
}

/** How the pointer draws around points; with the keyboard, a box is there to be moved. */
function createTools(end: AbortSignal, { state, begin }: ViewbarProps): HTMLElement[] {
  return TOOLS.map(([name, spec]) => {
    const element = createButton(end, spec, (event) => {
      const off = state.tool.peek() === name;
      state.tool.value = off ? "move" : name;
      if (event.detail === 0 && !off) begin();
    });
    watch(end, () => attrs(element, { "aria-pressed": String(state.tool.value === name) }));
    return element;
  });
}

/** What is laid over the points: each can be on or off. */
function createOver(end: AbortSignal, state: State): HTMLElement[] {
  return OVER.map(([name, spec]) => {
    const on = state[name];
    const element = createButton(end, spec, () => {
      on.value = !on.peek();
    });
    element.classList.add("gmm-overlay-button");
    watch(end, () => attrs(element, { "aria-pressed": String(on.value) }));
    return element;
  });
}

/** Which outlines the components have. */
function createRings(end: AbortSignal, { rings }: State): HTMLElement {
  const options = RINGS.map(([value, label]) => h("option", { value }, label));
  const named = { "aria-label": "Ellipses", "data-gmm-tip": "What the ellipses enclose" };
  const select = h("select", { class: "gmm-select", ...named }, ...options);
  listen(end, select, "change", () => {
    rings.value = select.value === "mass" ? "mass" : "sigma";
  });
  watch(end, () => {
    select.value = rings.value;
  });
  return boxed(select);
}

/** The row. */
export function createViewbar(end: AbortSignal, props: ViewbarProps): HTMLElement {
  const { state } = props;
  const fit = createButton(end, FIT, () => {
    state.zoom.value = null;
  });
  watch(end, () => attrs(fit, { disabled: state.zoom.value === null }));
  const full = createButton(end, FULL, props.toggleFull);
  full.hidden = !document.fullscreenEnabled;
  const saves = SAVES.map(([kind, spec]) => createButton(end, spec, () => props.save(kind)));
  const group = (...children: HTMLElement[]) => h("div", { class: "gmm-group" }, ...children);
  const parts = [
    createColumns(end, props),
    group(...createTools(end, props)),
    group(createLooks(end, state), createColouring(end, props)),
    group(...createOver(end, state), createRings(end, state)),
    group(fit, ...saves, full),
  ];
  return h("div", { class: "gmm-viewbar", role: "group", "aria-label": "View" }, ...parts);
}

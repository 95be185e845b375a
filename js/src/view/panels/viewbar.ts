/*
 * The row above the plot: columns, selection tools, colours, overlays, zoom and
 * export.
 */
import { attrs, h } from "../../base/dom.ts";
import { listen, watch } from "../../base/lifetime.ts";
import type { Look, Rings, ViewState } from "../../state/view-state.ts";
import { type ButtonSpec, createButton } from "./button.ts";
import { createColouring } from "./colouring.ts";
import { type ColumnsProps, createColumns } from "./columns.ts";
import { boxed } from "./icons.ts";

export interface ViewbarProps extends ColumnsProps {
  readonly state: ViewState;
  /** Enter or leave full screen. */
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
      tip: "Lines where the most probable component changes",
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
  [
    "box",
    { icon: "box", name: "Select box", key: "X", needs: "kernel", tip: "Draw a box around points" },
  ],
  [
    "lasso",
    {
      icon: "lasso",
      name: "Select lasso",
      key: "L",
      needs: "kernel",
      tip: "Draw a line around points",
    },
  ],
] as const;
const RINGS: readonly (readonly [Rings, string])[] = [
  ["sigma", "1, 2 σ"],
  ["mass", "50–95 %"],
];
const FULL = { icon: "full", name: "Full screen", tip: "Enter or leave full screen" } as const;
const SAVES: readonly (readonly ["png" | "svg", ButtonSpec])[] = [
  ["png", { icon: "save", name: "Save PNG", text: "PNG", tip: "Save the plot as a PNG" }],
  ["svg", { icon: "save", name: "Save SVG", text: "SVG", tip: "Save the plot as an SVG" }],
];

const LOOKS: readonly (readonly [Look, string, string])[] = [
  ["soft", "Soft", "Colours mixed by responsibility"],
  ["hard", "Hard", "The colour of the most probable component"],
  ["entropy", "Entropy", "Entropy of the responsibilities: grey at 0 bits, pink from 1 bit"],
];

/** What colours mean: one of three buttons. */
function createLooks(end: AbortSignal, { look }: ViewState): HTMLElement {
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

/** The tools that draw around points; pressed by keyboard, one starts with a box to be moved. */
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

/** The overlays, each on or off. */
function createOver(end: AbortSignal, state: ViewState): HTMLElement[] {
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

/** At which radii the components are outlined. */
function createRings(end: AbortSignal, { rings }: ViewState): HTMLElement {
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

/*
 * The components in numbers: the accessible twin of the picture.
 */
import type { ReadonlySignal } from "@preact/signals-core";
import { attrs, h, keyed, setText } from "../dom.ts";
import { digitsFor, measured, share } from "../format.ts";
import { listen, watch } from "../life.ts";
import type { Matrix, Mixture } from "../mixture.ts";
import { colourOf, letterOf } from "../palette.ts";
import type { State } from "../state.ts";

export interface ComponentsProps {
  readonly state: State;
  /** The mixture in the plane on show. */
  readonly plane: ReadonlySignal<Mixture | null>;
  readonly ids: ReadonlySignal<readonly number[]>;
  readonly columns: ReadonlySignal<readonly [string, string]>;
}

interface Line {
  readonly root: HTMLTableRowElement;
  readonly chip: HTMLButtonElement;
  readonly weight: HTMLElement;
  readonly bar: HTMLElement;
  readonly means: readonly HTMLElement[];
  readonly spreads: readonly HTMLElement[];
  readonly correlation: HTMLElement;
}

function line(id: number): Line {
  const letter = letterOf(id);
  const chip = h(
    "button",
    { type: "button", class: "gmm-chip", "aria-label": `Select ${letter}` },
    letter,
  );
  const number = () => h("span", { class: "gmm-number" });
  const [weight, correlation] = [number(), number()];
  const means = [number(), number()];
  const spreads = [0, 1].map(() => h("span", { class: "gmm-spread" }));
  const bar = h("span", { class: "gmm-bar" });
  const track = h("span", { class: "gmm-track", "aria-hidden": "true" }, bar);
  const root = h(
    "tr",
    { class: "gmm-row" },
    h("th", { scope: "row" }, chip),
    h("td", {}, weight, track),
    ...means.map((mean, axis) => h("td", {}, mean, spreads[axis]!)),
    h("td", {}, correlation),
  );
  root.style.setProperty("--gmm-colour", colourOf(id));
  return { root, chip, weight, bar, means, spreads, correlation };
}

type Digits = readonly (number | null)[];

const spreadsOf = (c: Matrix) => [Math.sqrt(c[0]![0]!), Math.sqrt(c[1]![1]!)];

/** The digits of the two columns, the same in every line. */
function digitsOf(mixture: Mixture): Digits {
  const spreads = mixture.covariances.map(spreadsOf);
  return [0, 1].map((axis) => {
    const most = Math.max(...mixture.means.map((mean) => Math.abs(mean[axis]!)));
    return digitsFor(
      spreads.map((spread) => spread[axis]!),
      most,
    );
  });
}

function fillLine(each: Line, mixture: Mixture, index: number, digits: Digits): void {
  const c = mixture.covariances[index]!;
  const spread = spreadsOf(c);
  const weight = mixture.weights[index]!;
  setText(each.weight, share(weight, 3));
  each.bar.style.width = `${(100 * weight).toFixed(1)}%`;
  each.means.forEach((mean, axis) => {
    setText(mean, measured(mixture.means[index]![axis]!, digits[axis]!));
    setText(each.spreads[axis]!, `± ${measured(spread[axis]!, digits[axis]!)}`);
  });
  setText(each.correlation, share(c[0]![1]! / (spread[0]! * spread[1]!)));
}

/** Scroll the list, and nothing but the list, until the line is in view. */
function reveal(list: HTMLElement, line: HTMLElement): void {
  const head = list.querySelector("thead")?.offsetHeight ?? 0;
  const [top, bottom] = [line.offsetTop - head, line.offsetTop + line.offsetHeight];
  if (top < list.scrollTop) list.scrollTop = top;
  else if (bottom > list.scrollTop + list.clientHeight) list.scrollTop = bottom - list.clientHeight;
}

/** The table of the components. */
export function createComponents(end: AbortSignal, props: ComponentsProps): HTMLElement {
  const { state } = props;
  const names = [0, 1].map(() => h("th", { scope: "col" }));
  const head = (text: string) => h("th", { scope: "col" }, text);
  const body = h("tbody");
  const table = h(
    "table",
    { class: "gmm-table", "aria-label": "Components" },
    h("thead", {}, h("tr", {}, h("td"), head("weight"), ...names, head("corr"))),
    body,
  );
  const root = h("div", { class: "gmm-components" }, table);
  const held = new Map<number, Line>();
  const make = (id: number): Line => {
    const each = line(id);
    each.root.onclick = () => {
      state.selected.value = id;
    };
    each.root.onpointerenter = () => {
      state.hovered.value = id;
    };
    return each;
  };
  listen(end, body, "pointerleave", () => {
    state.hovered.value = null;
  });
  watch(end, () => {
    const mixture = props.plane.value;
    const ids = props.ids.value;
    if (!mixture || mixture.weights.length !== ids.length) return;
    const digits = digitsOf(mixture);
    keyed(held, ids, make, body).forEach((each, i) => {
      fillLine(each, mixture, i, digits);
      each.root.classList.toggle("gmm-selected", ids[i] === state.selected.value);
      each.root.classList.toggle("gmm-hovered", ids[i] === state.hovered.value);
      attrs(each.chip, { "aria-pressed": String(ids[i] === state.selected.value) });
    });
  });
  watch(end, () => {
    props.columns.value.forEach((name, axis) => {
      setText(names[axis]!, name);
      attrs(names[axis]!, { title: `${name}: mean ± standard deviation` });
    });
  });
  watch(end, () => {
    const chosen = held.get(state.selected.value ?? -1);
    if (chosen) reveal(root, chosen.root);
  });
  return root;
}

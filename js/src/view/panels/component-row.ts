/*
 * One component in numbers: a row of the table, every number of which can be
 * edited.
 */
import { attrs, HIDDEN, h } from "../../base/dom.ts";
import { digitsFor, measured, share } from "../../base/format.ts";
import { needing } from "../../base/needs.ts";
import { colourOf, letterOf } from "../../base/palette.ts";
import type { Matrix } from "../../maths/matrix.ts";
import type { Locks, Mixture } from "../../maths/mixture.ts";
import type { Structure } from "../../maths/structures.ts";
import { icon } from "./icons.ts";
import type { Field } from "./typed-number.ts";

export interface Line {
  readonly root: HTMLTableRowElement;
  readonly chip: HTMLButtonElement;
  readonly bar: HTMLElement;
  readonly numbers: Readonly<Record<Field, HTMLInputElement>>;
  readonly locks: Readonly<Record<keyof Locks, HTMLButtonElement>>;
  readonly remove: HTMLButtonElement;
}

/** What can be locked, as it is shown. */
export const LOCKS: Readonly<Record<keyof Locks, string>> = {
  mean: "mean",
  covariance: "shape",
  weight: "weight",
};

function field(name: Field, label: string): HTMLInputElement {
  return h("input", {
    class: "gmm-number",
    type: "text",
    inputmode: "decimal",
    autocomplete: "off",
    spellcheck: "false",
    "aria-label": label,
    "data-gmm-field": name,
  });
}

function numbersOf(letter: string): Line["numbers"] {
  return {
    weight: field("weight", `Weight of ${letter} in numbers`),
    mean0: field("mean0", `Mean of ${letter} in the first column`),
    mean1: field("mean1", `Mean of ${letter} in the second column`),
    sd0: field("sd0", `Standard deviation of ${letter} in the first column`),
    sd1: field("sd1", `Standard deviation of ${letter} in the second column`),
    corr: field("corr", `Correlation of ${letter}`),
  };
}

function tool(name: "centre" | "shape" | "weight" | "close", act: string, label: string) {
  const data = { "data-gmm-act": act, "data-gmm-tip": label };
  return h("button", { class: "gmm-tool", "aria-label": label, ...data }, icon(name));
}

function toolsOf(letter: string): Pick<Line, "locks" | "remove"> {
  return {
    locks: {
      mean: tool("centre", "mean", `Lock mean of ${letter}`),
      covariance: tool("shape", "covariance", `Lock shape of ${letter}`),
      weight: tool("weight", "weight", `Lock weight of ${letter}`),
    },
    remove: tool("close", "delete", `Delete ${letter}`),
  };
}

const spread = (input: HTMLInputElement) => h("span", { class: "gmm-spread" }, "±", input);

/** An empty line for the component with this identity. */
export function createLine(id: number): Line {
  const letter = letterOf(id);
  const named = { class: "gmm-chip", "aria-label": `Select ${letter}` };
  const chip = h("button", named, letter);
  const numbers = numbersOf(letter);
  const { locks, remove } = toolsOf(letter);
  const bar = h("span", { class: "gmm-bar" });
  const track = h("span", { class: "gmm-track", ...HIDDEN }, bar);
  const tools = needing("kernel", h("div", { class: "gmm-tools" }, locks.mean, locks.covariance));
  tools.append(locks.weight, remove);
  const root = h(
    "tr",
    { class: "gmm-row" },
    h("th", { scope: "row" }, chip),
    h("td", {}, numbers.weight, track),
    h("td", {}, numbers.mean0, spread(numbers.sd0)),
    h("td", {}, numbers.mean1, spread(numbers.sd1)),
    h("td", {}, numbers.corr),
    h("td", { class: "gmm-tools-cell" }, tools),
  );
  root.style.setProperty("--gmm-colour", colourOf(id));
  return { root, chip, bar, numbers, locks, remove };
}

export type Digits = readonly (number | null)[];

const spreadsOf = (c: Matrix) => [Math.sqrt(c[0]![0]!), Math.sqrt(c[1]![1]!)] as const;

/** The digits of the two columns, the same in every line. */
export function digitsOf(mixture: Mixture): Digits {
  const spreads = mixture.covariances.map(spreadsOf);
  return [0, 1].map((axis) => {
    const most = Math.max(...mixture.means.map((mean) => Math.abs(mean[axis]!)));
    return digitsFor(
      spreads.map((spread) => spread[axis]!),
      most,
    );
  });
}

/** Show a number, unless the field is being edited. */
function show(input: HTMLInputElement, text: string): void {
  if (input.dataset.gmmShown === text) return;
  input.dataset.gmmShown = text;
  if (input.value === text || input.matches(":focus")) return;
  input.value = text;
  input.style.width = `${text.length}ch`;
}

/** Write component `index` into its line. */
export function fillLine(
  { numbers, bar }: Line,
  mixture: Mixture,
  index: number,
  digits: Digits,
): void {
  const c = mixture.covariances[index]!;
  const spread = spreadsOf(c);
  const weight = mixture.weights[index]!;
  const [x, y] = mixture.means[index]!;
  show(numbers.weight, share(weight, 3));
  bar.style.width = `${(100 * weight).toFixed(1)}%`;
  show(numbers.mean0, measured(x!, digits[0]!));
  show(numbers.mean1, measured(y!, digits[1]!));
  show(numbers.sd0, measured(spread[0], digits[0]!));
  show(numbers.sd1, measured(spread[1], digits[1]!));
  show(numbers.corr, share(c[0]![1]! / (spread[0] * spread[1])));
}

/** Show what is locked and what can be edited. */
export function markLine(
  line: Line,
  locks: Locks | undefined,
  structure: Structure,
  lone: boolean,
): void {
  for (const what of Object.keys(LOCKS) as (keyof Locks)[]) {
    attrs(line.locks[what], { "aria-pressed": String(locks?.[what] ?? false) });
  }
  attrs(line.remove, { disabled: lone });
  attrs(line.numbers.weight, { readonly: lone });
  attrs(line.numbers.corr, { readonly: structure.diagonal });
}

/*
 * One component in numbers: a line of the table.
 */
import { h, setText } from "../dom.ts";
import { digitsFor, measured, share } from "../format.ts";
import type { Matrix, Mixture } from "../mixture.ts";
import { colourOf, letterOf } from "../palette.ts";

export interface Line {
  readonly root: HTMLTableRowElement;
  readonly chip: HTMLButtonElement;
  readonly weight: HTMLElement;
  readonly bar: HTMLElement;
  readonly means: readonly HTMLElement[];
  readonly spreads: readonly HTMLElement[];
  readonly correlation: HTMLElement;
}

/** An empty line for the component with this identity. */
export function createLine(id: number): Line {
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

export type Digits = readonly (number | null)[];

const spreadsOf = (c: Matrix) => [Math.sqrt(c[0]![0]!), Math.sqrt(c[1]![1]!)];

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

/** Write component `index` into its line. */
export function fillLine(each: Line, mixture: Mixture, index: number, digits: Digits): void {
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

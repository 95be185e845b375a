/*
 * How many outliers there are, and the share of the model that counts as
 * outside: a row that is shown while they are marked in the plot.
 */
import type { ReadonlySignal } from "@preact/signals-core";
import { attrs, h, setText } from "../../base/dom.ts";
import { count, percent } from "../../base/format.ts";
import { listen, watch } from "../../base/lifetime.ts";
import { SHARES, type ViewState } from "../../state/view-state.ts";

export interface OutliersProps {
  readonly state: ViewState;
  readonly outlying: ReadonlySignal<{
    readonly count: number;
    readonly total: number;
    readonly about: boolean;
    readonly marginal: boolean;
  } | null>;
}

const STEPS = 100;
const SPAN = Math.log(SHARES.most / SHARES.least);

/** How many outliers there are, of how many points, and by what measure. */
export function wordsOf(found: OutliersProps["outlying"]["value"], share: number): string {
  if (!found) return "The components have no density here: outliers are undefined";
  const { about, total, marginal } = found;
  const part = total > 0 ? found.count / total : 0;
  const many = `${about ? "about " : ""}${count(found.count)} of ${count(total)} points`;
  const where = `outside the model's inner ${percent(1 - share)}`;
  return `${many} (${percent(part)}) lie ${where}${marginal ? " in these two columns" : ""}`;
}

/** The row: a slider and a sentence. */
export function createOutliers(end: AbortSignal, { state, outlying }: OutliersProps): HTMLElement {
  const { share, outer, dragging } = state;
  const label = "Share of the model that counts as outside";
  const bounds = { type: "range", min: 0, max: STEPS, step: 1, "aria-label": label };
  const slider = h("input", { class: "gmm-slider", ...bounds, "data-gmm-tip": label });
  const words = h("span", { class: "gmm-outliers-words", "aria-live": "polite" });
  const root = h("div", { class: "gmm-outliers", role: "group", "aria-label": "Outliers" });
  root.append(slider, words);
  listen(end, slider, "input", () => {
    share.value = SHARES.least * Math.exp((SPAN * Number(slider.value)) / STEPS);
  });
  watch(end, () => {
    root.hidden = outer.value === null;
    slider.value = String((STEPS * Math.log(share.value / SHARES.least)) / SPAN);
    attrs(slider, { "aria-valuetext": percent(share.value) });
    attrs(words, { "aria-busy": dragging.value ? "true" : undefined });
    if (outer.value !== null) setText(words, wordsOf(outlying.value, share.value));
  });
  return root;
}

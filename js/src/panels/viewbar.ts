/*
 * What is seen, and how: a small row above the plot's right corner.
 */
import { attrs, h } from "../dom.ts";
import { watch } from "../life.ts";
import type { State } from "../state.ts";
import { createButton } from "./button.ts";

export interface ViewbarProps {
  readonly state: State;
}

const FIT = { icon: "fit", name: "Fit view", key: "F", tip: "Show all of the data" } as const;

/** The row; it lies in the margin above the plot. */
export function createViewbar(end: AbortSignal, { state }: ViewbarProps): HTMLElement {
  const fit = createButton(end, FIT, () => {
    state.zoom.value = null;
  });
  watch(end, () => attrs(fit, { disabled: state.zoom.value === null }));
  return h("div", { class: "gmm-viewbar", role: "group", "aria-label": "View" }, fit);
}

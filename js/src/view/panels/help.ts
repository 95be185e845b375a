/*
 * The list of keys.
 */
import { h } from "../../base/dom.ts";
import { listen, watch } from "../../base/lifetime.ts";
import type { ViewState } from "../../state/view-state.ts";
import { icon } from "./icons.ts";

/** A card over the plot with the key of each action. */
export function createHelp(
  end: AbortSignal,
  state: ViewState,
  keys: readonly (readonly [string, string])[],
): HTMLElement {
  const rows = keys.flatMap(([key, does]) => [h("dt", {}, h("kbd", {}, key)), h("dd", {}, does)]);
  const close = h("button", { class: "gmm-close", "aria-label": "Close help" }, icon("close"));
  const root = h(
    "div",
    { class: "gmm-help", role: "dialog", "aria-label": "Keys" },
    h("div", { class: "gmm-help-head" }, h("span", {}, "Keys"), close),
    h("dl", {}, ...rows),
  );
  listen(end, close, "click", () => {
    state.help.value = false;
  });
  watch(end, () => {
    root.hidden = !state.help.value;
  });
  return root;
}

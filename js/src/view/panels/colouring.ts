/*
 * Whether points are coloured by the two columns on show or by all of them,
 * where the data have more than two.
 */
import type { ReadonlySignal } from "@preact/signals-core";
import { attrs, h } from "../../base/dom.ts";
import { listen, watch } from "../../base/lifetime.ts";
import { needing } from "../../base/needs.ts";
import type { View } from "../../messages/messages.ts";
import type { ViewState } from "../../state/view-state.ts";

export interface ColouringProps {
  readonly state: ViewState;
  readonly view: ReadonlySignal<View | null>;
}

const PLANE = "Colour by responsibilities in the two columns shown";
const ALL =
  "Colour each point by its responsibilities in all columns; pale until those of an edit are computed";
const MANY = "Not available: so many points are shown as counts";

/** Two buttons, one of them pressed. */
export function createColouring(end: AbortSignal, { state, view }: ColouringProps): HTMLElement {
  const group = { class: "gmm-segments", role: "group", "aria-label": "Colour by" };
  const choice = (tip: string, name: string, more = "") => {
    const data = { class: "gmm-segment", "data-gmm-tip": tip };
    const rest = h("span", { class: "gmm-more" }, more);
    return h("button", { ...data, "aria-label": name + more }, name, rest);
  };
  const [plane, all] = [choice(PLANE, "Plane"), choice(ALL, "All", " columns")];
  const root = h("div", group, plane, all);
  const can = () => view.value?.travels !== "counts";
  for (const each of [plane, all]) {
    listen(end, each, "click", () => {
      state.whole.value = each === all && can();
    });
  }
  watch(end, () => {
    root.hidden = (view.value?.d ?? 0) <= 2;
    const on = state.whole.value && can();
    attrs(plane, { "aria-pressed": String(!on) });
    // Not `disabled`, so that the tooltip with the reason is shown.
    const off = can() ? {} : { "aria-disabled": "true", "data-gmm-tip": MANY };
    attrs(all, { "aria-disabled": false, "data-gmm-tip": ALL, "aria-pressed": String(on), ...off });
  });
  return needing("kernel", root);
}

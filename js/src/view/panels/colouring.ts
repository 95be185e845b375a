/*
 * What the points are coloured by, where the data have more columns than the
 * plane shows.
 */
import type { ReadonlySignal } from "@preact/signals-core";
import { attrs, h } from "../../base/dom.ts";
import { listen, watch } from "../../base/lifetime.ts";
import type { View } from "../../messages/messages.ts";
import type { State } from "../../state/view-state.ts";

export interface ColouringProps {
  readonly state: State;
  readonly view: ReadonlySignal<View | null>;
}

const PLANE = "Colour by memberships in the two columns on show";
const ALL =
  "Colour each point by its memberships in all columns; pale while they are those of the last rest";
const MANY = "Too many points for this: here they are counts, not single points";

/** Two choices, one of them pressed. */
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
    // Not `disabled`: its tip says why, to keys and pointers alike.
    const off = can() ? {} : { "aria-disabled": "true", "data-gmm-tip": MANY };
    attrs(all, { "aria-disabled": false, "data-gmm-tip": ALL, "aria-pressed": String(on), ...off });
  });
  return root;
}

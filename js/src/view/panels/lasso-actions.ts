/*
 * The card of a selection: how many points it holds, and buttons that make a
 * component of them. With the focus on it, arrows move or stretch the selection.
 */
import type { ReadonlySignal } from "@preact/signals-core";
import { attrs, h, setText } from "../../base/dom.ts";
import { count, percent } from "../../base/format.ts";
import { listen, watch } from "../../base/lifetime.ts";
import { letterOf } from "../../base/palette.ts";
import { moved, stretched } from "../../maths/geometry/polygon.ts";
import type { Viewport } from "../../maths/geometry/viewport.ts";
import type { ViewState } from "../../state/view-state.ts";
import { icon } from "./icons.ts";

export interface SelectionProps {
  readonly state: ViewState;
  readonly enclosed: ReadonlySignal<{
    readonly count: number;
    readonly total: number;
    readonly about: boolean;
  } | null>;
  view(): Viewport | null;
  /** Make a component of the rows inside, out of one of the components or of none. */
  carve(component: number | null): void;
}

const NUDGE = 0.01; // of the view
const ARROWS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, 1],
  ArrowDown: [0, -1],
};

function frame() {
  const words = h("span", { class: "gmm-selection-words", "aria-live": "polite" });
  const button = (label: string) => h("button", { class: "gmm-button", "aria-label": label });
  const fresh = button("New component from selection");
  fresh.append("New component");
  const split = button("Split by selection");
  const close = h("button", {
    class: "gmm-close",
    "aria-label": "Clear selection",
  });
  close.append(icon("close"));
  const label = "Selection: arrows move it, with Shift they stretch it";
  const root = h("div", {
    class: "gmm-selection",
    "data-gmm-own-keys": true,
    role: "group",
    "aria-label": label,
    tabindex: 0,
  });
  root.append(words, fresh, split, close);
  return { root, words, fresh, split, close };
}

/** Move or stretch the selection by keys. */
function followKeys(end: AbortSignal, root: HTMLElement, { state, view }: SelectionProps): void {
  listen<KeyboardEvent>(end, root, "keydown", (event) => {
    const [arrow, port, polygon] = [ARROWS[event.key], view(), state.selection.peek()];
    if (!arrow || !port || !polygon || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    event.stopPropagation();
    const [x0, x1, y0, y1] = port.extent;
    const pace = event.altKey ? 0.2 : 2;
    state.selection.value = event.shiftKey
      ? stretched(polygon, 1 + 5 * NUDGE * pace * arrow[0], 1 + 5 * NUDGE * pace * arrow[1])
      : moved(polygon, NUDGE * pace * arrow[0] * (x1 - x0), NUDGE * pace * arrow[1] * (y1 - y0));
  });
}

/** The card; hidden while nothing is selected. */
export function createSelection(end: AbortSignal, props: SelectionProps): HTMLElement {
  const { state, enclosed, carve } = props;
  const { root, words, fresh, split, close } = frame();
  listen(end, fresh, "click", () => carve(null));
  listen(end, split, "click", () => carve(state.selected.peek()));
  listen(end, close, "click", () => {
    state.selection.value = null;
  });
  followKeys(end, root, props);
  watch(end, () => {
    const [found, selected] = [enclosed.value, state.selected.value];
    root.hidden = !found;
    root.classList.toggle("gmm-drawing", state.dragging.value);
    attrs(words, { "aria-busy": state.dragging.value ? "true" : undefined });
    if (!found) return;
    const part = percent(found.total > 0 ? found.count / found.total : 0);
    const about = found.about ? "about " : "";
    setText(
      words,
      `${about}${count(found.count)} ${found.count === 1 ? "point" : "points"} (${part})`,
    );
    const letter = selected === null ? "" : letterOf(selected);
    attrs(split, { "aria-label": `Split ${letter} by selection`, disabled: selected === null });
    setText(split, `Split ${letter}`);
  });
  return root;
}

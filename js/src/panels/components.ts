/*
 * The components in numbers: the accessible twin of the picture.
 */
import type { ReadonlySignal } from "@preact/signals-core";
import { attrs, h, keyed, setText } from "../dom.ts";
import { listen, watch } from "../life.ts";
import type { Mixture } from "../mixture.ts";
import type { State } from "../state.ts";
import { createLine, digitsOf, fillLine, type Line } from "./line.ts";

export interface ComponentsProps {
  readonly state: State;
  /** The mixture in the plane on show. */
  readonly plane: ReadonlySignal<Mixture | null>;
  readonly ids: ReadonlySignal<readonly number[]>;
  readonly columns: ReadonlySignal<readonly [string, string]>;
}

/** Scroll the list, and nothing but the list, until the line is in view. */
function reveal(list: HTMLElement, line: HTMLElement): void {
  const head = list.querySelector("thead")?.offsetHeight ?? 0;
  const [top, bottom] = [line.offsetTop - head, line.offsetTop + line.offsetHeight];
  if (top < list.scrollTop) list.scrollTop = top;
  else if (bottom > list.scrollTop + list.clientHeight) list.scrollTop = bottom - list.clientHeight;
}

/** The table without its lines, and the heads of the two columns on show. */
function frame() {
  const names = [0, 1].map(() => h("th", { scope: "col" }));
  const head = (text: string) => h("th", { scope: "col" }, text);
  const body = h("tbody");
  const row = h("tr", {}, h("td"), head("weight"), ...names, head("corr"));
  const table = h(
    "table",
    { class: "gmm-table", "aria-label": "Components" },
    h("thead", {}, row),
    body,
  );
  return { root: h("div", { class: "gmm-components" }, table), body, names };
}

/** Fill the lines, and mark the selected one and the one under the pointer. */
function fill(held: Map<number, Line>, body: Element, props: ComponentsProps): void {
  const mixture = props.plane.value;
  const ids = props.ids.value;
  const { selected, hovered } = props.state;
  if (!mixture || mixture.weights.length !== ids.length) return;
  const digits = digitsOf(mixture);
  keyed(held, ids, createLine, body).forEach((each, i) => {
    fillLine(each, mixture, i, digits);
    each.root.dataset.gmmId = String(ids[i]);
    each.root.classList.toggle("gmm-selected", ids[i] === selected.value);
    each.root.classList.toggle("gmm-hovered", ids[i] === hovered.value);
    attrs(each.chip, { "aria-pressed": String(ids[i] === selected.value) });
  });
}

/** The identity of the line that an event is on. */
function lineAt(event: Event): number | null {
  const id = (event.target as Element).closest<HTMLElement>("[data-gmm-id]")?.dataset.gmmId;
  return id === undefined ? null : Number(id);
}

/** The table of the components. */
export function createComponents(end: AbortSignal, props: ComponentsProps): HTMLElement {
  const { selected, hovered } = props.state;
  const { root, body, names } = frame();
  const held = new Map<number, Line>();
  listen(end, body, "click", (event) => {
    selected.value = lineAt(event) ?? selected.peek();
  });
  listen(end, body, "pointerover", (event) => {
    hovered.value = lineAt(event);
  });
  listen(end, body, "pointerleave", () => {
    hovered.value = null;
  });
  watch(end, () => fill(held, body, props));
  watch(end, () => {
    props.columns.value.forEach((name, axis) => {
      setText(names[axis]!, name);
      attrs(names[axis]!, { title: `${name}: mean ± standard deviation` });
    });
  });
  watch(end, () => {
    const chosen = held.get(selected.value ?? -1);
    if (chosen) reveal(root, chosen.root);
  });
  return root;
}

/*
 * The components in numbers, which makes the plot accessible without sight.
 */
import type { ReadonlySignal } from "@preact/signals-core";
import { attrs, h, inOrder, keyed, setText } from "../../base/dom.ts";
import { listen, observeSize, watch, watchPaced } from "../../base/lifetime.ts";
import { needing } from "../../base/needs.ts";
import { letterOf } from "../../base/palette.ts";
import type { Locks, Mixture, Patch } from "../../maths/mixture.ts";
import type { Structure } from "../../maths/structures.ts";
import type { Fit } from "../../messages/messages.ts";
import type { Send } from "../../messages/send.ts";
import type { ViewState } from "../../state/view-state.ts";
import { createLine, digitsOf, fillLine, type Line, markLine } from "./component-row.ts";
import { createRoving } from "./roving-focus.ts";
import { type Field, numberOf, patchOf } from "./typed-number.ts";

export interface ComponentsProps {
  readonly state: ViewState;
  /** The mixture in the plane on show. */
  readonly plane: ReadonlySignal<Mixture | null>;
  readonly fit: ReadonlySignal<Fit | null>;
  readonly structure: ReadonlySignal<Structure>;
  readonly ids: ReadonlySignal<readonly number[]>;
  readonly columns: ReadonlySignal<readonly [string, string]>;
  /** Apply an edit of a component. */
  edit(id: number, patch: Patch): void;
  readonly command: Send;
  /** Show why a typed value was refused. */
  refuse(text: string): void;
}

const FADE = 30; // px at the foot of the list that fade while more lines follow, as in the style

/** Scroll the list, and nothing but the list, until the line is in view. */
function reveal(list: HTMLElement, line: HTMLElement): void {
  const head = list.querySelector("thead")?.offsetHeight ?? 0;
  const foot = line.nextElementSibling ? FADE : 0;
  const [top, bottom] = [line.offsetTop - head, line.offsetTop + line.offsetHeight + foot];
  if (top < list.scrollTop) list.scrollTop = top;
  else if (bottom > list.scrollTop + list.clientHeight) list.scrollTop = bottom - list.clientHeight;
}

/** The table without its lines, and the heads of the two columns on show. */
function frame() {
  const names = [0, 1].map(() => h("th", { scope: "col" }));
  const head = (text: string) => h("th", { scope: "col" }, text);
  const body = h("tbody");
  const row = h("tr", {}, h("td"), head("weight"), ...names, head("corr"));
  row.append(needing("kernel", head("lock")));
  const table = h(
    "table",
    { class: "gmm-table", "aria-label": "Components" },
    h("thead", {}, row),
    body,
  );
  return { root: h("div", { class: "gmm-components" }, table), body, names };
}

/** Say how many lines follow below those on show. */
function showMore(list: HTMLElement, body: HTMLElement): void {
  const end = list.scrollTop + list.clientHeight;
  const below = [...body.children].filter((line) => {
    const { offsetTop, offsetHeight } = line as HTMLElement;
    return offsetTop + offsetHeight / 2 > end;
  });
  attrs(list, { "data-gmm-more": below.length > 0 && `${below.length} more ↓` });
}

/** Fill the lines, and mark the selected ones and the one under the pointer. */
function fill(held: Map<number, Line>, body: Element, props: ComponentsProps): void {
  const mixture = props.plane.value;
  const [ids, fit, structure] = [props.ids.value, props.fit.value, props.structure.value];
  const { selected, also, hovered } = props.state;
  if (!mixture || mixture.weights.length !== ids.length) return;
  const digits = digitsOf(mixture);
  const lines = keyed(held, ids, createLine, body);
  inOrder(body, lines);
  lines.forEach((each, i) => {
    const id = ids[i]!;
    const chosen = id === selected.value || also.value.includes(id);
    fillLine(each, mixture, i, digits);
    markLine(each, fit?.locks[i], structure, ids.length < 2);
    each.root.dataset.gmmId = String(id);
    each.root.classList.toggle("gmm-selected", chosen);
    each.root.classList.toggle("gmm-hovered", id === hovered.value);
    attrs(each.chip, { "aria-pressed": String(chosen) });
  });
}

/** The identity of the line that an event is on. */
function lineAt(event: Event): number | null {
  const id = (event.target as Element).closest<HTMLElement>("[data-gmm-id]")?.dataset.gmmId;
  return id === undefined ? null : Number(id);
}

/** Select by a click: one, or with Shift, Ctrl or Cmd one more. */
function choose({ selected, also }: ViewState, id: number, more: boolean): void {
  const others = also.peek();
  if (more && id !== selected.peek()) {
    also.value = others.includes(id) ? others.filter((each) => each !== id) : [...others, id];
  } else {
    if (!more) also.value = [];
    selected.value = id;
  }
}

/** Apply what was typed into a field, or show why it is refused; then reset the field. */
function apply(props: ComponentsProps, id: number, input: HTMLInputElement): void {
  const at = props.ids.peek().indexOf(id);
  const mixture = props.plane.peek();
  const shown = input.dataset.gmmShown ?? "";
  if (!mixture || at < 0 || input.value === shown) return;
  const placed = {
    weight: mixture.weights[at]!,
    mean: mixture.means[at]!,
    covariance: mixture.covariances[at]!,
  };
  const field = input.dataset.gmmField as Field;
  const patch = patchOf(field, numberOf(input.value), placed, props.structure.peek());
  if (typeof patch !== "string") props.edit(id, patch);
  else {
    const what = (input.getAttribute("aria-label") ?? letterOf(id)).replace(" in numbers", "");
    props.refuse(`${what} ${patch}: "${input.value}" was refused`);
  }
  input.value = input.dataset.gmmShown ?? "";
}

/** The buttons of a line. */
function press(props: ComponentsProps, component: number, button: HTMLElement): void {
  const what = button.dataset.gmmAct;
  if (what === "delete") props.command("delete", { component });
  else if (what) {
    const on = button.getAttribute("aria-pressed") !== "true";
    props.command("lock", { component, what: what as keyof Locks, on });
  }
}

const fieldAt = (event: Event) =>
  event.target instanceof HTMLInputElement && event.target.dataset.gmmField ? event.target : null;

/** Typing in the fields: Enter and leaving apply it, Escape does not. */
function followTyping(end: AbortSignal, body: HTMLElement, props: ComponentsProps): void {
  listen(end, body, "change", (event) => {
    const [input, id] = [fieldAt(event), lineAt(event)];
    if (input && id !== null) apply(props, id, input);
  });
  listen<KeyboardEvent>(end, body, "keydown", (event) => {
    const input = fieldAt(event);
    if (!input || (event.key !== "Enter" && event.key !== "Escape")) return;
    if (event.key === "Escape") input.value = input.dataset.gmmShown ?? "";
    const id = lineAt(event);
    if (event.key === "Enter" && id !== null) apply(props, id, input);
    input.select();
  });
  listen(end, body, "focusin", (event) => {
    fieldAt(event)?.select();
    const id = lineAt(event);
    if (id !== null && fieldAt(event)) choose(props.state, id, false);
  });
  listen(end, body, "focusout", (event) => {
    const input = fieldAt(event);
    if (input) input.value = input.dataset.gmmShown ?? input.value;
  });
}

function followPointer(end: AbortSignal, body: HTMLElement, props: ComponentsProps): void {
  const { hovered } = props.state;
  listen<MouseEvent>(end, body, "click", (event) => {
    const id = lineAt(event);
    if (id === null || fieldAt(event)) return;
    const button = (event.target as Element).closest<HTMLElement>("[data-gmm-act]");
    if (button) press(props, id, button);
    else choose(props.state, id, event.shiftKey || event.ctrlKey || event.metaKey);
  });
  listen(end, body, "pointerover", (event) => {
    hovered.value = lineAt(event);
  });
  listen(end, body, "pointerleave", () => {
    hovered.value = null;
  });
}

/** The table of the components. */
export function createComponents(end: AbortSignal, props: ComponentsProps): HTMLElement {
  const { selected } = props.state;
  const { root, body, names } = frame();
  const held = new Map<number, Line>();
  followPointer(end, body, props);
  followTyping(end, body, props);
  watchPaced(end, props.state.dragging, () => fill(held, body, props));
  watch(end, () => {
    props.columns.value.forEach((name, axis) => {
      setText(names[axis]!, name);
      attrs(names[axis]!, { title: `${name}: mean ± standard deviation` });
    });
  });
  const more = () => showMore(root, body);
  listen(end, root, "scroll", more, { passive: true });
  for (const each of [root, body]) observeSize(end, each, more);
  const settle = createRoving(end, body);
  watch(end, () => {
    const chosen = props.ids.value.length > 0 && held.get(selected.value ?? -1);
    if (chosen) reveal(root, chosen.root);
    settle(chosen ? chosen.root : null);
  });
  return root;
}

/*
 * The fields of the toolbar: number of components, structure, speed of runs.
 */
import { computed, type ReadonlySignal } from "@preact/signals-core";
import { attrs, HIDDEN, h, setText } from "../../base/dom.ts";
import { listen, watch } from "../../base/lifetime.ts";
import { needing } from "../../base/needs.ts";
import type { Structure } from "../../maths/structures.ts";
import { MAX_COMPONENTS } from "../../messages/commands.ts";
import type { Fit, View } from "../../messages/messages.ts";
import type { Notice } from "../../messages/notices.ts";
import type { Send } from "../../messages/send.ts";
import { boxed } from "./icons.ts";

export interface FieldsProps {
  readonly fit: ReadonlySignal<Fit | null>;
  readonly structure: ReadonlySignal<Structure>;
  readonly view: ReadonlySignal<View | null>;
  /** A refusal resets the fields. */
  readonly problem: ReadonlySignal<Notice | null>;
  readonly command: Send;
}

/** A label that is also the tip. */
const called = (name: string) => ({ "aria-label": name, "data-gmm-tip": name });

/** The number of components. */
export function createCount(end: AbortSignal, props: FieldsProps): HTMLElement {
  const bounds = { type: "number", min: 1, max: MAX_COMPONENTS, step: 1 };
  const input = h("input", { class: "gmm-input", ...bounds, ...called("Number of components") });
  const held = computed(() => props.fit.value?.ids.length ?? null);
  const restore = () => {
    input.value = String(held.peek() ?? "");
  };
  listen(end, input, "change", () => {
    const n = Math.round(Number(input.value));
    if (n >= 1 && n <= MAX_COMPONENTS && n !== held.peek())
      props.command("set_n_components", { n });
    else restore();
  });
  listen(end, input, "blur", restore);
  watch(end, () => {
    void props.problem.value;
    attrs(input, { disabled: held.value === null });
    restore();
  });
  const name = h("span", { class: "gmm-field-name", ...HIDDEN }, "K");
  return h("span", { class: "gmm-field" }, name, input);
}

/** The covariance structure. */
export function createStructure(end: AbortSignal, props: FieldsProps): HTMLElement {
  const select = h("select", { class: "gmm-select", ...called("Covariance structure") });
  const known = computed(() => JSON.stringify(props.view.value?.structures ?? []));
  listen(end, select, "change", () => {
    props.command("set_covariance_type", { name: select.value });
  });
  watch(end, () => {
    const structures = JSON.parse(known.value) as Structure[];
    const options = structures
      .map(({ name, label }) => h("option", { value: name }, label))
      .reverse();
    select.replaceChildren(...options);
  });
  watch(end, () => {
    void props.problem.value;
    void known.value;
    attrs(select, { disabled: !props.fit.value });
    select.value = props.structure.value.name;
  });
  return boxed(select);
}

const SPEEDS = [
  ["full", "Full speed"],
  ["12", "12 steps / s"],
  ["4", "4 steps / s"],
  ["1", "1 step / s"],
] as const;

/** How fast a run goes; a speed that Python chose has an entry of its own. */
export function createSpeed(end: AbortSignal, { fit, command }: FieldsProps): HTMLElement {
  const other = h("option", { hidden: true });
  const options = SPEEDS.map(([value, label]) => h("option", { value }, label));
  const select = h("select", { class: "gmm-select", ...called("Speed") }, ...options, other);
  listen(end, select, "change", () => {
    command("set_speed", { steps: select.value === "full" ? null : Number(select.value) });
  });
  watch(end, () => {
    const speed = String(fit.value?.speed ?? "full");
    if (!SPEEDS.some(([value]) => value === speed)) {
      attrs(other, { value: speed });
      setText(other, `${speed} steps / s`);
    }
    attrs(select, { disabled: !fit.value });
    select.value = speed;
  });
  return needing("kernel", boxed(select));
}

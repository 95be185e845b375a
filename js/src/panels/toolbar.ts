/*
 * The toolbar: every act by name, with its key.
 */
import type { ReadonlySignal } from "@preact/signals-core";
import { attrs, h, setText } from "../dom.ts";
import { listen, watch } from "../life.ts";
import type { State } from "../state.ts";
import { STRUCTURES, type Structure } from "../structure.ts";
import type { Fit } from "../wire.ts";
import { type IconName, icon } from "./icons.ts";

export interface ToolbarProps {
  readonly state: State;
  readonly fit: ReadonlySignal<Fit | null>;
  readonly running: ReadonlySignal<boolean>;
  readonly structure: ReadonlySignal<Structure>;
  command(name: string, args?: Record<string, unknown>): void;
  add(): void;
  remove(): void;
}

interface ButtonSpec {
  readonly icon: IconName;
  readonly name: string;
  readonly text?: string;
  /** What follows the text where there is room. */
  readonly more?: string;
  readonly key?: string;
  readonly tip: string;
  readonly strong?: boolean;
}

const MOST = 200; // components; the kernel's own limit

function button(spec: ButtonSpec): HTMLButtonElement {
  const element = h(
    "button",
    {
      type: "button",
      class: spec.strong ? "gmm-button gmm-strong" : "gmm-button",
      "aria-label": spec.name,
      "data-gmm-tip": spec.tip,
      "data-gmm-key": spec.key,
    },
    icon(spec.icon),
  );
  if (spec.text) {
    const more = h("span", { class: "gmm-more" }, spec.more ?? "");
    const words = { class: "gmm-button-text", "aria-hidden": "true" };
    element.append(h("span", words, spec.text, more));
  }
  return element;
}

function group(label: string, ...children: HTMLElement[]): HTMLElement {
  return h("div", { class: "gmm-group", role: "group", "aria-label": label }, ...children);
}

/** The row of controls above the plot. */
export function createToolbar(end: AbortSignal, props: ToolbarProps): HTMLElement {
  const on = (spec: ButtonSpec, act: () => void) => {
    const element = button(spec);
    listen(end, element, "click", act);
    return element;
  };
  const { command } = props;
  const e = on(
    {
      icon: "e",
      name: "E step",
      text: "E",
      more: " step",
      tip: "E step: work out each point's memberships",
    },
    () => command("e_step"),
  );
  const m = on(
    {
      icon: "m",
      name: "M step",
      text: "M",
      more: " step",
      tip: "M step: refit each component to its points",
    },
    () => command("m_step"),
  );
  const em = on(
    {
      icon: "em",
      name: "EM step",
      text: "EM",
      more: " step",
      key: "E",
      tip: "EM step: memberships, then components",
    },
    () => command("em_step"),
  );
  const run = runButton(end, props);
  const undo = on({ icon: "undo", name: "Undo", key: "Ctrl Z", tip: "Undo" }, () =>
    command("undo"),
  );
  const redo = on({ icon: "redo", name: "Redo", key: "Ctrl Shift Z", tip: "Redo" }, () =>
    command("redo"),
  );
  const add = on(
    { icon: "add", name: "Add component", key: "N", tip: "Add a component" },
    props.add,
  );
  const remove = on(
    { icon: "remove", name: "Delete component", key: "Del", tip: "Delete the selected component" },
    props.remove,
  );
  const help = on({ icon: "help", name: "Keyboard help", key: "?", tip: "Keys" }, () => {
    props.state.help.value = !props.state.help.peek();
  });
  watch(end, () => {
    const fit = props.fit.value;
    for (const each of [e, m, em, run, add]) attrs(each, { disabled: !fit });
    attrs(undo, { disabled: !fit?.canUndo });
    attrs(redo, { disabled: !fit?.canRedo });
    const selected = props.state.selected.value;
    attrs(remove, { disabled: !fit || selected === null || fit.ids.length < 2 });
    m.classList.toggle("gmm-next", fit?.phase === "e");
    e.classList.toggle("gmm-next", fit?.phase === "m");
    attrs(help, { "aria-expanded": String(props.state.help.value) });
  });
  return h(
    "div",
    { class: "gmm-toolbar", role: "toolbar", "aria-label": "Mixture" },
    group("Fit", e, m, em, run),
    group("History", undo, redo),
    group("Components", add, remove),
    group("Model", ...model(end, props)),
    h("div", { class: "gmm-spacer" }),
    help,
  );
}

function runButton(end: AbortSignal, { running, command }: ToolbarProps): HTMLButtonElement {
  const text = h("span", { class: "gmm-button-text", "aria-hidden": "true" });
  const element = h("button", { type: "button", class: "gmm-button gmm-strong gmm-run" });
  listen(end, element, "click", () => command(running.peek() ? "stop" : "run"));
  watch(end, () => {
    const name = running.value ? "Stop" : "Run";
    setText(text, name);
    attrs(element, {
      "aria-label": name,
      "data-gmm-tip": running.value ? "Stop here" : "Run EM until it converges",
      "data-gmm-key": "Space",
    });
    element.replaceChildren(icon(running.value ? "stop" : "run"), text);
  });
  return element;
}

function model(end: AbortSignal, props: ToolbarProps): HTMLElement[] {
  const components = h("input", {
    class: "gmm-input",
    type: "number",
    min: 1,
    max: MOST,
    step: 1,
    "aria-label": "Number of components",
    "data-gmm-tip": "Number of components",
  });
  listen(end, components, "change", () => {
    const n = Math.round(Number(components.value));
    const held = props.fit.peek()?.ids.length ?? 1;
    if (n >= 1 && n <= MOST && n !== held) props.command("set_n_components", { n });
    else components.value = String(held);
  });
  const select = h(
    "select",
    {
      class: "gmm-select",
      "aria-label": "Covariance structure",
      "data-gmm-tip": "Covariance structure",
    },
    ...Object.values(STRUCTURES).map(({ name, label }) => h("option", { value: name }, label)),
  );
  listen(end, select, "change", () => {
    props.command("set_covariance_type", { name: select.value });
  });
  watch(end, () => {
    const fit = props.fit.value;
    attrs(components, { disabled: !fit });
    attrs(select, { disabled: !fit });
    if (fit) components.value = String(fit.ids.length);
    select.value = props.structure.value.name;
  });
  const k = h("span", { class: "gmm-field-name", "aria-hidden": "true" }, "K");
  const box = h("span", { class: "gmm-select-box" }, select, icon("chevron"));
  return [h("span", { class: "gmm-field" }, k, components), box];
}

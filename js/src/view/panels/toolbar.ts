/*
 * The toolbar: a button for every action, with its key.
 */
import type { ReadonlySignal } from "@preact/signals-core";
import { attrs, h } from "../../base/dom.ts";
import { watch } from "../../base/lifetime.ts";
import { needing } from "../../base/needs.ts";
import type { ViewState } from "../../state/view-state.ts";
import { BUTTONS, type ButtonSpec, createButton, dress } from "./button.ts";
import { createCount, createSpeed, createStructure, type FieldsProps } from "./toolbar-fields.ts";

export interface ToolbarProps extends FieldsProps {
  readonly state: ViewState;
  readonly running: ReadonlySignal<boolean>;
  add(): void;
  remove(): void;
  split(): void;
  merge(): void;
}

/** What the toolbar has to know of a panel. */
export interface OpenedPanel {
  readonly name: string;
  readonly button?: ButtonSpec;
}

function group(label: string, ...children: HTMLElement[]): HTMLElement {
  return h("div", { class: "gmm-group", role: "group", "aria-label": label }, ...children);
}

/** One button that runs or stops, named by what it does. */
function createRun(end: AbortSignal, { running, command }: ToolbarProps): HTMLButtonElement {
  const element = createButton(end, BUTTONS.run, () => command(running.peek() ? "stop" : "run"));
  element.classList.add("gmm-strong", "gmm-run");
  watch(end, () => dress(element, running.value ? BUTTONS.stop : BUTTONS.run));
  return element;
}

function createButtons(end: AbortSignal, props: ToolbarProps) {
  const { command, state } = props;
  const button = (name: keyof typeof BUTTONS, act: () => void) =>
    createButton(end, BUTTONS[name], act);
  return {
    e: button("e", () => command("e_step")),
    m: button("m", () => command("m_step")),
    em: button("em", () => command("step")),
    run: createRun(end, props),
    undo: button("undo", () => command("undo")),
    redo: button("redo", () => command("redo")),
    add: button("add", props.add),
    remove: button("remove", props.remove),
    split: button("split", props.split),
    merge: button("merge", props.merge),
    help: button("help", () => {
      state.help.value = !state.help.peek();
    }),
  };
}

/** Enable what can be done now, and mark the half of a step that is due. */
function follow(
  end: AbortSignal,
  { e, m, em, run, undo, redo, add, remove, split, merge, help }: ReturnType<typeof createButtons>,
  { fit, state }: ToolbarProps,
): void {
  watch(end, () => {
    const now = fit.value;
    const lone = state.selected.value === null || (now?.ids.length ?? 0) < 2;
    for (const each of [e, m, em, run, add]) attrs(each, { disabled: !now });
    attrs(undo, { disabled: !now?.canUndo });
    attrs(redo, { disabled: !now?.canRedo });
    attrs(remove, { disabled: lone });
    attrs(split, { disabled: !now || state.selected.value === null });
    attrs(merge, { disabled: lone || state.also.value.length === 0 });
    m.classList.toggle("gmm-next", now?.phase === "e");
    e.classList.toggle("gmm-next", now?.phase === "m");
  });
  watch(end, () => attrs(help, { "aria-expanded": String(state.help.value) }));
}

/** A button that opens and closes a panel. */
function createOpener(
  end: AbortSignal,
  { name, button }: OpenedPanel,
  { open }: ViewState,
): HTMLButtonElement[] {
  if (!button) return [];
  const element = createButton(end, button, () => {
    const others = open.peek().filter((each) => each !== name);
    open.value = others.length < open.peek().length ? others : [...others, name];
  });
  element.classList.add("gmm-opener");
  watch(end, () => attrs(element, { "aria-expanded": String(open.value.includes(name)) }));
  return [element];
}

/** The row of controls above the plot. */
export function createToolbar(
  end: AbortSignal,
  props: ToolbarProps,
  panels: readonly OpenedPanel[],
): HTMLElement {
  const buttons = createButtons(end, props);
  const { e, m, em, run, undo, redo, add, remove, split, merge, help } = buttons;
  follow(end, buttons, props);
  const openers = panels.flatMap((panel) => createOpener(end, panel, props.state));
  const fields = [createCount(end, props), createStructure(end, props)];
  const model = group("Model", ...fields, ...openers);
  return h(
    "div",
    { class: "gmm-toolbar", role: "toolbar", "aria-label": "Mixture" },
    group("Fit", e, m, em, run, createSpeed(end, props)),
    group("History", undo, redo),
    needing("kernel", group("Components", add, remove, split, merge)),
    h("div", { class: "gmm-group gmm-rest" }, needing("kernel", model), help),
  );
}

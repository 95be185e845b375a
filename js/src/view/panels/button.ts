/*
 * Buttons with icon, text, accessible name, tooltip and key, and the list of
 * those of the toolbar.
 */
import { HIDDEN, h } from "../../base/dom.ts";
import { chord } from "../../base/keycap.ts";
import { listen } from "../../base/lifetime.ts";
import { type Needs, needing } from "../../base/needs.ts";
import { type IconName, icon } from "./icons.ts";

export interface ButtonSpec {
  readonly icon: IconName;
  /** The accessible name. */
  readonly name: string;
  readonly tip: string;
  readonly key?: string;
  readonly text?: string;
  /** What follows the text where there is room. */
  readonly more?: string;
  readonly needs?: Needs;
}

export const BUTTONS = {
  e: {
    icon: "e",
    name: "E step",
    text: "E",
    more: " step",
    needs: "kernel",
    tip: "E step: compute the responsibilities of each point",
  },
  m: {
    icon: "m",
    name: "M step",
    text: "M",
    more: " step",
    needs: "kernel",
    tip: "M step: refit each component by its responsibilities",
  },
  em: {
    icon: "em",
    name: "EM step",
    text: "EM",
    more: " step",
    key: "E",
    needs: "all-data",
    tip: "EM step: an E step, then an M step",
  },
  run: {
    icon: "run",
    name: "Run",
    text: "Run",
    key: "Space",
    needs: "all-data",
    tip: "Run EM until it converges",
  },
  stop: {
    icon: "stop",
    name: "Stop",
    text: "Stop",
    key: "Space",
    needs: "all-data",
    tip: "Stop after this step",
  },
  undo: { icon: "undo", name: "Undo", key: chord("Z"), tip: "Undo" },
  redo: { icon: "redo", name: "Redo", key: chord("Z", true), tip: "Redo" },
  add: { icon: "add", name: "Add component", key: "N", tip: "Add a component" },
  remove: {
    icon: "remove",
    name: "Delete component",
    key: "Del",
    tip: "Delete the selected component",
  },
  split: {
    icon: "split",
    name: "Split component",
    key: "S",
    tip: "Split the selected component along its longer axis",
  },
  merge: {
    icon: "merge",
    name: "Merge components",
    key: "M",
    tip: "Merge the selected components (select a second one with Shift)",
  },
  help: { icon: "help", name: "Keyboard help", key: "?", tip: "List of keys" },
} as const satisfies Record<string, ButtonSpec>;

/** Give a button its name, tip, icon and text; nothing if it has them already. */
export function dress(element: HTMLButtonElement, spec: ButtonSpec): void {
  if (element.getAttribute("aria-label") === spec.name) return;
  element.setAttribute("aria-label", spec.name);
  element.dataset.gmmTip = spec.tip;
  if (spec.key) element.dataset.gmmKey = spec.key;
  if (spec.needs) needing(spec.needs, element);
  element.replaceChildren(icon(spec.icon));
  if (!spec.text) return;
  const more = h("span", { class: "gmm-more" }, spec.more ?? "");
  const words = { class: "gmm-button-text", ...HIDDEN };
  element.append(h("span", words, spec.text, more));
}

/** A button that does `act`. */
export function createButton(
  end: AbortSignal,
  spec: ButtonSpec,
  act: (event: MouseEvent) => void,
): HTMLButtonElement {
  const element = h("button", { class: "gmm-button" });
  dress(element, spec);
  listen<MouseEvent>(end, element, "click", act);
  return element;
}

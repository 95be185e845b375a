/*
 * How to fit: softness, from EM to k-means; regularisation; and the prior of
 * the weights in variational inference.
 */
import type { ReadonlySignal } from "@preact/signals-core";
import { attrs, HIDDEN, h, setText } from "../../base/dom.ts";
import { withMinus } from "../../base/format.ts";
import { listen, timer, watch } from "../../base/lifetime.ts";
import { letterOf } from "../../base/palette.ts";
import { REGULARISATION } from "../../messages/commands.ts";
import type { Fit } from "../../messages/messages.ts";
import type { Send } from "../../messages/send.ts";
import type { ViewState } from "../../state/view-state.ts";
import { boxed } from "./icons.ts";

export interface TuningProps {
  readonly fit: ReadonlySignal<Fit | null>;
  readonly state: ViewState;
  readonly command: Send;
}

const STEPS = 50;
const HELD = 600; // ms after a key press in which older values from the kernel do not move a slider
const PAUSE = 40; // ms between two messages of a moving slider
const WIDTHS = [0, REGULARISATION, 1e-6, 1e-4, 1e-3, 1e-2, 1e-1];

/** What a softness does, in words. */
export function softWords(softness: number): string {
  if (softness === 1) return "EM: components share each point by probability";
  if (softness === 0) return "k-means: each point belongs to the nearest centre";
  return `between k-means and EM, ${softness.toFixed(2)}`;
}

/** A slider that sends its latest value while it moves, and the last one. */
export function createSlider(
  end: AbortSignal,
  name: string,
  send: (value: number) => void,
): HTMLInputElement {
  const bounds = { type: "range", min: 0, max: STEPS, step: 1, "aria-label": name };
  const slider = h("input", { class: "gmm-tune", ...bounds });
  let wanted = 0;
  const soon = timer(end, PAUSE, () => send(wanted));
  const held = timer(end, HELD, () => attrs(slider, { "data-gmm-held": undefined }));
  listen(end, slider, "input", () => {
    wanted = Number(slider.value) / STEPS;
    attrs(slider, { "data-gmm-held": true });
    held.start();
    if (!soon.pending()) soon.start();
  });
  return slider;
}

/** Put a slider where its value is, unless it is being dragged or was just moved by keys. */
export function place(slider: HTMLInputElement, at: number, words: string): void {
  if (!slider.matches(":active,[data-gmm-held]")) slider.value = String(Math.round(STEPS * at));
  attrs(slider, { "aria-valuetext": words });
}

function createSoftness(end: AbortSignal, { fit, state, command }: TuningProps): HTMLElement {
  const slider = createSlider(end, "Softness", (softness) => {
    if (softness < 1 && fit.peek()?.softness === 1) state.borders.value = true;
    command("tune", { softness });
  });
  const words = h("span", { class: "gmm-caption gmm-tune-words" });
  watch(end, () => {
    const softness = fit.value?.softness ?? 1;
    attrs(slider, { disabled: !fit.value });
    place(slider, softness, softWords(softness));
    setText(words, softWords(softness));
  });
  const ends = [h("span", { class: "gmm-caption" }, "k-means"), slider];
  const group = { class: "gmm-group", role: "group", "aria-label": "Soft and hard" };
  return h("div", group, ...ends, h("span", { class: "gmm-caption" }, "EM"), words);
}

const widthWords = (value: number) => (value === 0 ? "off" : withMinus(value.toExponential(0)));

function createRegularisation(end: AbortSignal, { fit, command }: TuningProps): HTMLElement {
  const other = h("option", { hidden: true });
  const options = WIDTHS.map((value) => h("option", { value }, widthWords(value)));
  const tip = "Variance added to each component, relative to the data's variance, against collapse";
  const named = { "aria-label": "Regularisation", "data-gmm-tip": tip };
  const select = h("select", { class: "gmm-select", ...named }, ...options, other);
  listen(end, select, "change", () => command("tune", { regularisation: Number(select.value) }));
  watch(end, () => {
    const value = fit.value?.regularisation ?? REGULARISATION;
    attrs(other, { value: String(value) });
    setText(other, widthWords(value));
    attrs(select, { disabled: !fit.value });
    select.value = String(value);
  });
  const name = h("span", { class: "gmm-field-name", ...HIDDEN }, "Regularisation");
  const box = boxed(select);
  return h("span", { class: "gmm-field" }, name, box);
}

/** How many components are left; those with less than one expected row are pruned. */
export function priorWords({ counts, ids }: Pick<Fit, "counts" | "ids">): string {
  if (!counts) return "";
  const pruned = ids.filter((_, i) => counts[i]! < 1).map(letterOf);
  const left = `effective components: ${ids.length - pruned.length} of ${ids.length}`;
  return pruned.length > 0 ? `${left}; pruned: ${pruned.join(", ")}` : left;
}

/** A prior of the weights, on a log scale: the smaller, the fewer components keep rows. */
function createPrior(end: AbortSignal, { fit, command }: TuningProps): HTMLElement {
  const tune = (concentration: number | null) => command("tune", { concentration });
  const mode = h("button", { class: "gmm-segment" }, "Bayesian");
  listen(end, mode, "click", () => tune(fit.peek()?.concentration ? null : 1));
  const slider = createSlider(end, "Prior concentration", (at) => tune(10 ** (6 * at - 4)));
  const words = h("span", { class: "gmm-caption", "aria-live": "polite" });
  watch(end, () => {
    const prior = fit.value?.concentration ?? null;
    attrs(mode, { "aria-pressed": String(prior !== null) });
    slider.hidden = prior === null;
    place(slider, (Math.log10(prior ?? 1) + 4) / 6, withMinus(`${prior?.toPrecision(2)}`));
    setText(words, fit.value ? priorWords(fit.value) : "");
  });
  return h("div", { class: "gmm-group" }, mode, slider, words);
}

/** The panel. */
export function createTuning(end: AbortSignal, props: TuningProps): HTMLElement {
  const parts = [
    createSoftness(end, props),
    createRegularisation(end, props),
    createPrior(end, props),
  ];
  return h("section", { class: "gmm-tuning", "aria-label": "How to fit" }, ...parts);
}

/*
 * The figures: log-likelihood, BIC, and whether EM still moves.
 *
 * It is the widget's live region; while a hand or a run changes the numbers
 * it is marked busy, so that a screen reader hears where it came to rest.
 */
import { computed, type ReadonlySignal } from "@preact/signals-core";
import { attrs, h, setText } from "../dom.ts";
import { count, criterion, gain } from "../format.ts";
import { watch } from "../life.ts";
import type { Fit } from "../wire.ts";

export interface ReadoutProps {
  readonly fit: ReadonlySignal<Fit | null>;
  readonly running: ReadonlySignal<boolean>;
  readonly figures: ReadonlySignal<{
    readonly logLikelihood: number | null;
    readonly bic: number | null;
    readonly live: boolean;
  }>;
}

/** What the fit is doing, in a few words. */
export function statusOf(fit: Fit | null, running: boolean, live: boolean): string {
  if (!fit) return "waiting for the model";
  if (live) return "under your hand";
  if (fit.phase === "e") return "memberships are new: M step next";
  if (fit.phase === "m") return "components moved: E step next";
  const steps = `${count(fit.steps)} ${fit.steps === 1 ? "step" : "steps"}`;
  if (fit.converged) return fit.steps > 0 ? `converged after ${steps}` : "converged";
  if (fit.gain === null) return running ? "running" : "not at an optimum yet";
  return `still moving: ${gain(fit.gain)} nats a step`;
}

function figure(name: string, value: HTMLElement, live: HTMLElement): HTMLElement {
  return h(
    "div",
    { class: "gmm-figure" },
    h("span", { class: "gmm-caption" }, name),
    h("span", { class: "gmm-value" }, live, value),
  );
}

/** The block of figures. */
export function createReadout(end: AbortSignal, props: ReadoutProps): HTMLElement {
  const loglik = h("span", { class: "gmm-loglik" });
  const bic = h("span", { class: "gmm-bic" });
  const marks = [0, 1].map(() => h("span", { class: "gmm-live" }));
  const words = h("span", { class: "gmm-words" });
  const state = h(
    "div",
    { class: "gmm-state" },
    h("span", { class: "gmm-lamp", "aria-hidden": "true" }),
    words,
  );
  const root = h(
    "div",
    { class: "gmm-readout", role: "status" },
    figure("Log-likelihood", loglik, marks[0]!),
    figure("BIC", bic, marks[1]!),
    state,
  );
  const status = computed(() => {
    const live = props.figures.value.live;
    return statusOf(props.fit.value, props.running.value, live);
  });
  watch(end, () => {
    const { logLikelihood, bic: score, live } = props.figures.value;
    setText(loglik, criterion(logLikelihood));
    setText(bic, criterion(score));
    for (const mark of marks) setText(mark, live ? "~" : "");
    attrs(loglik, { title: logLikelihood ?? undefined });
    setText(words, status.value);
    attrs(root, { "aria-busy": live || props.running.value ? "true" : undefined });
    root.classList.toggle("gmm-is-live", live);
    state.dataset.gmmState = props.running.value
      ? "running"
      : props.fit.value?.converged && !live
        ? "converged"
        : "moving";
  });
  return root;
}

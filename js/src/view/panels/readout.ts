/*
 * The figures: log-likelihood, BIC, and whether EM has converged.
 *
 * It is the widget's live region, marked busy during a drag or a run, so that
 * screen readers announce only the result.
 */
import type { ReadonlySignal } from "@preact/signals-core";
import { attrs, HIDDEN, h, setText } from "../../base/dom.ts";
import { count, criterion, gain, withMinus } from "../../base/format.ts";
import { watchPaced } from "../../base/lifetime.ts";
import type { Fit } from "../../messages/messages.ts";
import type { ViewState } from "../../state/view-state.ts";

export interface ReadoutProps {
  readonly state: ViewState;
  readonly fit: ReadonlySignal<Fit | null>;
  readonly running: ReadonlySignal<boolean>;
  readonly silence: ReadonlySignal<"no" | "busy" | "absent" | "gone">;
  readonly figures: ReadonlySignal<{
    readonly logLikelihood: number | null;
    readonly bic: number | null;
    readonly live: boolean;
  }>;
}

/** Whether figures are estimates in the browser: during an edit, or with no answer from the kernel. */
type Live = "no" | "edit" | "unanswered";

/** What the fit is doing, in a few words. */
export function statusOf(fit: Fit | null, running: boolean, live: Live): string {
  if (!fit) return "waiting for the model";
  if (live !== "no") return live === "edit" ? "estimate while you edit" : "waiting for the kernel";
  if (fit.phase === "e") return "responsibilities updated: M step next";
  if (fit.phase === "m") return "components updated: E step next";
  const steps = `${count(fit.steps)} ${fit.steps === 1 ? "step" : "steps"}`;
  if (fit.converged) return fit.steps > 0 ? `converged after ${steps}` : "converged";
  if (fit.gain === null) return running ? "running" : "not at an optimum yet";
  const nats = gain(fit.gain);
  return `still moving: ${nats} ${nats === "1" ? "nat" : "nats"} a step`;
}

function figure(name: string, value: HTMLElement, live: HTMLElement): HTMLElement {
  return h(
    "div",
    { class: "gmm-figure" },
    h("span", { class: "gmm-caption" }, name),
    h("span", { class: "gmm-value" }, live, value),
  );
}

function frame() {
  const loglik = h("span", { class: "gmm-loglik" });
  const bic = h("span", { class: "gmm-bic" });
  const marks = [h("span", { class: "gmm-live" }), h("span", { class: "gmm-live" })] as const;
  const words = h("span", { class: "gmm-words" });
  const lamp = h("span", { class: "gmm-lamp", ...HIDDEN });
  const state = h("div", { class: "gmm-state" }, lamp, words);
  const root = h(
    "div",
    { class: "gmm-readout", role: "status" },
    figure("Log-likelihood", loglik, marks[0]),
    figure("BIC", bic, marks[1]),
    state,
  );
  const caption = root.querySelector(".gmm-caption")!;
  return { root, loglik, bic, marks, words, state, caption };
}

function moodOf(fit: Fit | null, running: boolean, live: boolean): string {
  if (running) return "running";
  return fit?.converged && !live ? "converged" : "moving";
}

/** The block of figures. */
export function createReadout(end: AbortSignal, props: ReadoutProps): HTMLElement {
  const { root, loglik, bic, marks, words, state, caption } = frame();
  watchPaced(end, props.state.dragging, () => {
    const { logLikelihood, bic: score, live } = props.figures.value;
    const [fit, running] = [props.fit.value, props.running.value];
    const elbo = fit?.elbo ?? null;
    setText(loglik, criterion(elbo ?? logLikelihood));
    setText(caption, elbo === null ? "Log-likelihood" : "ELBO, a lower bound");
    setText(bic, criterion(score));
    for (const mark of marks) setText(mark, live && logLikelihood !== null ? "~" : "");
    attrs(loglik, { title: logLikelihood === null ? undefined : withMinus(String(logLikelihood)) });
    const unanswered = props.silence.value !== "no";
    // A run over very many points has exact figures only at its end: that is no edit.
    const whose = unanswered ? "unanswered" : running ? "no" : "edit";
    setText(words, statusOf(fit, running, live ? whose : "no"));
    state.dataset.gmmState = moodOf(fit, running, live);
    attrs(root, { "aria-busy": live || running ? "true" : undefined });
  });
  return root;
}

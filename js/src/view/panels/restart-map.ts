/*
 * Restarts: a dot for each start along the log-likelihood it reached, the optima
 * among them, which can be previewed and adopted, and the current fit.
 */
import { computed, type ReadonlySignal, signal } from "@preact/signals-core";
import { attrs, HIDDEN, h, keyed, s, setText } from "../../base/dom.ts";
import { count, criterion } from "../../base/format.ts";
import { listen, observeSize, watch } from "../../base/lifetime.ts";
import type { Fit } from "../../messages/messages.ts";
import type { Send } from "../../messages/send.ts";
import type { Optimum, RestartSurvey, Start } from "../../state/restart-survey.ts";
import type { ViewState } from "../../state/view-state.ts";
import { createButton, dress } from "./button.ts";
import { traceRange } from "./history-tree.ts";

export interface StartsProps {
  readonly survey: ReadonlySignal<RestartSurvey | null>;
  readonly fit: ReadonlySignal<Fit | null>;
  readonly state: ViewState;
  search(starts: number): void;
  readonly command: Send;
}

const STARTS = 20;
const [HEIGHT, FLOOR, PAD, SIDE, MOST] = [62, 46, 8, 6, 6];
const TRY = {
  icon: "starts",
  name: `Try ${STARTS} starts`,
  text: `Try ${STARTS} starts`,
  tip: "Run EM from many starts in the background; the current fit stays as it is",
} as const;
const CANCEL = { ...TRY, icon: "stop", name: "Cancel starts", text: "Cancel" } as const;

/** The outcome of the starts, in words. */
export function surveyWords(survey: RestartSurvey, now: number | null): string {
  const { starts, optima, n, running, problem } = survey;
  if (running) return `${count(new Set(starts).size)} of ${count(n)} starts done`;
  if (problem) return problem;
  const best = optima[0];
  if (!best) return "No start has converged";
  const reached = starts.filter(({ optimum }) => optimum === 0).length;
  const failed = starts.filter(({ status }) => status === "failed");
  const ahead = now === null ? 0 : now - best.value;
  const here = Math.abs(ahead) < 1e-3 ? "so does the current fit" : difference(ahead);
  const parts = [`${reached} of ${starts.length} reached ${criterion(best.value)}`, here];
  if (best.spurious) parts.push(`it is spurious: ${best.spurious}`);
  if (failed.length > 0) parts.push(`${failed.length} collapsed: ${failed[0]!.reason}`);
  return parts.join("; ");
}

function difference(ahead: number): string {
  const nats = criterion(Math.abs(ahead));
  return `the current fit is ${nats} nats ${ahead > 0 ? "above" : "below"}`;
}

interface Dot {
  readonly x: number;
  readonly y: number;
  readonly status: string;
}

export interface Charted {
  readonly dots: readonly Dot[];
  readonly optima: readonly { readonly optimum: Optimum; readonly x: number; readonly n: number }[];
  readonly now: number | null;
}

/** The layout: dots of starts with the same log-likelihood are stacked. */
export function mapped(
  { starts, optima }: RestartSurvey,
  now: number | null,
  width: number,
): Charted {
  const values = starts.flatMap(({ value }) => (value === null ? [] : [value]));
  const [low, high] = traceRange([...values, ...(now === null ? [] : [now])], now ?? undefined);
  const place = (value: number) =>
    PAD + ((Math.max(low, value) - low) / (high - low)) * (width - 2 * PAD);
  const stacks = new Map<number, number>();
  const dots = starts.flatMap(({ value, status }: Start): Dot[] => {
    if (value === null) return [];
    const bin = Math.round(place(value) / SIDE);
    const under = stacks.get(bin) ?? 0;
    stacks.set(bin, under + 1);
    return [{ x: bin * SIDE, y: FLOOR - 4 - SIDE * Math.min(under, MOST), status }];
  });
  return {
    dots,
    optima: optima.map((optimum, i) => ({
      optimum,
      x: place(optimum.value),
      n: starts.filter((start) => start.optimum === i).length,
    })),
    now: now === null ? null : place(now),
  };
}

function drawing({ dots, now }: Charted, width: number): SVGElement[] {
  const here =
    now === null
      ? []
      : [
          s("line", { class: "gmm-starts-now", x1: now, x2: now, y1: 2, y2: FLOOR }),
          s("path", { class: "gmm-starts-here", d: `M${now} 0l4 4l-4 4l-4-4Z` }),
        ];
  return [
    s("line", { class: "gmm-axis", x1: 0, x2: width, y1: FLOOR, y2: FLOOR }),
    ...dots.map(({ x, y, status }) =>
      s("circle", { class: "gmm-start", cx: x, cy: y, r: 2.4, "data-gmm-status": status }),
    ),
    ...here,
  ];
}

function createPeak() {
  const mark = s("path", { class: "gmm-peak-mark" });
  const area = s("rect", { class: "gmm-peak-area", y: 0, width: 14, height: HEIGHT, rx: 3 });
  return { root: s("g", { role: "option", class: "gmm-peak" }, area, mark), mark, area };
}

function dressPeak(
  { root, mark, area }: ReturnType<typeof createPeak>,
  i: number,
  { optimum, x, n }: Charted["optima"][number],
  starts: number,
  now: number | null,
): void {
  const { value, spurious } = optimum;
  const name = `Optimum ${i + 1}: ${criterion(value)}, reached by ${n} of ${starts} starts`;
  const label = spurious ? `${name}, spurious: ${spurious}` : name;
  attrs(root, {
    "data-gmm-peak": i,
    "aria-label": label,
    "aria-selected": String(Math.abs((now ?? 0) - value) < 1e-3),
    "data-gmm-spurious": spurious !== "",
    "data-gmm-tip": `${label}. A click adopts it.`,
    tabindex: i === 0 ? 0 : -1,
  });
  attrs(mark, { d: `M${x} ${FLOOR + 3}l5 9h-10Z` });
  attrs(area, { x: x - 7 });
}

/** The index of the optimum that an event is about. */
const peakOf = (target: EventTarget | null) => {
  const found = target instanceof Element ? target.closest("[data-gmm-peak]") : null;
  return found ? Number(found.getAttribute("data-gmm-peak")) : null;
};

/** An optimum under the pointer or with the focus is previewed; Enter or a click adopts it. */
function followInput(
  end: AbortSignal,
  chart: SVGElement,
  { survey, state, command }: StartsProps,
): void {
  const look = (at: number | null) => {
    state.previewed.value = at === null ? null : (survey.peek()?.optima[at]?.mixture ?? null);
  };
  const adopt = (at: number | null) => {
    if (at === null) return;
    look(null);
    command("adopt", { optimum: at });
  };
  for (const type of ["focusin", "pointerover"])
    listen(end, chart, type, (event) => look(peakOf(event.target)));
  for (const type of ["focusout", "pointerleave"]) listen(end, chart, type, () => look(null));
  listen(end, chart, "click", (event) => adopt(peakOf(event.target)));
  listen<KeyboardEvent>(end, chart, "keydown", (event) => {
    const by = { ArrowLeft: 1, ArrowRight: -1 }[event.key];
    const going = event.key === "Enter" || event.key === " ";
    const at = peakOf(event.target);
    if ((by === undefined && !going) || at === null) return;
    event.preventDefault();
    event.stopPropagation();
    if (going) adopt(at);
    else chart.querySelector<SVGElement>(`[data-gmm-peak="${at + by!}"]`)?.focus();
  });
}

function createChart(end: AbortSignal, props: StartsProps, width: ReadonlySignal<number>) {
  const back = s("g", { ...HIDDEN });
  const peaks = s("g", { role: "none" });
  const label = { role: "listbox", "aria-label": "Optima reached by the starts" };
  const chart = s("svg", { class: "gmm-starts-chart", height: HEIGHT, ...label }, back, peaks);
  const held = new Map<number, ReturnType<typeof createPeak>>();
  followInput(end, chart, props);
  const now = computed(() => props.fit.value?.logLikelihood ?? null);
  watch(end, () => {
    const survey = props.survey.value;
    chart.toggleAttribute("hidden", !survey);
    if (!survey || width.value === 0) return;
    const map = mapped(survey, now.value, width.value);
    attrs(chart, { width: width.value });
    back.replaceChildren(...drawing(map, width.value));
    const order = map.optima.map((_, i) => i);
    keyed(held, order, createPeak, peaks).forEach((peak, i) => {
      dressPeak(peak, i, map.optima[i]!, survey.n, now.value);
    });
  });
  return chart;
}

/** The panel: a button, the map, and its content in words. */
export function createStarts(end: AbortSignal, props: StartsProps): HTMLElement {
  const { survey, fit, search } = props;
  const words = h("span", { class: "gmm-caption gmm-starts-words" });
  const button = createButton(end, TRY, () => search(survey.peek()?.running ? 0 : STARTS));
  const root = h("div", { class: "gmm-starts" });
  const width = signal(0);
  observeSize(end, root, (w) => {
    width.value = Math.round(w);
  });
  const head = h("span", { class: "gmm-caption" }, "Compare with restarts");
  root.append(h("div", { class: "gmm-trace-head" }, head, button));
  root.append(createChart(end, props, width), words);
  watch(end, () => {
    const found = survey.value;
    dress(button, found?.running ? CANCEL : TRY);
    attrs(button, { disabled: !fit.value });
    setText(words, found ? surveyWords(found, fit.value?.logLikelihood ?? null) : "");
  });
  return root;
}

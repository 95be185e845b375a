/*
 * The log-likelihood step by step: where it came from, where hands changed
 * it, and where the present state stands.
 */
import { computed, type ReadonlySignal, signal } from "@preact/signals-core";
import { quantile } from "d3-array";
import { attrs, h, s, setText } from "../dom.ts";
import { count, criterion, ticksOf } from "../format.ts";
import { listen, observeSize, watch } from "../life.ts";
import type { Trace } from "../wire.ts";

const HEIGHT = 88;
const PAD = { left: 5, top: 8, bottom: 8 };
const GLYPH = 7.2; // px: about the width of a digit in a tick label
const MANY = 12;
const MOST = 800; // spots drawn; longer traces are thinned

const EM = new Map([
  ["start", "start"],
  ["run", "EM step"],
  ["step", "EM step"],
  ["em_step", "EM step"],
  ["m_step", "M step"],
]);

/** Whatever is not EM's doing is a hand's. */
const byHand = (cause: string) => !EM.has(cause);

/**
 * The range of values drawn: a bad start must not flatten all that follows,
 * but where things stand now is always in it.
 */
export function traceRange(values: readonly number[], present = Infinity): [number, number] {
  if (values.length === 0) return [0, 1];
  const high = values.reduce((a, b) => Math.max(a, b));
  const least = values.reduce((a, b) => Math.min(a, b));
  const most = values.length > MANY ? Math.max(least, 2 * quantile(values, 0.2)! - high) : least;
  const low = Math.min(most, present);
  const pad = (high - low) * 0.06 || Math.max(0.5, Math.abs(high) * 1e-3);
  return [low - pad, high + pad];
}

export interface Spot {
  readonly index: number;
  readonly value: number;
  readonly cause: string;
  readonly x: number;
  readonly y: number;
}

export interface Plotted {
  readonly spots: readonly Spot[];
  readonly here: Spot | undefined;
  readonly marks: readonly { readonly text: string; readonly y: number }[];
  readonly width: number;
  /** Where the curve ends and the labels begin. */
  readonly edge: number;
}

/** Where each known entry goes in a chart of the given width. */
export function plotted(trace: Trace, width: number): Plotted {
  const known = trace.logLikelihood.filter((value) => value !== null);
  const [low, high] = traceRange(known, trace.logLikelihood[trace.position] ?? undefined);
  const last = Math.max(1, trace.logLikelihood.length - 1);
  const values = known.length > 1 ? ticksOf(low, high, 2) : [];
  const longest = Math.max(0, ...values.map(({ text }) => text.length));
  const edge = width - (longest > 0 ? longest * GLYPH + 4 : 0);
  const across = Math.max(1, edge - PAD.left - 8);
  const down = HEIGHT - PAD.top - PAD.bottom;
  const height = (value: number) =>
    PAD.top + (1 - (Math.max(low, value) - low) / (high - low)) * down;
  const stride = Math.ceil(trace.logLikelihood.length / MOST);
  const spots = trace.logLikelihood.flatMap((value, index) => {
    const cause = trace.cause[index] ?? "";
    const kept = index % stride === 0 || byHand(cause) || index === trace.position;
    if (value === null || !kept) return [];
    return [{ index, value, cause, x: PAD.left + (index / last) * across, y: height(value) }];
  });
  const here = spots.find(({ index }) => index === trace.position);
  const marks = values.map(({ at, text }) => ({ text, y: height(at) }));
  return { spots, here, marks, width, edge };
}

function pathOf(spots: readonly Spot[]): string {
  return spots.map(({ x, y }, i) => `${i ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`).join("");
}

function diamond({ x, y }: Spot, size = 3.5, name = "gmm-trace-edit"): SVGElement {
  const d = `M${x} ${y - size}l${size} ${size}l${-size} ${size}l${-size} ${-size}Z`;
  return s("path", { class: name, d });
}

/** Where the present state is: round after EM, a diamond after a hand. */
function present(here: Spot): SVGElement {
  if (byHand(here.cause)) return diamond(here, 5, "gmm-trace-here");
  return s("circle", { class: "gmm-trace-here", cx: here.x, cy: here.y, r: 4 });
}

/** What stands where there is no curve yet. */
function waiting(width: number): SVGElement[] {
  const y = HEIGHT / 2;
  return [
    s("line", { class: "gmm-grid", x1: 0, x2: width, y1: y + 10.5, y2: y + 10.5 }),
    s("text", { class: "gmm-trace-none", x: 0, y }, "Steps and edits will be drawn here"),
  ];
}

function drawing({ spots, here, marks, edge, width }: Plotted, aimed: Spot | null): SVGElement[] {
  if (spots.length < 2) return waiting(edge);
  const past = spots.filter(({ index }) => index <= (here?.index ?? 0));
  const grid = marks.flatMap(({ text, y }) => [
    s("line", { class: "gmm-grid", x1: 0, x2: edge - 4, y1: y, y2: y }),
    s("text", { class: "gmm-tick", x: width, y: y + 3.5, "text-anchor": "end" }, text),
  ]);
  const aim = aimed && [
    s("line", { class: "gmm-axis", x1: aimed.x, x2: aimed.x, y1: 0, y2: HEIGHT }),
    s("circle", { class: "gmm-trace-aim", cx: aimed.x, cy: aimed.y, r: 3 }),
  ];
  return [
    ...grid,
    s("path", { class: "gmm-trace-line gmm-trace-future", d: pathOf(spots) }),
    s("path", { class: "gmm-trace-line", d: pathOf(past) }),
    ...spots.filter(({ cause }) => byHand(cause)).map((spot) => diamond(spot)),
    ...(here ? [present(here)] : []),
    ...(aim ?? []),
  ];
}

function described(trace: Trace): string {
  const edits = trace.cause.filter(byHand).length;
  const now = trace.logLikelihood[trace.position] ?? null;
  const states = count(trace.logLikelihood.length);
  return `Log-likelihood over ${states} states, ${edits} by hand; now ${criterion(now)}`;
}

function captionOf(aimed: Spot | null): string {
  if (!aimed) return "Log-likelihood by step";
  const cause = EM.get(aimed.cause) ?? "by hand";
  return `${aimed.index} · ${cause} · ${criterion(aimed.value)}`;
}

/** Where the pointer is on the chart, or null. */
function pointerOn(end: AbortSignal, chart: Element): ReadonlySignal<number | null> {
  const x = signal<number | null>(null);
  listen<PointerEvent>(end, chart, "pointermove", (event) => {
    x.value = event.clientX - chart.getBoundingClientRect().left;
  });
  listen(end, chart, "pointerleave", () => {
    x.value = null;
  });
  return x;
}

function nearest(spots: readonly Spot[], x: number | null): Spot | null {
  if (x === null || spots.length < 2) return null;
  return spots.reduce((a, b) => (Math.abs(b.x - x) < Math.abs(a.x - x) ? b : a));
}

/** The chart of the trace. */
export function createTrace(end: AbortSignal, trace: ReadonlySignal<Trace>): HTMLElement {
  const width = signal(0);
  const chart = s("svg", { class: "gmm-trace-chart", role: "img", height: HEIGHT });
  const caption = h("span", { class: "gmm-caption" });
  const key = h("span", { class: "gmm-key", "aria-hidden": "true" }, "◇ by hand");
  const head = h("div", { class: "gmm-trace-head" }, caption, key);
  const root = h("div", { class: "gmm-trace" }, head, chart);
  observeSize(end, root, (w) => {
    width.value = Math.round(w);
  });
  const pointer = pointerOn(end, chart);
  const shape = computed(() => plotted(trace.value, width.value));
  watch(end, () => {
    if (width.value === 0) return;
    const aimed = nearest(shape.value.spots, pointer.value);
    attrs(chart, { "aria-label": described(trace.value), width: width.value });
    chart.replaceChildren(...drawing(shape.value, aimed));
    setText(caption, captionOf(aimed));
    key.hidden = !trace.value.cause.some(byHand);
  });
  return root;
}

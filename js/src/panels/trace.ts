/*
 * The log-likelihood step by step: where it came from, where hands changed
 * it, and where the present state stands.
 */

import type { ReadonlySignal } from "@preact/signals-core";
import { signal } from "@preact/signals-core";
import { quantile } from "d3-array";
import { h, s } from "../dom.ts";
import { criterion } from "../format.ts";
import { observeSize, watch } from "../life.ts";
import type { Trace } from "../wire.ts";

const HEIGHT = 84;
const PAD = { left: 6, right: 8, top: 10, bottom: 8 };
const MANY = 12;

/** The range of values drawn: a bad start must not flatten all that follows. */
export function traceRange(values: readonly number[]): [number, number] {
  if (values.length === 0) return [0, 1];
  const high = Math.max(...values);
  const least = Math.min(...values);
  const low = values.length > MANY ? Math.max(least, 2 * quantile(values, 0.25)! - high) : least;
  const pad = (high - low) * 0.08 || Math.max(1e-6, Math.abs(high) * 1e-6);
  return [low - pad, high + pad];
}

interface Spot {
  readonly x: number;
  readonly y: number;
  readonly cause: string;
  readonly value: number;
  readonly index: number;
}

/** Where each known entry goes in a box of the given width. */
export function traceSpots(trace: Trace, width: number): Spot[] {
  const known = trace.logLikelihood.filter((value) => value !== null);
  const [low, high] = traceRange(known);
  const last = Math.max(1, trace.logLikelihood.length - 1);
  const across = width - PAD.left - PAD.right;
  const down = HEIGHT - PAD.top - PAD.bottom;
  return trace.logLikelihood.flatMap((value, index) => {
    if (value === null) return [];
    const x = PAD.left + (index / last) * across;
    const y = PAD.top + (1 - (Math.max(low, value) - low) / (high - low)) * down;
    return [{ x, y, value, index, cause: trace.cause[index] ?? "" }];
  });
}

function pathOf(spots: readonly Spot[]): string {
  return spots.map(({ x, y }, i) => `${i ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`).join("");
}

function drawing(trace: Trace, width: number): SVGElement[] {
  const spots = traceSpots(trace, width);
  const here = spots.find(({ index }) => index === trace.position) ?? spots[spots.length - 1];
  const past = spots.filter(({ index }) => index <= (here?.index ?? 0));
  const edits = spots.filter(({ cause }) => cause === "edit");
  const y = HEIGHT - 0.5;
  return [
    s("line", { class: "gmm-axis", x1: 0, x2: width, y1: y, y2: y }),
    s("path", { class: "gmm-trace-line gmm-trace-future", d: pathOf(spots) }),
    s("path", { class: "gmm-trace-line", d: pathOf(past) }),
    ...edits.map(({ x, y: at }) =>
      s("path", {
        class: "gmm-trace-edit",
        d: `M${x} ${at - 3.5}l3.500 3.500-3.500 3.500-3.500-3.500Z`,
      }),
    ),
    ...(here ? [s("circle", { class: "gmm-trace-here", cx: here.x, cy: here.y, r: 3.5 })] : []),
  ];
}

function described(trace: Trace): string {
  const edits = trace.cause.filter((cause) => cause === "edit").length;
  const now = trace.logLikelihood[trace.position] ?? null;
  return `Log-likelihood over ${trace.logLikelihood.length} states, ${edits} by hand; now ${criterion(now)}`;
}

/** The chart of the trace. */
export function createTrace(end: AbortSignal, trace: ReadonlySignal<Trace>): HTMLElement {
  const width = signal(240);
  const chart = s("svg", { class: "gmm-trace-chart", role: "img", height: HEIGHT });
  const root = h(
    "div",
    { class: "gmm-trace" },
    h(
      "div",
      { class: "gmm-trace-head" },
      h("span", { class: "gmm-caption" }, "Log-likelihood by step"),
      h("span", { class: "gmm-key", "aria-hidden": "true" }, "◆ by hand"),
    ),
    chart,
  );
  observeSize(end, root, (w) => {
    width.value = Math.round(w);
  });
  watch(end, () => {
    chart.setAttribute("aria-label", described(trace.value));
    chart.setAttribute("width", String(width.value));
    chart.replaceChildren(...drawing(trace.value, width.value));
  });
  return root;
}

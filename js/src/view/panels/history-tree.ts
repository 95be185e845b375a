/*
 * The layout of the history chart: steps from the start along x, the
 * log-likelihood along y.
 */
import { ticksOf } from "../../base/format.ts";
import type { Entry, Trace } from "../../state/history.ts";

export const HEIGHT = 96;
const PAD = { left: 6, top: 8, bottom: 9 };
const GLYPH = 7.2; // px: about the width of a digit in a tick label
const MANY = 12;
const SHORT = 8; // steps of a run that are not compressed

const EM = new Set(["start", "run", "step", "m_step"]);

/** Whether an entry is an edit by the user and not a result of EM. */
export const byUser = (cause: string) => !EM.has(cause);

export interface Spot {
  readonly entry: Entry;
  /** Position among the values passed on the way to the entry; the last is its own. */
  readonly at: number;
  readonly value: number;
  readonly x: number;
  readonly y: number;
}

export interface EntryCurve {
  readonly entry: Entry;
  /** On the present branch, up to the present entry; after it; or on another branch. */
  readonly where: "past" | "future" | "aside";
  /** From the state before it through its own values. */
  readonly points: readonly Spot[];
  /** The entry itself; undefined while its log-likelihood is unknown. */
  readonly end: Spot | undefined;
}

export interface Plotted {
  readonly curves: readonly EntryCurve[];
  readonly here: Spot | undefined;
  readonly marks: readonly { readonly text: string; readonly y: number }[];
  readonly width: number;
  /** Where the curve ends and the labels begin. */
  readonly edge: number;
}

/**
 * The range of values drawn: a bad start must not flatten the rest of the
 * curve, but the current value is always included.
 */
export function traceRange(values: readonly number[], present = Infinity): [number, number] {
  if (values.length === 0) return [0, 1];
  const sorted = [...values].sort((a, b) => a - b);
  const [least, high] = [sorted[0]!, sorted.at(-1)!];
  const fifth = sorted[Math.floor(values.length / 5)]!;
  const most = values.length > MANY ? Math.max(least, 2 * fifth - high) : least;
  const low = Math.min(most, present);
  const pad = (high - low) * 0.06 || Math.max(0.5, Math.abs(high) * 1e-3);
  return [low - pad, high + pad];
}

/** The width of an entry: a unit a step, compressed for long runs so that the rest stays visible. */
function room({ values }: Entry): number {
  const steps = values.length;
  return steps <= SHORT ? steps : SHORT * (1 + Math.log2(steps / SHORT));
}

/** How far from the start each entry ends. */
function depths(entries: readonly Entry[]): Map<number, number> {
  const deep = new Map<number, number>();
  for (const entry of entries) {
    const before = entry.parent === null ? undefined : deep.get(entry.parent);
    deep.set(entry.id, before === undefined ? room(entry) - 1 : before + room(entry));
  }
  return deep;
}

/** The curve of each entry, joined to the last known value before it. */
function curvesOf(
  trace: Trace,
  place: (depth: number, value: number) => [number, number],
): EntryCurve[] {
  const deep = depths(trace.entries);
  const ends = new Map<number, Spot | undefined>();
  const at = trace.branch.indexOf(trace.position);
  return trace.entries.map((entry) => {
    const from = entry.parent === null ? undefined : ends.get(entry.parent);
    const last = entry.values.length - 1;
    const stride = room(entry) / entry.values.length;
    const own = entry.values.flatMap((value, i): Spot[] => {
      if (value === null) return [];
      const [x, y] = place(deep.get(entry.id)! - (last - i) * stride, value);
      return [{ entry, at: i, value, x, y }];
    });
    const end = own.find((spot) => spot.at === last);
    ends.set(entry.id, end ?? from);
    const order = trace.branch.indexOf(entry.id);
    const where = order < 0 ? "aside" : order <= at ? "past" : "future";
    return { entry, where, points: from ? [from, ...own] : own, end };
  });
}

/** The trace with unknown values interpolated between known ones. */
export function interpolated(trace: Trace): Trace {
  const ends = new Map<number | null, number | null>();
  const entries = trace.entries.map((entry) => {
    const all = [ends.get(entry.parent) ?? null, ...entry.values];
    let from = 0;
    all.forEach((value, to) => {
      const start = all[from];
      if (value === null) return;
      for (let i = from + 1; i < to && start != null; i++) {
        all[i] = start + ((value - start) * (i - from)) / (to - from);
      }
      from = to;
    });
    ends.set(entry.id, all.at(-1)!);
    return { ...entry, values: all.slice(1) };
  });
  return { ...trace, entries };
}

/** The chart at the given width. */
export function plotted(trace: Trace, width: number): Plotted {
  const known = trace.entries.flatMap(({ values }) => values.filter((value) => value !== null));
  const present = trace.entries.find(({ id }) => id === trace.position)?.values.at(-1);
  const [low, high] = traceRange(known, present ?? undefined);
  const values = known.length > 1 ? ticksOf(low, high, 2) : [];
  const longest = Math.max(0, ...values.map(({ text }) => text.length));
  const edge = width - (longest > 0 ? longest * GLYPH + 4 : 0);
  const across = Math.max(1, edge - PAD.left - 8);
  const down = HEIGHT - PAD.top - PAD.bottom;
  const last = Math.max(1, ...depths(trace.entries).values());
  const height = (value: number) =>
    PAD.top + (1 - (Math.max(low, value) - low) / (high - low)) * down;
  const curves = curvesOf(trace, (x, value) => [PAD.left + (x / last) * across, height(value)]);
  const here = curves.find(({ entry }) => entry.id === trace.position)?.end;
  return {
    curves,
    here,
    marks: values.map(({ at, text }) => ({ text, y: height(at) })),
    width,
    edge,
  };
}

/** The spot nearest to a position in the chart. */
export function nearest({ curves }: Plotted, x: number, y: number): Spot | null {
  let best: Spot | null = null;
  let least = Infinity;
  for (const { points, where } of curves) {
    for (const spot of points) {
      const far = Math.hypot(spot.x - x, (spot.y - y) / 3) + (where === "aside" ? 1 : 0);
      if (far < least) [best, least] = [spot, far];
    }
  }
  return best;
}

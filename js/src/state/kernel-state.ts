/*
 * The state of the model as signals, and what is derived from it.
 *
 * What the kernel sent is written by `kernel/incoming` alone; `pendingEdits`
 * belongs to the view. The mixture on the screen is the kernel's with the
 * pending edits applied.
 */
import { computed, type ReadonlySignal, type Signal, signal } from "@preact/signals-core";
import { type Mixture, marginal, same } from "../maths/mixture.ts";
import type { PlanePoints } from "../maths/points.ts";
import { type Structure, UNCONSTRAINED } from "../maths/structures.ts";
import { tempered } from "../maths/tempering.ts";
import type { Fit, View } from "../messages/messages.ts";
import type { Notice } from "../messages/notices.ts";
import { NO_TRACE, type Trace, withTail } from "./history.ts";
import { NO_EDITS, type PendingEdits, withPendingEdits } from "./pending-edits.ts";
import type { PointResponsibilities } from "./responsibilities.ts";
import type { RestartSurvey } from "./restart-survey.ts";
import type { Grid } from "./selection-grid.ts";

export interface Kernel {
  readonly mixture: Mixture;
  readonly fit: Fit;
}

/** How long the kernel has been silent: not at all, for a while, from the start, or for good. */
export type Silence = "no" | "busy" | "absent" | "gone";

export interface KernelState {
  readonly kernel: Signal<Kernel | null>;
  readonly running: Signal<boolean>;
  readonly structure: Signal<Structure>;
  readonly trace: Signal<Trace>;
  /** Log-likelihoods of a run that the trace does not hold yet. */
  readonly tail: Signal<readonly number[]>;
  /** What many starts found; null where nobody has asked. */
  readonly survey: Signal<RestartSurvey | null>;
  /** Fits to choose from; null where nobody has asked. */
  readonly grid: Signal<Grid | null>;
  readonly view: Signal<View | null>;
  readonly cloud: Signal<PlanePoints | null>;
  /** All of the data at the finest resolution known, where `cloud` is a part of them; else null. */
  readonly overview: Signal<PlanePoints | null>;
  /** All points are here, not only a preview. */
  readonly complete: Signal<boolean>;
  /** What colours single points by all columns; null while that is not wanted or has not come. */
  readonly pointResponsibilities: Signal<PointResponsibilities | null>;
  /** They belong to an earlier model. */
  readonly dated: Signal<boolean>;
  readonly height: Signal<number>;
  readonly pendingEdits: Signal<PendingEdits>;
  readonly problem: Signal<Notice | null>;
  readonly silence: Signal<Silence>;
  readonly fit: ReadonlySignal<Fit | null>;
  /** Identities in the mixture's order; the same array while they are the same. */
  readonly ids: ReadonlySignal<readonly number[]>;
  /** The names of the two columns on show. */
  readonly columns: ReadonlySignal<readonly [string, string]>;
  /** The mixture on the screen, in all columns. */
  readonly shown: ReadonlySignal<Mixture | null>;
  /** The same in the plane on show. */
  readonly plane: ReadonlySignal<Mixture | null>;
  /** The mixture whose memberships colour the points. */
  readonly painted: ReadonlySignal<Mixture | null>;
}

export const DEFAULT_HEIGHT = 420; // CSS pixels

type Sources = Pick<KernelState, "kernel" | "structure" | "view" | "pendingEdits">;

/** What is derived from the kernel's state and the pending edits. */
function derived({ kernel, structure, view, pendingEdits }: Sources) {
  let held: Mixture | null = null;
  // An equal mixture keeps its identity, so that nothing is drawn or summed again.
  const shown = computed(() => {
    if (!kernel.value) return null;
    const { mixture, fit } = kernel.value;
    const next = withPendingEdits(mixture, fit.ids, pendingEdits.value, structure.value);
    if (!held || !same(held, next)) held = next;
    return held;
  });
  const plane = computed(() => inPlane(shown.value, view.value));
  const painted = computed(() => {
    const frozen = pendingEdits.value.size === 0 ? kernel.value?.fit.painted : null;
    if (frozen) return inPlane(frozen, view.value);
    const softness = kernel.value?.fit.softness ?? 1;
    if (softness === 1 || !shown.value) return plane.value;
    return inPlane(tempered(shown.value, softness), view.value);
  });
  const fit = computed(() => kernel.value?.fit ?? null);
  const ids = steady(() => fit.value?.ids ?? []);
  const columns = computed((): readonly [string, string] => {
    const [i, j] = view.value?.dims ?? [0, 1];
    return [view.value?.columns[i] ?? "", view.value?.columns[j] ?? ""];
  });
  return { shown, plane, painted, fit, ids, columns };
}

/** Nothing known yet. */
export function createKernelState(): KernelState {
  const sources: Sources = {
    kernel: signal<Kernel | null>(null),
    structure: signal(UNCONSTRAINED),
    view: signal<View | null>(null),
    pendingEdits: signal(NO_EDITS),
  };
  return {
    ...sources,
    ...derived(sources),
    running: signal(false),
    trace: signal<Trace>(NO_TRACE),
    tail: signal<readonly number[]>([]),
    survey: signal<RestartSurvey | null>(null),
    grid: signal<Grid | null>(null),
    cloud: signal<PlanePoints | null>(null),
    overview: signal<PlanePoints | null>(null),
    complete: signal(false),
    pointResponsibilities: signal<PointResponsibilities | null>(null),
    dated: signal(false),
    height: signal(DEFAULT_HEIGHT),
    problem: signal<Notice | null>(null),
    silence: signal<Silence>("no"),
  };
}

/** A list that keeps its identity while its entries do not change. */
function steady(read: () => readonly number[]): ReadonlySignal<readonly number[]> {
  let held: readonly number[] = [];
  return computed(() => {
    const next = read();
    if (next.length !== held.length || next.some((id, i) => id !== held[i])) held = next;
    return held;
  });
}

/** The mixture's marginal in the view's plane, where it has such columns. */
export function inPlane(mixture: Mixture | null, view: View | null): Mixture | null {
  const columns = mixture?.means[0]?.length ?? 0;
  if (!mixture || !view || view.dims.some((dim) => dim >= columns)) return null;
  return marginal(mixture, view.dims);
}

/** The trace with the steps of a run in progress at its end. */
export function wholeTrace({ trace, tail }: KernelState): ReadonlySignal<Trace> {
  return computed(() => withTail(trace.value, tail.value));
}

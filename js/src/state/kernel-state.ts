/*
 * What is known of the model, as signals, and what follows from it.
 *
 * The kernel's facts are written by the inbox alone; `hands` is the view's
 * own. The mixture on the screen is the one laid over the other.
 */
import { computed, type ReadonlySignal, type Signal, signal } from "@preact/signals-core";
import { type Mixture, marginal, same } from "../maths/mixture.ts";
import type { Cloud } from "../maths/points.ts";
import { type Structure, structureOf } from "../maths/structures.ts";
import { tempered } from "../maths/tempering.ts";
import type { Fit, Notice, View } from "../messages/messages.ts";
import { NO_TRACE, type Trace, withTail } from "./history.ts";
import { type Hands, NO_HANDS, overlaid } from "./pending-edits.ts";
import type { Tints } from "./responsibilities.ts";
import type { Survey } from "./restart-survey.ts";
import type { Grid } from "./selection-grid.ts";

export interface Kernel {
  readonly mixture: Mixture;
  readonly fit: Fit;
}

/** How long the kernel has been silent: not at all, for a while, from the start, or for good. */
export type Silence = "no" | "busy" | "absent" | "gone";

export interface Facts {
  readonly kernel: Signal<Kernel | null>;
  readonly running: Signal<boolean>;
  readonly structure: Signal<Structure>;
  readonly trace: Signal<Trace>;
  /** Log-likelihoods of a run that the trace does not hold yet. */
  readonly tail: Signal<readonly number[]>;
  /** What many starts found; null where nobody has asked. */
  readonly survey: Signal<Survey | null>;
  /** Fits to choose from; null where nobody has asked. */
  readonly grid: Signal<Grid | null>;
  readonly view: Signal<View | null>;
  readonly cloud: Signal<Cloud | null>;
  /** All of the data as finely as they are known, where `cloud` is a part of them; else null. */
  readonly overview: Signal<Cloud | null>;
  /** All points are here, not only a preview. */
  readonly complete: Signal<boolean>;
  /** What colours single points by all columns; null while that is not wanted or has not come. */
  readonly tints: Signal<Tints | null>;
  /** They are those of an earlier model. */
  readonly dated: Signal<boolean>;
  readonly height: Signal<number>;
  readonly hands: Signal<Hands>;
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

type Sources = Pick<Facts, "kernel" | "structure" | "view" | "hands">;

/** What follows from what the kernel said and what hands hold. */
function derived({ kernel, structure, view, hands }: Sources) {
  let held: Mixture | null = null;
  // What comes to the same keeps its identity, and with it all that was drawn and summed of it.
  const shown = computed(() => {
    if (!kernel.value) return null;
    const { mixture, fit } = kernel.value;
    const next = overlaid(mixture, fit.ids, hands.value, structure.value);
    if (!held || !same(held, next)) held = next;
    return held;
  });
  const plane = computed(() => inPlane(shown.value, view.value));
  const painted = computed(() => {
    const frozen = hands.value.size === 0 ? kernel.value?.fit.painted : null;
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
export function createFacts(): Facts {
  const sources: Sources = {
    kernel: signal<Kernel | null>(null),
    structure: signal(structureOf("full")),
    view: signal<View | null>(null),
    hands: signal(NO_HANDS),
  };
  return {
    ...sources,
    ...derived(sources),
    running: signal(false),
    trace: signal<Trace>(NO_TRACE),
    tail: signal<readonly number[]>([]),
    survey: signal<Survey | null>(null),
    grid: signal<Grid | null>(null),
    cloud: signal<Cloud | null>(null),
    overview: signal<Cloud | null>(null),
    complete: signal(false),
    tints: signal<Tints | null>(null),
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
export function wholeTrace({ trace, tail }: Facts): ReadonlySignal<Trace> {
  return computed(() => withTail(trace.value, tail.value));
}

/*
 * The figures on show: the kernel's, or the browser's until the kernel's come.
 *
 * Under the hand they are the last ones that the kernel computed plus the
 * change that the browser has summed since, so that cells instead of points
 * and float32 instead of float64 cancel out of what is read.
 */
import { computed, type ReadonlySignal, signal } from "@preact/signals-core";
import { watch } from "../base/lifetime.ts";
import { logLikelihood } from "../maths/likelihood.ts";
import { hasDensity, type Mixture } from "../maths/mixture.ts";
import { nextStep } from "../maths/next-em-step.ts";
import { type Cloud, condensed } from "../maths/points.ts";
import type { Fit } from "../messages/messages.ts";
import { type Facts, inPlane, type Kernel } from "./kernel-state.ts";

export interface Figures {
  readonly logLikelihood: number | null;
  readonly bic: number | null;
  /** True while they are the browser's, and not yet the kernel's. */
  readonly live: boolean;
}

const EXACT = 20_000; // rows up to which the sum runs over all points
const WORK = 48_000; // rows times components that a hint in every frame may take

/** The BIC at a log-likelihood, with the penalty that the last exact one had. */
function scoreAt(value: number, base: Fit, fit: Fit): number | null {
  if (base.bic === null || base.logLikelihood === null || base.nParameters === 0) return null;
  const penalty = base.bic + 2 * base.logLikelihood;
  return (penalty * fit.nParameters) / base.nParameters - 2 * value;
}

/** Few enough rows to sum over on every frame; null where the plane is not all of the data. */
export function createRows(facts: Facts): ReadonlySignal<Cloud | null> {
  return computed(() => {
    const cloud = facts.overview.value ?? facts.cloud.value;
    return cloud && facts.view.value?.d === 2 ? condensed(cloud, EXACT) : null;
  });
}

/** Where the next EM step would take the components in hand and those around them. */
export function createGhost(
  facts: Facts,
  rows: ReadonlySignal<Cloud | null>,
): ReadonlySignal<Mixture | null> {
  const few = computed(() => {
    return rows.value && condensed(rows.value, WORK / Math.max(1, facts.ids.value.length));
  });
  return computed(() => {
    const [plane, fit] = [facts.plane.value, facts.fit.value];
    if (facts.hands.value.size === 0 || facts.running.value || !plane || !fit) return null;
    if (!hasDensity(plane)) return null;
    return few.value && nextStep(plane, few.value, facts.structure.value, fit.locks);
  });
}

/** The figures of the state on the screen. */
export function createFigures(
  end: AbortSignal,
  facts: Facts,
  rows: ReadonlySignal<Cloud | null>,
): ReadonlySignal<Figures> {
  const exact = signal<Kernel | null>(null);
  watch(end, () => {
    const kernel = facts.kernel.value;
    if (kernel && kernel.fit.logLikelihood !== null) exact.value = kernel;
  });
  const local = (mixture: Mixture | null): number | null =>
    mixture && rows.value ? logLikelihood(mixture, rows.value) : null;
  const atBase = computed(() => local(inPlane(exact.value?.mixture ?? null, facts.view.value)));
  const atHand = computed(() => local(facts.plane.value));
  return computed((): Figures => {
    const fit = facts.fit.value;
    const said = { logLikelihood: fit?.logLikelihood ?? null, bic: fit?.bic ?? null };
    const exactNow = said.logLikelihood !== null && facts.hands.value.size === 0;
    if (!fit || exactNow) return { ...said, live: false };
    const base = exact.value?.fit;
    const now = atHand.value;
    if (now === null || !base) {
      const last = said.logLikelihood === null && base ? base : said;
      return { logLikelihood: last.logLikelihood, bic: last.bic, live: true };
    }
    const value = (base.logLikelihood ?? 0) + now - (atBase.value ?? now);
    return { logLikelihood: value, bic: scoreAt(value, base, fit), live: true };
  });
}

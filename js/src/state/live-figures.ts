/*
 * The figures shown: the kernel's, or the browser's until the kernel's arrive.
 *
 * During a drag they are the kernel's last ones plus the change that the browser
 * has computed since, so that bins instead of points and float32 instead of
 * float64 cancel out.
 */
import { computed, type ReadonlySignal, signal } from "@preact/signals-core";
import { watch } from "../base/lifetime.ts";
import { logLikelihood } from "../maths/likelihood.ts";
import { hasDensity, type Mixture } from "../maths/mixture.ts";
import { nextStep } from "../maths/next-em-step.ts";
import { condensed, type PlanePoints } from "../maths/points.ts";
import type { Fit } from "../messages/messages.ts";
import { inPlane, type Kernel, type KernelState } from "./kernel-state.ts";

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
export function createRows(kernelState: KernelState): ReadonlySignal<PlanePoints | null> {
  return computed(() => {
    const cloud = kernelState.overview.value ?? kernelState.cloud.value;
    return cloud && kernelState.view.value?.d === 2 ? condensed(cloud, EXACT) : null;
  });
}

/** Where the next EM step would take the components, while one is dragged. */
export function createNextStep(
  kernelState: KernelState,
  rows: ReadonlySignal<PlanePoints | null>,
): ReadonlySignal<Mixture | null> {
  const few = computed(() => {
    return rows.value && condensed(rows.value, WORK / Math.max(1, kernelState.ids.value.length));
  });
  return computed(() => {
    const [plane, fit] = [kernelState.plane.value, kernelState.fit.value];
    if (kernelState.pendingEdits.value.size === 0 || kernelState.running.value || !plane || !fit)
      return null;
    if (!hasDensity(plane) || !kernelState.structure.value.averages) return null;
    return few.value && nextStep(plane, few.value, kernelState.structure.value, fit.locks);
  });
}

/** The figures of the state on the screen. */
export function createFigures(
  end: AbortSignal,
  kernelState: KernelState,
  rows: ReadonlySignal<PlanePoints | null>,
): ReadonlySignal<Figures> {
  const exact = signal<Kernel | null>(null);
  watch(end, () => {
    const kernel = kernelState.kernel.value;
    if (kernel && kernel.fit.logLikelihood !== null) exact.value = kernel;
  });
  const local = (mixture: Mixture | null): number | null =>
    mixture && rows.value ? logLikelihood(mixture, rows.value) : null;
  const atBase = computed(() =>
    local(inPlane(exact.value?.mixture ?? null, kernelState.view.value)),
  );
  const atHand = computed(() => local(kernelState.plane.value));
  return computed((): Figures => {
    const fit = kernelState.fit.value;
    const said = { logLikelihood: fit?.logLikelihood ?? null, bic: fit?.bic ?? null };
    const exactNow = said.logLikelihood !== null && kernelState.pendingEdits.value.size === 0;
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

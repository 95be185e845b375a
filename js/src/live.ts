/*
 * The figures on show: the kernel's, or the browser's while a hand works.
 *
 * Under the hand they are the kernel's value at the grab plus the change
 * that the browser has summed since, so that cells instead of points and
 * float32 instead of float64 cancel out of what is read.
 */
import { computed, type ReadonlySignal } from "@preact/signals-core";
import { condensed } from "./cloud.ts";
import { type Facts, inPlane } from "./facts.ts";
import { logLikelihood } from "./likelihood.ts";
import type { Mixture } from "./mixture.ts";

export interface Figures {
  readonly logLikelihood: number | null;
  readonly bic: number | null;
  /** True while they are the browser's, and not yet the kernel's. */
  readonly live: boolean;
}

interface Base {
  readonly kernel: number;
  readonly bic: number | null;
  readonly local: number;
}

const EXACT = 20_000; // rows up to which the sum runs over all points

/** The figures, and the call that marks a grab as their new base. */
export function createFigures(facts: Facts): {
  figures: ReadonlySignal<Figures>;
  grab(): void;
} {
  const rows = computed(() => (facts.cloud.value ? condensed(facts.cloud.value, EXACT) : null));
  const local = (mixture: Mixture | null): number | null => {
    const known = facts.view.value?.d === 2 ? rows.value : null;
    return mixture && known ? logLikelihood(mixture, known) : null;
  };
  let base: Base | null = null;
  const grab = () => {
    const kernel = facts.kernel.peek();
    const now = kernel ? local(inPlane(kernel.mixture, facts.view.peek())) : null;
    base =
      kernel && now !== null
        ? { kernel: kernel.fit.logLikelihood ?? now, bic: kernel.fit.bic, local: now }
        : null;
  };
  const figures = computed((): Figures => {
    const fit = facts.kernel.value?.fit;
    const said = { logLikelihood: fit?.logLikelihood ?? null, bic: fit?.bic ?? null };
    if (facts.hands.value.size === 0) return { ...said, live: false };
    const now = local(facts.plane.value);
    if (now === null || !base) return { ...said, live: true };
    const change = now - base.local;
    const bic = base.bic === null ? null : base.bic - 2 * change;
    return { logLikelihood: base.kernel + change, bic, live: true };
  });
  return { figures, grab };
}

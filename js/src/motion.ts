/*
 * A step is seen as a movement: the mixture on the screen glides from where
 * it was to where the kernel put it.
 *
 * Only between states at rest: never under a hand, never during a run, never
 * for those who asked for less motion. Every mixture on the way is a proper
 * one, since a mean of covariances is a covariance.
 */
import { type ReadonlySignal, signal, untracked } from "@preact/signals-core";
import { frame, watch } from "./life.ts";
import { between, type Mixture } from "./mixture.ts";

const GLIDE = 220; // ms

export interface MotionProps {
  readonly target: ReadonlySignal<Mixture | null>;
  readonly ids: ReadonlySignal<readonly number[]>;
  /** True while the screen must follow at once. */
  readonly urgent: ReadonlySignal<boolean>;
}

const eased = (t: number) => 1 - (1 - t) ** 3;

const still = () => globalThis.matchMedia?.("(prefers-reduced-motion: reduce)").matches ?? false;

/** The target with its jumps at rest smoothed. */
export function glided(
  end: AbortSignal,
  { target, ids, urgent }: MotionProps,
): { shown: ReadonlySignal<Mixture | null>; moving: ReadonlySignal<boolean> } {
  const shown = signal<Mixture | null>(target.peek());
  const moving = signal(false);
  let from: Mixture | null = null;
  let started = 0;
  let held: readonly number[] = [];
  let hurried = true;
  const advance = frame(end, (now) => {
    const goal = target.peek();
    if (!moving.peek() || !from || !goal) return;
    if (started === 0) started = now;
    const t = Math.min(1, (now - started) / GLIDE);
    shown.value = t < 1 ? between(from, goal, eased(t)) : goal;
    moving.value = t < 1;
    if (t < 1) advance();
  });
  watch(end, () => {
    const goal = target.value;
    const same = ids.value === held && shown.peek()?.means[0]?.length === goal?.means[0]?.length;
    // The change that ends a drag or a run is not a jump either.
    const jump = urgent.value || hurried || !same || still();
    held = ids.value;
    hurried = urgent.value;
    if (goal === untracked(() => shown.value)) return;
    if (jump || !goal || !shown.peek()) {
      moving.value = false;
      shown.value = goal;
      return;
    }
    from = shown.peek();
    started = 0;
    moving.value = true;
    advance();
  });
  return { shown, moving };
}

/*
 * A step is seen as a movement: the mixture on the screen glides from where
 * it was to where the kernel put it.
 *
 * Only between states at rest: never under a hand, never during a run, never
 * for those who asked for less motion. Every mixture on the way is a proper
 * one, since a mean of covariances is a covariance.
 */
import { type ReadonlySignal, type Signal, signal } from "@preact/signals-core";
import { frame, watch } from "../base/lifetime.ts";
import { between, type Mixture } from "../maths/mixture.ts";

const DURATION = 220; // ms

export interface MotionProps {
  readonly target: ReadonlySignal<Mixture | null>;
  readonly ids: ReadonlySignal<readonly number[]>;
  /** What is seen: between the same components elsewhere, nothing has moved. */
  readonly view: ReadonlySignal<unknown>;
  /** True while the screen must follow at once. */
  readonly urgent: ReadonlySignal<boolean>;
}

export interface Motion {
  readonly shown: ReadonlySignal<Mixture | null>;
  readonly moving: ReadonlySignal<boolean>;
}

const eased = (t: number) => 1 - (1 - t) ** 3;

const still = () => globalThis.matchMedia?.("(prefers-reduced-motion: reduce)").matches ?? false;

/** What is on the screen while it follows a target. */
class Glide {
  readonly shown: Signal<Mixture | null>;
  readonly moving = signal(false);
  readonly #target: ReadonlySignal<Mixture | null>;
  readonly #advance: () => void;
  #from: Mixture | null = null;
  #started = 0;

  constructor(end: AbortSignal, target: ReadonlySignal<Mixture | null>) {
    this.#target = target;
    this.shown = signal(target.peek());
    this.#advance = frame(end, (now) => this.#step(now));
  }

  jump(): void {
    this.moving.value = false;
    this.shown.value = this.#target.peek();
  }

  start(): void {
    this.#from = this.shown.peek();
    this.#started = 0;
    this.moving.value = true;
    this.#advance();
  }

  #step(now: number): void {
    const goal = this.#target.peek();
    if (!this.moving.peek() || !this.#from || !goal) return;
    this.#started ||= now;
    const t = Math.min(1, (now - this.#started) / DURATION);
    this.shown.value = t < 1 ? between(this.#from, goal, eased(t)) : goal;
    this.moving.value = t < 1;
    if (t < 1) this.#advance();
  }
}

/** The target with its jumps at rest smoothed. */
export function glided(end: AbortSignal, { target, ids, view, urgent }: MotionProps): Motion {
  const glide = new Glide(end, target);
  let held: readonly unknown[] = [];
  let hurried = true;
  watch(end, () => {
    const [goal, now] = [target.value, glide.shown.peek()];
    const same = ids.value === held[0] && view.value === held[1];
    // The change that ends a drag or a run is not a jump either.
    const jumps = urgent.value || hurried || !same || still();
    held = [ids.value, view.value];
    hurried = urgent.value;
    if (goal === now) return;
    if (jumps || !goal || !now) glide.jump();
    else glide.start();
  });
  return glide;
}

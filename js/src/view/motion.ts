/*
 * Animates single steps: the mixture on the screen is interpolated from what
 * was shown to the kernel's new one.
 *
 * Not during a drag or a run, and not for those who asked for less motion.
 * Every interpolated mixture is valid, since a mean of covariances is a
 * covariance.
 */
import { type ReadonlySignal, type Signal, signal } from "@preact/signals-core";
import { frame, watch } from "../base/lifetime.ts";
import { between, type Mixture } from "../maths/mixture.ts";

const DURATION = 220; // ms

export interface MotionProps {
  readonly target: ReadonlySignal<Mixture | null>;
  readonly ids: ReadonlySignal<readonly number[]>;
  /** Columns and data on show: a change of these is not animated. */
  readonly view: ReadonlySignal<unknown>;
  /** True while changes must be shown at once. */
  readonly urgent: ReadonlySignal<boolean>;
}

export interface Motion {
  readonly shown: ReadonlySignal<Mixture | null>;
  readonly moving: ReadonlySignal<boolean>;
}

const eased = (t: number) => 1 - (1 - t) ** 3;

const still = () => globalThis.matchMedia?.("(prefers-reduced-motion: reduce)").matches ?? false;

/** The animation towards a target. */
class Animation {
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

/** The target, with single jumps animated. */
export function animated(end: AbortSignal, { target, ids, view, urgent }: MotionProps): Motion {
  const animation = new Animation(end, target);
  let last: readonly unknown[] = [];
  let wasUrgent = true;
  watch(end, () => {
    const [goal, now] = [target.value, animation.shown.peek()];
    const same = ids.value === last[0] && view.value === last[1];
    // The change that ends a drag or a run is not a jump either.
    const jumps = urgent.value || wasUrgent || !same || still();
    last = [ids.value, view.value];
    wasUrgent = urgent.value;
    if (goal === now) return;
    if (jumps || !goal || !now) animation.jump();
    else animation.start();
  });
  return animation;
}

/*
 * Responsibilities of single points in all columns, which only the kernel can
 * compute: requested chunk by chunk whenever the model is at rest.
 *
 * A round is shown only when it is complete, so that one picture belongs to one
 * model; during a run, to states a moment apart.
 */
import type { Signal } from "@preact/signals-core";
import { timer, watch } from "../base/lifetime.ts";
import { fail } from "../messages/checks.ts";
import type { KernelState } from "../state/kernel-state.ts";
import { type PointResponsibilities, parseResponsibilities } from "../state/responsibilities.ts";
import type { SendQueue } from "./outgoing.ts";

const REST = 60; // ms without a change after which the model counts as at rest

/** Requests responsibilities and keeps `pointResponsibilities` and `dated` to the answers. */
export class ResponsibilityRequests {
  readonly #kernelState: KernelState;
  readonly #sendQueue: SendQueue;
  readonly #due: ReturnType<typeof timer>;
  /** The request in flight: its chunk and its message number. */
  #asked: { readonly index: number; readonly seq: number } | null = null;
  #coming: PointResponsibilities = new Uint8Array();
  #filled = 0;
  /** The model that the round began with, and that the last whole round did. */
  #rev = -1;
  #held = -1;
  #wanted: Signal<boolean> | null = null;

  constructor(end: AbortSignal, kernelState: KernelState, sendQueue: SendQueue) {
    this.#kernelState = kernelState;
    this.#sendQueue = sendQueue;
    this.#due = timer(end, REST, () => this.#ask(0));
  }

  /** Keep responsibilities up to date while `wanted`; sets it to false when they are refused. */
  follow(end: AbortSignal, wanted: Signal<boolean>): void {
    const { view, complete, pointResponsibilities } = this.#kernelState;
    this.#wanted = wanted;
    let data: number | undefined;
    watch(end, () => {
      const { dataRev, d, travels } = view.value ?? { d: 0 };
      const on = wanted.value && complete.value && d > 2 && travels === "points";
      if (!on || dataRev !== data) {
        this.#asked = pointResponsibilities.value = null;
        this.#held = -1;
      }
      data = dataRev;
      this.#look(on);
    });
  }

  /** Whether this message is our request. */
  waits(seq: number): boolean {
    return seq === this.#asked?.seq;
  }

  /** The kernel refused our request: no more are sent. */
  refused(): void {
    this.#asked = null;
    if (this.#wanted) this.#wanted.value = false;
  }

  /** Take an answer; WireError where it is not one. */
  receive(message: unknown, buffer: unknown): void {
    const { view, running, pointResponsibilities } = this.#kernelState;
    const {
      dataRev,
      index,
      rev,
      n,
      start,
      pointResponsibilities: part,
    } = parseResponsibilities(message, buffer);
    const held = view.peek();
    if (dataRev !== held?.dataRev || n !== held.n) return;
    if (index !== this.#asked?.index || rev < this.#rev) return;
    this.#asked = null;
    if (index === 0) {
      this.#coming = new Uint8Array(4 * n);
      this.#rev = rev;
    } else if (rev > this.#rev && !running.peek()) {
      this.#look(true); // the model has changed meanwhile: begin again
      return;
    }
    if (4 * start !== this.#filled) fail("memberships come out of order");
    this.#coming.set(part, this.#filled);
    this.#filled += part.length;
    if (this.#filled < this.#coming.length) this.#ask(index + 1);
    else {
      pointResponsibilities.value = this.#coming;
      this.#held = this.#rev;
      this.#look(true);
    }
  }

  /** See how old what is held is, and ask anew once the model rests; the kernel paces a run. */
  #look(on: boolean): void {
    const { kernel, running, pendingEdits, dated } = this.#kernelState;
    const late = (kernel.value?.fit.rev ?? -1) > this.#held;
    const [held, runs] = [pendingEdits.value.size > 0, running.value];
    dated.value = held || (late && !runs);
    if (!on || held || !late) this.#due.stop();
    else if (!runs || !this.#due.pending()) this.#due.start();
  }

  #ask(index: number): void {
    const data_rev = this.#kernelState.view.peek()?.dataRev;
    if (this.#asked || data_rev === undefined) return;
    if (index === 0) this.#filled = 0;
    this.#asked = { index, seq: this.#sendQueue.now({ kind: "memberships", data_rev, index }) };
  }
}

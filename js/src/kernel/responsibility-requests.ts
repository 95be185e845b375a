/*
 * Memberships of single points in all columns, which only the kernel can
 * work out: asked for chunk by chunk, whenever the model has come to rest.
 *
 * A round is on the screen only when it is whole, so that one picture is of
 * one model; during a run, of models a moment apart.
 */
import type { Signal } from "@preact/signals-core";
import { timer, watch } from "../base/lifetime.ts";
import { fail } from "../messages/checks.ts";
import type { Facts } from "../state/kernel-state.ts";
import { parseTints, type Tints } from "../state/responsibilities.ts";
import type { Outbox } from "./outgoing.ts";

const REST = 60; // ms without news after which the model is taken to rest

/** Asks for memberships and keeps `tints` and `dated` to what came. */
export class Memberships {
  readonly #facts: Facts;
  readonly #outbox: Outbox;
  readonly #due: ReturnType<typeof timer>;
  /** The question that waits for its answer: which chunk, and as what message. */
  #asked: { readonly index: number; readonly seq: number } | null = null;
  #coming: Tints = new Uint8Array();
  #filled = 0;
  /** The model that the round began with, and that the last whole round did. */
  #rev = -1;
  #held = -1;
  #wanted: Signal<boolean> | null = null;

  constructor(end: AbortSignal, facts: Facts, outbox: Outbox) {
    this.#facts = facts;
    this.#outbox = outbox;
    this.#due = timer(end, REST, () => this.#ask(0));
  }

  /** Keep memberships up to date while they are wanted; false is written when they are refused. */
  follow(end: AbortSignal, wanted: Signal<boolean>): void {
    const { view, complete, tints } = this.#facts;
    this.#wanted = wanted;
    let data: number | undefined;
    watch(end, () => {
      const { dataRev, d, travels } = view.value ?? { d: 0 };
      const on = wanted.value && complete.value && d > 2 && travels === "points";
      if (!on || dataRev !== data) {
        this.#asked = tints.value = null;
        this.#held = -1;
      }
      data = dataRev;
      this.#look(on);
    });
  }

  /** This message is our question. */
  waits(seq: number): boolean {
    return seq === this.#asked?.seq;
  }

  /** The kernel refused our question: nothing more is asked for. */
  refused(): void {
    this.#asked = null;
    if (this.#wanted) this.#wanted.value = false;
  }

  /** Take an answer; WireError where it is not one. */
  receive(message: unknown, buffer: unknown): void {
    const { view, running, tints } = this.#facts;
    const { dataRev, index, rev, n, start, tints: part } = parseTints(message, buffer);
    const held = view.peek();
    if (dataRev !== held?.dataRev || n !== held.n) return;
    if (index !== this.#asked?.index || rev < this.#rev) return;
    this.#asked = null;
    if (index === 0) {
      this.#coming = new Uint8Array(4 * n);
      this.#rev = rev;
    } else if (rev > this.#rev && !running.peek()) {
      this.#look(true); // another model meanwhile: from the beginning
      return;
    }
    if (4 * start !== this.#filled) fail("memberships come out of order");
    this.#coming.set(part, this.#filled);
    this.#filled += part.length;
    if (this.#filled < this.#coming.length) this.#ask(index + 1);
    else {
      tints.value = this.#coming;
      this.#held = this.#rev;
      this.#look(true);
    }
  }

  /** See how old what is held is, and ask anew once the model rests; the kernel paces a run. */
  #look(on: boolean): void {
    const { kernel, running, hands, dated } = this.#facts;
    const late = (kernel.value?.fit.rev ?? -1) > this.#held;
    const [held, runs] = [hands.value.size > 0, running.value];
    dated.value = held || (late && !runs);
    if (!on || held || !late) this.#due.stop();
    else if (!runs || !this.#due.pending()) this.#due.start();
  }

  #ask(index: number): void {
    if (this.#asked) return;
    if (index === 0) this.#filled = 0;
    const data_rev = this.#facts.view.peek()?.dataRev;
    this.#asked = { index, seq: this.#outbox.now({ kind: "memberships", data_rev, index }) };
  }
}

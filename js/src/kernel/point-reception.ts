/*
 * Points as they come from the kernel, chunk by chunk. A stream that stalls,
 * because a chunk or its receipt was lost, is asked for again.
 */
import { timer } from "../base/lifetime.ts";
import { parseChunk } from "../messages/messages.ts";
import type { Facts } from "../state/kernel-state.ts";
import { Intake } from "../state/received-points.ts";
import type { Outbox } from "./outgoing.ts";

export const STALLED = 5000; // ms without a chunk

export class PointReception {
  readonly #facts: Facts;
  readonly #outbox: Outbox;
  readonly #stalled: { start(): void; stop(): void };
  #intake: Intake | null = null;

  constructor(end: AbortSignal, facts: Facts, outbox: Outbox, again: () => void) {
    this.#facts = facts;
    this.#outbox = outbox;
    this.#stalled = timer(end, STALLED, again);
  }

  /** Points have been asked for: they should come now. */
  expect(): void {
    const { complete, view } = this.#facts;
    if (!complete.peek() && view.peek()?.travels !== "counts") this.#stalled.start();
  }

  /** Other points are on their way: what came of the former is dropped. */
  reset(): void {
    this.#intake = null;
  }

  receive(message: Readonly<Record<string, unknown>>, buffer: unknown): void {
    const { view, complete, cloud } = this.#facts;
    const held = view.peek();
    const chunk = parseChunk(message, buffer);
    if (!held || chunk.dataRev !== held.dataRev) return;
    this.#outbox.now({ kind: "data_ack", data_rev: chunk.dataRev, index: chunk.index });
    if (complete.peek()) return;
    this.#stalled.start();
    this.#intake ??= new Intake(chunk);
    if (!this.#intake.take(chunk)) return;
    this.#stalled.stop();
    complete.value = true;
    cloud.value = this.#intake.cloud(held);
    this.#intake = null;
  }
}

/*
 * Points as they come from the kernel, chunk by chunk. A stream that stalls,
 * because a chunk or its receipt was lost, is asked for again.
 */
import { timer } from "../base/lifetime.ts";
import { parseChunk } from "../messages/messages.ts";
import type { KernelState } from "../state/kernel-state.ts";
import { ChunkAssembly } from "../state/received-points.ts";
import type { SendQueue } from "./outgoing.ts";

export const STALLED = 5000; // ms without a chunk

export class PointReception {
  readonly #kernelState: KernelState;
  readonly #sendQueue: SendQueue;
  readonly #stalled: { start(): void; stop(): void };
  #intake: ChunkAssembly | null = null;

  constructor(end: AbortSignal, kernelState: KernelState, sendQueue: SendQueue, again: () => void) {
    this.#kernelState = kernelState;
    this.#sendQueue = sendQueue;
    this.#stalled = timer(end, STALLED, again);
  }

  /** Points have been asked for: they should come now. */
  expect(): void {
    const { complete, view } = this.#kernelState;
    if (!complete.peek() && view.peek()?.travels !== "counts") this.#stalled.start();
  }

  /** Other points are on their way: what came of the former is dropped. */
  reset(): void {
    this.#intake = null;
  }

  receive(message: Readonly<Record<string, unknown>>, buffer: unknown): void {
    const { view, complete, cloud } = this.#kernelState;
    const held = view.peek();
    const chunk = parseChunk(message, buffer);
    if (!held || chunk.dataRev !== held.dataRev) return;
    this.#sendQueue.now({ kind: "data_ack", data_rev: chunk.dataRev, index: chunk.index });
    if (complete.peek()) return;
    this.#stalled.start();
    this.#intake ??= new ChunkAssembly(chunk);
    if (!this.#intake.take(chunk)) return;
    this.#stalled.stop();
    complete.value = true;
    cloud.value = this.#intake.cloud(held);
    this.#intake = null;
  }
}

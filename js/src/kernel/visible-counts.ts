/*
 * Counts on a grid over the visible region, for data too many to be sent.
 *
 * The kernel is asked for the region around the view once that has not moved for
 * a moment. Until the answer arrives the coarser counts of all data are shown,
 * so that the plot is never empty.
 */
import type { ReadonlySignal } from "@preact/signals-core";
import { timer, watch } from "../base/lifetime.ts";
import type { Extent, Viewport } from "../maths/geometry/viewport.ts";
import type { PlanePoints } from "../maths/points.ts";
import { fail } from "../messages/checks.ts";
import { MAX_BINS } from "../messages/commands.ts";
import { bytes, parseGrid } from "../messages/messages.ts";
import type { KernelState } from "../state/kernel-state.ts";
import { pointsOfCounts } from "../state/received-points.ts";
import type { SendQueue } from "./outgoing.ts";

export const PAUSE = 150; // ms without a pan or zoom before counts are requested
const AROUND = 0.25; // of the view on each side, so that a short pan needs nothing new

/** The extent with some room on each side. */
export function around([x0, x1, y0, y1]: Extent): Extent {
  const [dx, dy] = [(x1 - x0) * AROUND, (y1 - y0) * AROUND];
  return [x0 - dx, x1 + dx, y0 - dy, y1 + dy];
}

const covers = (a: Extent, b: Extent) =>
  a[0] <= b[0] && a[1] >= b[1] && a[2] <= b[2] && a[3] >= b[3];

const cells = (size: number) => Math.min(MAX_BINS, Math.max(1, Math.ceil(size * (1 + 2 * AROUND))));

async function unpacked(packed: Uint8Array): Promise<Uint8Array> {
  const stream = new Blob([packed.slice()]).stream();
  const plain = stream.pipeThrough(new DecompressionStream("deflate"));
  const all = new Response(plain).arrayBuffer();
  return new Uint8Array(await all.catch(() => fail("grid buffer can't be unpacked")));
}

/** Requests counts of regions and shows them. */
export class CountRequests {
  readonly #end: AbortSignal;
  readonly #kernelState: KernelState;
  readonly #sendQueue: SendQueue;
  #asked = "";
  #held: { readonly extent: Extent; readonly span: number; readonly cloud: PlanePoints } | null =
    null;

  constructor(end: AbortSignal, kernelState: KernelState, sendQueue: SendQueue) {
    this.#end = end;
    this.#kernelState = kernelState;
    this.#sendQueue = sendQueue;
  }

  /** Keep the points to the visible region. */
  follow(visible: ReadonlySignal<Viewport | null>): void {
    const { view } = this.#kernelState;
    const pause = timer(this.#end, PAUSE, () => this.#ask(visible.peek()));
    let rev = -1;
    watch(this.#end, () => {
      const port = visible.value;
      if (!port || view.value?.travels !== "counts") return;
      if (view.value.dataRev !== rev) this.#held = null;
      rev = view.value.dataRev;
      if (this.#serves(port.extent)) return;
      if (this.#held && !covers(this.#held.extent, port.extent)) this.#showWhole();
      pause.start();
    });
  }

  /** Take an answer; WireError where it is not what was asked for. */
  async receive(message: Readonly<Record<string, unknown>>, buffer: unknown): Promise<void> {
    const { view, cloud, overview, complete } = this.#kernelState;
    const { dataRev, extent, shape } = parseGrid(message);
    const counts = await unpacked(bytes(buffer, "grid buffer"));
    if (this.#end.aborted || dataRev !== view.peek()?.dataRev) return;
    const made = pointsOfCounts(extent, shape, counts);
    const home = view.peek()!.extent;
    if (covers(extent, home)) overview.value = made;
    if (this.#asked !== JSON.stringify([dataRev, extent])) return;
    this.#held = { extent, span: (extent[1] - extent[0]) / (1 + 2 * AROUND), cloud: made };
    cloud.value = made;
    complete.value = true;
  }

  /** What is held covers the view, and finely enough. */
  #serves(extent: Extent): boolean {
    const held = this.#held;
    const near = held && extent[1] - extent[0] > 0.8 * held.span;
    return held !== null && near === true && covers(held.extent, extent);
  }

  #showWhole(): void {
    const { cloud, overview } = this.#kernelState;
    if (overview.peek()) cloud.value = overview.peek();
  }

  #ask(port: Viewport | null): void {
    const dataRev = this.#kernelState.view.peek()?.dataRev;
    if (!port || dataRev === undefined || !("DecompressionStream" in globalThis)) return;
    const extent = around(port.extent);
    this.#asked = JSON.stringify([dataRev, extent]);
    const shape = [cells(port.width), cells(port.height)];
    this.#sendQueue.now({ kind: "region", data_rev: dataRev, extent, shape });
  }
}

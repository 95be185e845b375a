/*
 * Points as they arrive: assembled from the kernel's chunks, or read from the
 * saved preview or from counts on a grid.
 */
import type { Extent } from "../maths/geometry/viewport.ts";
import type { Dims } from "../maths/mixture.ts";
import type { PlanePoints } from "../maths/points.ts";
import { WireError } from "../messages/checks.ts";
import type { Chunk, Preview, View } from "../messages/messages.ts";

/** Collects chunks, in any order and more than once, into one cloud. */
export class ChunkAssembly {
  readonly dataRev: number;
  readonly #xy: Float32Array;
  readonly #held: Set<number> = new Set();
  readonly #chunks: number;

  constructor(first: Chunk) {
    this.dataRev = first.dataRev;
    this.#xy = new Float32Array(first.n * 2);
    this.#chunks = first.chunks;
  }

  /** Take one chunk; true once all are held. */
  take(chunk: Chunk): boolean {
    const fits = chunk.n * 2 === this.#xy.length && chunk.chunks === this.#chunks;
    if (fits && !this.#held.has(chunk.index)) {
      this.#xy.set(chunk.xy, chunk.start * 2);
      this.#held.add(chunk.index);
    }
    return this.#held.size === this.#chunks;
  }

  cloud(view: View): PlanePoints {
    const { origin, scale } = view;
    const total = this.#xy.length / 2;
    return { xy: this.#xy, weight: null, origin, scale, total, cell: null };
  }
}

/** The saved preview's occupied cells, at their centres. */
export function previewPoints(preview: Preview): PlanePoints {
  const [ny, nx] = preview.shape;
  const [x0, x1, y0, y1] = preview.extent;
  const cell = [(x1 - x0) / nx, (y1 - y0) / ny] as const;
  const occupied = preview.counts.reduce((sum, byte) => sum + (byte > 0 ? 1 : 0), 0);
  const xy = new Float32Array(occupied * 2);
  const weight = new Float32Array(occupied);
  const top = Math.log1p(preview.max);
  let row = 0;
  let total = 0;
  preview.counts.forEach((byte, index) => {
    if (byte === 0) return;
    xy[2 * row] = (index % nx) + 0.5;
    xy[2 * row + 1] = Math.floor(index / nx) + 0.5;
    weight[row] = Math.max(1, Math.round(Math.expm1((byte / 255) * top)));
    total += weight[row]!;
    row += 1;
  });
  return { xy, weight, origin: [x0, y0], scale: cell, total, cell };
}

/** Counts on a grid (little-endian uint32, row 0 lowest) as rows at the centres of its cells. */
export function pointsOfCounts(extent: Extent, [nx, ny]: Dims, packed: Uint8Array): PlanePoints {
  if (packed.byteLength !== 4 * nx * ny) throw new WireError("grid buffer and shape disagree");
  const counts = new Uint32Array(packed.slice().buffer);
  const [x0, x1, y0, y1] = extent;
  const cell = [(x1 - x0) / nx, (y1 - y0) / ny] as const;
  const occupied = counts.reduce((sum, n) => sum + (n > 0 ? 1 : 0), 0);
  const xy = new Float32Array(occupied * 2);
  const weight = new Float32Array(occupied);
  let [row, total] = [0, 0];
  counts.forEach((n, index) => {
    if (n === 0) return;
    xy[2 * row] = (index % nx) + 0.5;
    xy[2 * row + 1] = Math.floor(index / nx) + 0.5;
    weight[row] = n;
    total += n;
    row += 1;
  });
  return { xy, weight, origin: [x0, y0], scale: cell, total, cell };
}

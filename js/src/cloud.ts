/*
 * The points as the browser holds them: centred, scaled, weighted or not.
 *
 * A cloud is what is painted and what the live log-likelihood is summed
 * over. The kernel's chunks, the saved preview and the cell means of a large
 * data set are all clouds, so the painter and the sums know one shape.
 */

import { WireError } from "./checks.ts";
import type { Extent } from "./geometry/viewport.ts";
import type { Dims } from "./mixture.ts";
import type { Chunk, Preview, View } from "./wire.ts";

export interface Cloud {
  /** x0 y0 x1 y1 ... = (value - origin) / scale. */
  readonly xy: Float32Array;
  /** Weight of each row, or null for 1 each. */
  readonly weight: Float32Array | null;
  readonly origin: readonly [number, number];
  readonly scale: readonly [number, number];
  /** Sum of the weights. */
  readonly total: number;
  /** Size of the cell that a row stands for, in data units; null for points. */
  readonly cell: readonly [number, number] | null;
  /** Variance of x, covariance and variance of y of the points behind each row, as scaled. */
  readonly spread?: Float32Array;
}

/** Collects chunks, in any order and more than once, into one cloud. */
export class Intake {
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

  cloud(view: View): Cloud {
    const { origin, scale } = view;
    const total = this.#xy.length / 2;
    return { xy: this.#xy, weight: null, origin, scale, total, cell: null };
  }
}

/** The saved preview's occupied cells, at their centres. */
export function previewCloud(preview: Preview): Cloud {
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
export function gridCloud(extent: Extent, [nx, ny]: Dims, packed: Uint8Array): Cloud {
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

const POINT = new Float32Array(3);

/** Where a row's spread is: in which list, and from where on. */
export function spreadAt({ spread }: Cloud, row: number): readonly [Float32Array, number] {
  return spread ? [spread, 3 * row] : [POINT, 0];
}

/** About as many rows as `most` at most: the cloud itself, or its cells by their means. */
export function condensed(cloud: Cloud, most: number): Cloud {
  const { xy, weight } = cloud;
  const rows = xy.length / 2;
  if (rows <= most) return cloud;
  const side = Math.ceil(Math.sqrt(2 * most)); // half of the cells are empty
  const low = [Infinity, Infinity];
  const high = [-Infinity, -Infinity];
  for (let i = 0; i < xy.length; i++) {
    const value = xy[i]!;
    if (value < low[i & 1]!) low[i & 1] = value;
    if (value > high[i & 1]!) high[i & 1] = value;
  }
  const step = [0, 1].map((axis) => side / (high[axis]! - low[axis]! || 1) / (1 + 1e-6));
  const sums = new Float64Array(side * side * 6);
  for (let row = 0; row < rows; row++) {
    const x = xy[2 * row]!;
    const y = xy[2 * row + 1]!;
    const column = ((x - low[0]!) * step[0]!) | 0;
    const slot = 6 * ((((y - low[1]!) * step[1]!) | 0) * side + column);
    const w = weight ? weight[row]! : 1;
    const [within, i] = spreadAt(cloud, row);
    sums[slot]! += w;
    sums[slot + 1]! += w * x;
    sums[slot + 2]! += w * y;
    sums[slot + 3]! += w * (x * x + within[i]!);
    sums[slot + 4]! += w * (x * y + within[i + 1]!);
    sums[slot + 5]! += w * (y * y + within[i + 2]!);
  }
  return packedCells(cloud, sums);
}

function packedCells(cloud: Cloud, sums: Float64Array): Cloud {
  const xy: number[] = [];
  const weight: number[] = [];
  const spread: number[] = [];
  for (let slot = 0; slot < sums.length; slot += 6) {
    const w = sums[slot]!;
    if (w === 0) continue;
    const [x, y, xx, xy_, yy] = [1, 2, 3, 4, 5].map((i) => sums[slot + i]! / w);
    xy.push(x!, y!);
    weight.push(w);
    spread.push(xx! - x! * x!, xy_! - x! * y!, yy! - y! * y!);
  }
  const [all, each, within] = [xy, weight, spread].map((list) => Float32Array.from(list));
  return { ...cloud, xy: all!, weight: each!, spread: within! };
}

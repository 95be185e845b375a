/*
 * Counts to opacity: 1 - (1 - a0)^count, with a0 such that the densest pixels
 * of this view are nearly opaque. It depends on the view, not on the mixture.
 */
import type { Grid } from "./pixel-counts.ts";

/** A sheet of pixels to colour: opacity, and where it is not zero. */
export interface Sheet {
  readonly width: number;
  readonly height: number;
  readonly alpha: Uint8Array;
  /** Indices of the pixels with some opacity, block by block, in reading order. */
  readonly cells: Uint32Array;
}

/** Side of a block in pixels; within one only few components have a visible share. */
export const BLOCK = 16;

const BUSY = 0.9; // this share of the occupied pixels ...
const SOLID = 0.88; // ... is at most this opaque
const SAMPLE = 20_000;

/** The count below which a share of the occupied pixels lie. */
export function percentile(counts: Float32Array, share: number): number {
  const stride = Math.max(1, Math.floor(counts.length / (SAMPLE * 20)));
  const found: number[] = [];
  for (let i = 0; i < counts.length; i += stride) if (counts[i]! > 0) found.push(counts[i]!);
  if (found.length === 0) return 1;
  const sorted = Float32Array.from(found).sort();
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!;
}

/** Opacity of one point, so that the view's busy pixels come out solid. */
export function unitOpacity(counts: Float32Array): number {
  const busy = Math.max(percentile(counts, BUSY), 1e-6);
  return Math.min(0.82, Math.max(0.02, 1 - (1 - SOLID) ** (1 / busy)));
}

function sheet(width: number, height: number, alpha: Uint8Array): Sheet {
  let size = 0;
  for (let i = 0; i < alpha.length; i++) if (alpha[i]! > 0) size += 1;
  const cells = new Uint32Array(size);
  let at = 0;
  for (let top = 0; top < height; top += BLOCK) {
    for (let left = 0; left < width; left += BLOCK) {
      for (let row = top; row < Math.min(top + BLOCK, height); row++) {
        const end = row * width + Math.min(left + BLOCK, width);
        for (let i = row * width + left; i < end; i++) if (alpha[i]! > 0) cells[at++] = i;
      }
    }
  }
  return { width, height, alpha, cells };
}

/** The grid as a sheet at full sharpness. */
export function opaque(grid: Grid): Sheet {
  const rate = Math.log1p(-unitOpacity(grid.counts));
  const alpha = new Uint8Array(grid.counts.length);
  for (let i = 0; i < alpha.length; i++) {
    const count = grid.counts[i]!;
    if (count > 0) alpha[i] = Math.max(1, Math.round(255 * -Math.expm1(rate * count)));
  }
  return sheet(grid.width, grid.height, alpha);
}

/** The sheet with blocks of `factor` x `factor` pixels averaged into one. */
export function coarser(fine: Sheet, factor: number): Sheet {
  const width = Math.ceil(fine.width / factor);
  const height = Math.ceil(fine.height / factor);
  const sums = new Float32Array(width * height);
  for (const cell of fine.cells) {
    const row = (cell / fine.width) | 0;
    const at = ((row / factor) | 0) * width + (((cell - row * fine.width) / factor) | 0);
    sums[at]! += fine.alpha[cell]!;
  }
  const area = factor * factor;
  return sheet(
    width,
    height,
    Uint8Array.from(sums, (sum) => (sum > 0 ? Math.max(1, sum / area) : 0)),
  );
}

/*
 * The dense answers that the fast ones are held to: textbook formulas with
 * an explicit inverse and determinant, written with no regard for speed.
 */
import { type Field, gridOf } from "../src/maths/geometry/contours.ts";
import type { Matrix, Vector } from "../src/maths/matrix.ts";
import type { Mixture } from "../src/maths/mixture.ts";

/** Inverse and determinant by Gauss-Jordan elimination with pivoting. */
export function inverse(matrix: Matrix): { inverse: number[][]; det: number } {
  const n = matrix.length;
  const work = matrix.map((row, i) => [...row, ...row.map((_, j) => (i === j ? 1 : 0))]);
  let det = 1;
  for (let c = 0; c < n; c++) {
    let pivot = c;
    for (let r = c; r < n; r++) {
      if (Math.abs(work[r]![c]!) > Math.abs(work[pivot]![c]!)) pivot = r;
    }
    if (pivot !== c) {
      [work[c], work[pivot]] = [work[pivot]!, work[c]!];
      det = -det;
    }
    const scale = work[c]![c]!;
    det *= scale;
    work[c] = work[c]!.map((value) => value / scale);
    for (let r = 0; r < n; r++) {
      if (r === c) continue;
      const factor = work[r]![c]!;
      work[r] = work[r]!.map((value, j) => value - factor * work[c]![j]!);
    }
  }
  return { inverse: work.map((row) => row.slice(n)), det };
}

/** Density of one Gaussian by its definition. */
export function density(x: Vector, mean: Vector, covariance: Matrix): number {
  const { inverse: precision, det } = inverse(covariance);
  const d = x.map((value, i) => value - mean[i]!);
  const square = d.reduce(
    (sum, a, i) => sum + d.reduce((inner, b, j) => inner + a * b * precision[i]![j]!, 0),
    0,
  );
  return Math.exp(-0.5 * square) / Math.sqrt((2 * Math.PI) ** x.length * det);
}

/** A generator of numbers in (0, 1), the same on every run. */
export function uniform(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state + 0.5) / 2 ** 32;
  };
}

export function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(random())) * Math.cos(2 * Math.PI * random());
}

/** A random well-conditioned mixture. */
export function someMixture(k: number, d: number, seed: number): Mixture {
  const random = uniform(seed);
  const raw = Array.from({ length: k }, () => 0.2 + random());
  const sum = raw.reduce((a, b) => a + b, 0);
  const covariance = () => {
    const a = Array.from({ length: d }, () => Array.from({ length: d }, () => normal(random)));
    return a.map((row, i) =>
      a.map((other, j) => row.reduce((t, v, c) => t + v * other[c]!, 0) + (i === j ? 0.5 : 0)),
    );
  };
  return {
    weights: raw.map((w) => w / sum),
    means: raw.map(() => Array.from({ length: d }, () => 3 * normal(random))),
    covariances: raw.map(covariance),
  };
}

/** A function of the plot's pixels, at the nodes of a grid of about `spacing` pixels. */
export function fieldOf(
  [width, height, spacing]: readonly [number, number, number],
  value: (x: number, y: number) => number,
): Field {
  const grid = gridOf(width, height, spacing);
  const { columns, rows, step } = grid;
  const values = Float64Array.from({ length: columns * rows }, (_, i) =>
    value((i % columns) * step[0], Math.floor(i / columns) * step[1]),
  );
  return { ...grid, values };
}

/*
 * The log-likelihood of a mixture of two columns, and the sums of its E-step.
 *
 * They are evaluated on every frame of a drag, so the quadratic forms are
 * unrolled for two columns and evaluated in the centred, scaled coordinates of
 * the points, where float32 loses no digit that is shown.
 */

import type { Mixture } from "./mixture.ts";
import { type PlanePoints, spreadAt } from "./points.ts";

export const AFFORDABLE = 1_500_000; // rows times components that can be evaluated in a frame
const FAINT = 36; // nats below the largest term: a smaller one changes no digit of the sum
export const SLIGHT = 14; // nats: a responsibility below 1e-6 is not visible
const TABLE = 4096;
export const TO_TABLE = TABLE / SLIGHT;
/** exp(-i / TO_TABLE), to SLIGHT. */
export const EXP = Float64Array.from({ length: TABLE + 2 }, (_, i) => Math.exp(-i / TO_TABLE));
const FLAT = 1e-14; // least share of a variance that the other column leaves unexplained

/** Rows of (constant, mean x, mean y, l11, l21, l22): a whitened factor each. */
export function factors(mixture: Mixture, cloud: PlanePoints): Float64Array {
  const [sx, sy] = cloud.scale;
  const out = new Float64Array(mixture.weights.length * 6);
  mixture.weights.forEach((weight, k) => {
    const c = mixture.covariances[k]!;
    const l11 = Math.sqrt(c[0]![0]!) / sx;
    const l21 = c[0]![1]! / (sx * sy) / l11;
    const v = c[1]![1]! / (sy * sy);
    const l22 = Math.sqrt(Math.max(1 - (l21 * l21) / v, FLAT) * v);
    const constant = Math.log(weight) - Math.log(l11 * l22 * sx * sy) - Math.log(2 * Math.PI);
    const x = (mixture.means[k]![0]! - cloud.origin[0]) / sx;
    const y = (mixture.means[k]![1]! - cloud.origin[1]) / sy;
    out.set([constant, x, y, 1 / l11, l21, 1 / l22], 6 * k);
  });
  return out;
}

/**
 * Sums of an E-step per component: of the responsibilities, and weighted by them of x, y and their
 * products, about the component's mean, in scaled units. For display only: exp is read from a
 * table, to six digits.
 */
export function sumsOf(mixture: Mixture, cloud: PlanePoints): Float64Array {
  const f = factors(mixture, cloud);
  const joint = new Float64Array(mixture.weights.length);
  const sums = new Float64Array(f.length);
  for (let row = 0; 2 * row < cloud.xy.length; row++) {
    const x = cloud.xy[2 * row]!;
    const y = cloud.xy[2 * row + 1]!;
    let top = -Infinity;
    for (let k = 0, j = 0; k < joint.length; k++, j += 6) {
      const z1 = (x - f[j + 1]!) * f[j + 3]!;
      const z2 = (y - f[j + 2]! - f[j + 4]! * z1) * f[j + 5]!;
      const value = f[j]! - 0.5 * (z1 * z1 + z2 * z2);
      joint[k] = value;
      if (value > top) top = value;
    }
    let sum = 0;
    for (let k = 0; k < joint.length; k++) {
      const below = (top - joint[k]!) * TO_TABLE;
      const cell = below | 0;
      joint[k] = below < TABLE ? EXP[cell]! + (below - cell) * (EXP[cell + 1]! - EXP[cell]!) : 0;
      sum += joint[k]!;
    }
    const [spread, at] = spreadAt(cloud, row);
    const w = (cloud.weight ? cloud.weight[row]! : 1) / sum;
    for (let k = 0; k < joint.length; k++) {
      if (joint[k]! > 0) add(sums, 6 * k, w * joint[k]!, x, y, f, spread, at);
    }
  }
  return sums;
}

/** Add a row of responsibility `r` to the sums at `j`; `s` holds the row's own covariance at `i`. */
function add(
  out: Float64Array,
  j: number,
  r: number,
  x: number,
  y: number,
  f: Float64Array,
  s: Float32Array,
  i: number,
): void {
  const dx = x - f[j + 1]!;
  const dy = y - f[j + 2]!;
  out[j]! += r;
  out[j + 1]! += r * dx;
  out[j + 2]! += r * dy;
  out[j + 3]! += r * (dx * dx + s[i]!);
  out[j + 4]! += r * (dx * dy + s[i + 1]!);
  out[j + 5]! += r * (dy * dy + s[i + 2]!);
}

/** The log density of a mixture of two columns at each row. */
export function densities(mixture: Mixture, cloud: PlanePoints): Float64Array {
  const f = factors(mixture, cloud);
  const out = new Float64Array(cloud.xy.length / 2);
  for (let row = 0; row < out.length; row++) {
    const [x, y] = [cloud.xy[2 * row]!, cloud.xy[2 * row + 1]!];
    let top = -Infinity;
    let sum = 0;
    for (let j = 0; j < f.length; j += 6) {
      const z1 = (x - f[j + 1]!) * f[j + 3]!;
      const z2 = (y - f[j + 2]! - f[j + 4]! * z1) * f[j + 5]!;
      const value = f[j]! - 0.5 * (z1 * z1 + z2 * z2);
      // The running sum is kept relative to the largest so far.
      if (value > top) {
        sum = sum * Math.exp(top - value) + 1;
        top = value;
      } else if (value > top - FAINT) sum += Math.exp(value - top);
    }
    out[row] = top + Math.log(sum);
  }
  return out;
}

/** Memoised for one mixture and the points that it was last evaluated on. */
function once<T>(work: (mixture: Mixture, cloud: PlanePoints) => T): typeof work {
  const known = new WeakMap<Mixture, readonly [PlanePoints, T]>();
  return (mixture, cloud) => {
    const held = known.get(mixture);
    if (held?.[0] === cloud) return held[1];
    const made = work(mixture, cloud);
    known.set(mixture, [cloud, made]);
    return made;
  };
}

export const densitiesOf = once(densities);

/** Total log-likelihood of a mixture of two columns, in nats. */
export function logLikelihood(mixture: Mixture, cloud: PlanePoints): number {
  let total = 0;
  densitiesOf(mixture, cloud).forEach((value, row) => {
    total += cloud.weight ? cloud.weight[row]! * value : value;
  });
  return total;
}

/** Total weight of the rows whose log density is below a level, and of all rows. */
export function countBelow(
  mixture: Mixture,
  cloud: PlanePoints,
  level: number,
): readonly [number, number] {
  let [count, total] = [0, 0];
  densitiesOf(mixture, cloud).forEach((value, row) => {
    const w = cloud.weight ? cloud.weight[row]! : 1;
    total += w;
    if (value < level) count += w;
  });
  return [count, total];
}

/*
 * The log-likelihood under the hand: a plane mixture summed over a cloud.
 *
 * It runs on every frame of a drag, so the quadratic forms are unrolled for
 * two columns and evaluated in the cloud's own centred, scaled frame, where
 * float32 coordinates lose nothing that matters.
 */

import type { Mixture } from "./mixture.ts";
import { type PlanePoints, spreadAt } from "./points.ts";

export const AFFORDABLE = 1_500_000; // rows times components that a frame has time for
const FAINT = 36; // nats below the largest: no digit of the sum is left of such a share
export const SLIGHT = 14; // nats: for the eye, a share under 1e-6 is none
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
 * What an E-step of a plane mixture over a cloud finds, per component: weight, sums of x and y,
 * and of their products, about its mean, as scaled. It is for the eye, and quick: shares are read
 * from a table, to six digits.
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

/** Add a row with its share to the sums that begin at `j`; `s` holds its own spread at `i`. */
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

/** The log density of a plane mixture at each row of a cloud. */
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

/** Worked out once for all who ask while mixture and cloud are the same. */
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

/** Total log-likelihood of a two-column mixture over the cloud, in nats. */
export function logLikelihood(mixture: Mixture, cloud: PlanePoints): number {
  let total = 0;
  densitiesOf(mixture, cloud).forEach((value, row) => {
    total += cloud.weight ? cloud.weight[row]! * value : value;
  });
  return total;
}

/** The weight of the rows below a level, and of all. */
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

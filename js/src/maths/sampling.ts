/*
 * Samples from a mixture of two columns, and quantiles of its log density.
 *
 * The random numbers are fixed; a mixture only transforms them. So a sample
 * moves with a component that is dragged and does not flicker, and quantiles
 * change as smoothly as the mixture does.
 */
import { bisectLeft, bisector } from "d3-array";
import { hasDensity, logJoint, logSumExp, type Mixture } from "./mixture.ts";

export const MOST = 2000; // points of a sample that is shown
const DRAWS = 6000; // draws from which quantiles of the log density are computed
const FEWEST = 100; // of them from each component

/** Numbers in (0, 1) from a multiplicative congruence and a mix of its bits (Steele & Vigna 2021). */
function uniforms(count: number, seed: number): Float64Array {
  let state = seed | 0;
  return Float64Array.from({ length: count }, () => {
    state = (Math.imul(state, 0x915f77f5) + 1) | 0;
    let z = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
    return ((z ^ (z >>> 15)) >>> 0) / 2 ** 32 + 2 ** -33;
  });
}

/** Two standard normals from two uniforms (Box & Muller 1958). */
function normals(u: number, v: number): readonly [number, number] {
  const radius = Math.sqrt(-2 * Math.log(u));
  return [radius * Math.cos(2 * Math.PI * v), radius * Math.sin(2 * Math.PI * v)];
}

/** A function that maps standard normals to draws of component k; it may be singular. */
function placer(mixture: Mixture, k: number): (z: readonly [number, number]) => [number, number] {
  const [[a, b], [, c]] = mixture.covariances[k]! as [[number, number], [number, number]];
  const [x, y] = mixture.means[k]! as [number, number];
  const first = Math.sqrt(a);
  const across = b / first;
  const rest = Math.sqrt(Math.max(0, c - across * across));
  return ([u, v]) => [x + first * u, y + across * u + rest * v];
}

let pool: Float64Array | null = null;

/** A sample of so many points, x0 y0 x1 y1 ..., the same for the same mixture. */
export function sampleOf(mixture: Mixture, count: number): Float64Array {
  pool ??= uniforms(3 * MOST, 20_240_917);
  const n = Math.min(count, MOST);
  const places = mixture.weights.map((_, k) => placer(mixture, k));
  const out = new Float64Array(2 * n);
  for (let i = 0; i < n; i++) {
    let left = pool[3 * i]!;
    let k = 0;
    while (k + 1 < places.length && left >= mixture.weights[k]!) left -= mixture.weights[k++]!;
    out.set(places[k]!(normals(pool[3 * i + 1]!, pool[3 * i + 2]!)), 2 * i);
  }
  return out;
}

/** The distribution of the log density under the mixture itself. */
export interface DensityQuantiles {
  /** The log density below which this share of the mixture's mass lies. */
  level(share: number): number;
  /** The share of the mixture's mass whose log density is below `level`. */
  below(level: number): number;
}

const bisectDraw = bisector((draw: { readonly level: number }) => draw.level).left;

const STEP = [0.7548776662466927, 0.5698402909980532]; // powers of the plastic number's inverse

/**
 * Quantiles of the log density, which bound highest density regions (Hyndman 1996), from draws
 * of each component by a low-discrepancy sequence, weighted by the component's weight.
 */
export function computeQuantiles(mixture: Mixture): DensityQuantiles {
  const joint = logJoint(mixture);
  const values = new Float64Array(mixture.weights.length);
  const each = Math.max(FEWEST, Math.ceil(DRAWS / values.length));
  const draws: { level: number; mass: number }[] = [];
  mixture.weights.forEach((weight, k) => {
    const place = placer(mixture, k);
    for (let i = 1; i <= each; i++) {
      joint(place(normals((i * STEP[0]!) % 1, (i * STEP[1]!) % 1)), values);
      draws.push({ level: logSumExp(values), mass: weight / each });
    }
  });
  draws.sort((a, b) => a.level - b.level);
  let sum = 0;
  const sums = draws.map(({ mass }) => {
    sum += mass;
    return sum;
  });
  const last = draws.length - 1;
  return {
    level: (share) => draws[Math.min(last, bisectLeft(sums, share))]!.level,
    below: (level) => sums[Math.min(last, bisectDraw(draws, level))]!,
  };
}

const cached = new WeakMap<Mixture, DensityQuantiles>();

/** The quantiles of a mixture, computed once; null where it has no density. */
export function densityQuantiles(mixture: Mixture): DensityQuantiles | null {
  const held = cached.get(mixture);
  if (held || !hasDensity(mixture)) return held ?? null;
  const made = computeQuantiles(mixture);
  cached.set(mixture, made);
  return made;
}

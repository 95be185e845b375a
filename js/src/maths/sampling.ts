/*
 * Draws from a mixture of two columns that move with it and never flicker.
 *
 * The random numbers are fixed once and for all; a mixture only places them.
 * So a component under the hand carries its draws along, and a level of the
 * density changes as smoothly as the mixture does.
 */
import { bisectLeft, bisector } from "d3-array";
import { hasDensity, logJoint, logSumExp, type Mixture } from "./mixture.ts";

export const MOST = 2000; // points of a sample that is shown
const SPREAD = 6000; // draws behind a level of the density, over all components
const FEWEST = 100; // of them for each component

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

/** Places standard normals as component k has them; collinear columns are allowed. */
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

/** The mixture's own distribution of its log density: which share of it lies how low. */
export interface Ladder {
  /** The log density below which the mixture has this share of its mass. */
  level(share: number): number;
  /** The share of its mass that the mixture has below this log density. */
  below(level: number): number;
}

const bisectRung = bisector((rung: { readonly level: number }) => rung.level).left;

const STEP = [0.7548776662466927, 0.5698402909980532]; // powers of the plastic number's inverse

/**
 * The edges of highest density regions (Hyndman 1996), from draws that are spread evenly over each
 * component and weighted by it.
 */
export function ladderOf(mixture: Mixture): Ladder {
  const joint = logJoint(mixture);
  const values = new Float64Array(mixture.weights.length);
  const each = Math.max(FEWEST, Math.ceil(SPREAD / values.length));
  const rungs: { level: number; mass: number }[] = [];
  mixture.weights.forEach((weight, k) => {
    const place = placer(mixture, k);
    for (let i = 1; i <= each; i++) {
      joint(place(normals((i * STEP[0]!) % 1, (i * STEP[1]!) % 1)), values);
      rungs.push({ level: logSumExp(values), mass: weight / each });
    }
  });
  rungs.sort((a, b) => a.level - b.level);
  let sum = 0;
  const sums = rungs.map(({ mass }) => {
    sum += mass;
    return sum;
  });
  const last = rungs.length - 1;
  return {
    level: (share) => rungs[Math.min(last, bisectLeft(sums, share))]!.level,
    below: (level) => sums[Math.min(last, bisectRung(rungs, level))]!,
  };
}

const ladders = new WeakMap<Mixture, Ladder>();

/** The ladder of a mixture, made once for all who ask; null where it has no density. */
export function ladderFor(mixture: Mixture): Ladder | null {
  const held = ladders.get(mixture);
  if (held || !hasDensity(mixture)) return held ?? null;
  const made = ladderOf(mixture);
  ladders.set(mixture, made);
  return made;
}

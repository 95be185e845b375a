/*
 * Where the next EM step would take each component: one E-step and one
 * M-step of a plane mixture over a condensed cloud.
 *
 * A hint under the hand and no figure: cells stand for their points, and
 * regularisation is left to the kernel.
 */
import type { Cloud } from "./cloud.ts";
import { factors } from "./likelihood.ts";
import type { Matrix, Mixture } from "./mixture.ts";
import type { Structure } from "./structure.ts";
import type { Locks } from "./wire.ts";

const FAINT = -25; // nats below the strongest component: a share that moves nothing
const LEAST = 1e-9; // share of the weight below which a component says nothing of itself

/** Per component: weight, sums of x and y, and of their products, about its mean, as scaled. */
function sums(mixture: Mixture, cloud: Cloud): Float64Array {
  const k = mixture.weights.length;
  const f = factors(mixture, cloud);
  const joint = new Float64Array(k);
  const out = new Float64Array(6 * k);
  for (let row = 0; 2 * row < cloud.xy.length; row++) {
    const [x, y] = [cloud.xy[2 * row]!, cloud.xy[2 * row + 1]!];
    let top = Number.NEGATIVE_INFINITY;
    for (let i = 0, j = 0; i < k; i++, j += 6) {
      const z1 = (x - f[j + 1]!) * f[j + 3]!;
      const z2 = (y - f[j + 2]! - f[j + 4]! * z1) * f[j + 5]!;
      joint[i] = f[j]! - 0.5 * (z1 * z1 + z2 * z2);
      if (joint[i]! > top) top = joint[i]!;
    }
    let total = 0;
    for (let i = 0; i < k; i++) {
      const share = joint[i]! - top > FAINT ? Math.exp(joint[i]! - top) : 0;
      joint[i] = share;
      total += share;
    }
    const w = (cloud.weight ? cloud.weight[row]! : 1) / total;
    for (let i = 0; i < k; i++) if (joint[i]! > 0) add(out, 6 * i, w * joint[i]!, x, y, f);
  }
  return out;
}

/** Add a row with its share to the sums that begin at `j`. */
function add(out: Float64Array, j: number, r: number, x: number, y: number, f: Float64Array): void {
  const dx = x - f[j + 1]!;
  const dy = y - f[j + 2]!;
  out[j] = out[j]! + r;
  out[j + 1] = out[j + 1]! + r * dx;
  out[j + 2] = out[j + 2]! + r * dy;
  out[j + 3] = out[j + 3]! + r * dx * dx;
  out[j + 4] = out[j + 4]! + r * dx * dy;
  out[j + 5] = out[j + 5]! + r * dy * dy;
}

/** The covariance of one component from its sums. */
function covarianceOf([n, x, y, xx, xy, yy]: readonly number[]): Matrix {
  const [mx, my] = [x! / n!, y! / n!];
  const off = xy! / n! - mx * my;
  return [
    [xx! / n! - mx * mx, off],
    [off, yy! / n! - my * my],
  ];
}

function pooled(covariances: readonly Matrix[], weights: readonly number[]): Matrix {
  const at = (i: number, j: number) =>
    covariances.reduce((sum, c, k) => sum + weights[k]! * c[i]![j]!, 0);
  return [
    [at(0, 0), at(0, 1)],
    [at(1, 0), at(1, 1)],
  ];
}

/** The mixture one EM step on; what is locked stays as it is. */
export function nextStep(
  mixture: Mixture,
  cloud: Cloud,
  structure: Structure,
  locks: readonly (Locks | undefined)[],
): Mixture {
  const all = sums(mixture, cloud);
  const [sx, sy] = cloud.scale;
  const units = [1, sx, sy, sx * sx, sx * sy, sy * sy];
  const of = mixture.weights.map((_, i) => units.map((unit, j) => unit * all[6 * i + j]!));
  const total = of.reduce((sum, [n]) => sum + n!, 0);
  const weights = of.map(([n]) => n! / total);
  const known = weights.map((weight) => weight > LEAST);
  const raw = of.map((each, i) => (known[i] ? covarianceOf(each) : mixture.covariances[i]!));
  const shared = structure.shared ? pooled(raw, weights) : null;
  return {
    weights,
    means: mixture.means.map((mean, i) => {
      const [n, x, y] = of[i]!;
      if (!known[i] || locks[i]?.mean) return mean;
      return [mean[0]! + x! / n!, mean[1]! + y! / n!];
    }),
    covariances: raw.map((covariance, i) => {
      const next = structure.constrain(shared ?? covariance);
      const sound = next[0]![0]! > 0 && next[1]![1]! > 0;
      return locks[i]?.covariance || !sound ? mixture.covariances[i]! : next;
    }),
  };
}

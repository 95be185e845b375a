/*
 * A preview of the next EM step: one E-step and one M-step of a mixture of two
 * columns over binned points.
 *
 * It is drawn as a hint during a drag and reported nowhere: bins stand for
 * their points, and regularisation is left out.
 */

import { sumsOf } from "./likelihood.ts";
import type { Matrix } from "./matrix.ts";
import type { Locks, Mixture } from "./mixture.ts";
import type { PlanePoints } from "./points.ts";
import type { Structure } from "./structures.ts";

const LEAST = 1e-9; // total responsibility, as a share, below which a component stays as it is

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

/** The mixture after one EM step; locked parts stay as they are. */
export function nextStep(
  mixture: Mixture,
  cloud: PlanePoints,
  structure: Structure,
  locks: readonly (Locks | undefined)[],
): Mixture {
  const all = sumsOf(mixture, cloud);
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

/*
 * The mixture whose memberships lie between EM's and k-means': the twin of
 * the kernel's, so that colours follow a slider and a hand at once.
 */
import type { Mixture } from "./mixture.ts";

const RADIUS = 1e-6; // of a point's sphere, in units of the data's spread

/** Weights ever more alike, shapes ever rounder and smaller; at 0 the nearest mean takes all. */
export function tempered(mixture: Mixture, softness: number): Mixture {
  if (softness >= 1) return mixture;
  const { weights, means, covariances } = mixture;
  const d = means[0]!.length;
  const mean = means[0]!.map((_, j) => weights.reduce((sum, w, i) => sum + w * means[i]![j]!, 0));
  let [within, between] = [0, 0];
  weights.forEach((w, i) => {
    for (let j = 0; j < d; j++) {
      within += w * covariances[i]![j]![j]!;
      between += w * (means[i]![j]! - mean[j]!) ** 2;
    }
  });
  const round = (softness ** 2 * (1 - softness) * within) / d;
  const point = (1 - softness) * RADIUS ** 2 * (within + between);
  const powers = weights.map((w) => w ** softness);
  const total = powers.reduce((sum, w) => sum + w, 0);
  return {
    weights: powers.map((w) => w / total),
    means,
    covariances: covariances.map((covariance) =>
      covariance.map((row, i) =>
        row.map((value, j) => softness ** 3 * value + (i === j ? round + point : 0)),
      ),
    ),
  };
}

/*
 * The mixture whose responsibilities are those of tempered EM, between EM's
 * and k-means'. The same formula as the kernel's, so that colours follow a
 * slider or a drag at once.
 */
import type { Mixture } from "./mixture.ts";

const RADIUS = 1e-6; // standard deviation of a component at softness 0, relative to the data's

/** With less softness weights become equal and covariances small and round: k-means at 0. */
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

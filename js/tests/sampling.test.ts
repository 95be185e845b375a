/*
 * Draws that follow the mixture: their moments, their levels, and that they
 * neither flicker nor jump.
 */
import { describe, expect, it } from "vitest";
import type { Mixture } from "../src/maths/mixture.ts";
import { computeQuantiles, densityQuantiles, MOST, sampleOf } from "../src/maths/sampling.ts";
import { someMixture } from "./dense.ts";

const one: Mixture = {
  weights: [1],
  means: [[3, -2]],
  covariances: [
    [
      [4, 1.8],
      [1.8, 1],
    ],
  ],
};

function momentsOf(points: Float64Array) {
  const n = points.length / 2;
  const mean = [0, 0];
  points.forEach((value, i) => {
    mean[i % 2]! += value / n;
  });
  const covariance = [0, 0, 0];
  for (let i = 0; i < n; i++) {
    const [x, y] = [points[2 * i]! - mean[0]!, points[2 * i + 1]! - mean[1]!];
    [x * x, x * y, y * y].forEach((value, j) => {
      covariance[j]! += value / n;
    });
  }
  return { mean, covariance };
}

describe("a sample", () => {
  it("has the moments of its component, to the error of so many draws", () => {
    const { mean, covariance } = momentsOf(sampleOf(one, MOST));
    const error = 4 / Math.sqrt(MOST); // in standard deviations
    expect(Math.abs(mean[0]! - 3)).toBeLessThan(2 * error);
    expect(Math.abs(mean[1]! + 2)).toBeLessThan(error);
    const want = [4, 1.8, 1];
    want.forEach((value, j) => {
      expect(Math.abs(covariance[j]! / value - 1)).toBeLessThan(2 * error);
    });
  });

  it("falls to the components by their weights", () => {
    const far: Mixture = {
      weights: [0.2, 0.5, 0.3],
      means: [
        [0, 0],
        [1000, 0],
        [2000, 0],
      ],
      covariances: [0, 1, 2].map(() => one.covariances[0]!),
    };
    const points = sampleOf(far, MOST);
    const counts = [0, 0, 0];
    for (let i = 0; i < points.length; i += 2) counts[Math.round(points[i]! / 1000)]! += 1;
    far.weights.forEach((w, k) => {
      expect(Math.abs(counts[k]! / MOST - w)).toBeLessThan(4 * Math.sqrt((w * (1 - w)) / MOST));
    });
  });

  it("is the same for the same mixture, and goes along with a component that moves", () => {
    const before = sampleOf(one, 500);
    expect(sampleOf({ ...one }, 500)).toEqual(before);
    const after = sampleOf({ ...one, means: [[3.5, -3]] }, 500);
    after.forEach((value, i) => {
      expect(value - before[i]!).toBeCloseTo(i % 2 ? -1 : 0.5, 9);
    });
  });

  it("can be drawn of collinear columns, and is never longer than a screenful", () => {
    const flat = {
      ...one,
      covariances: [
        [
          [4, 2],
          [2, 1],
        ],
      ],
    };
    const points = sampleOf(flat, 1e6);
    expect(points).toHaveLength(2 * MOST);
    for (let i = 0; i < points.length; i += 2) {
      expect(points[i + 1]! + 2).toBeCloseTo((points[i]! - 3) / 2, 9);
    }
  });
});

describe("a level of the density", () => {
  it("leaves the asked share of one Gaussian outside: exp(-r^2 / 2) beyond radius r", () => {
    const quantiles = computeQuantiles(one);
    const peak = -Math.log(2 * Math.PI) - 0.5 * Math.log(4 - 1.8 ** 2);
    for (const share of [0.01, 0.05, 0.1, 0.5, 0.9]) {
      expect(Math.abs(quantiles.level(share) - (peak + Math.log(share)))).toBeLessThan(0.06);
      expect(Math.abs(quantiles.below(peak + Math.log(share)) / share - 1)).toBeLessThan(0.06);
    }
    expect(quantiles.below(peak + 1)).toBeCloseTo(1, 9);
  });

  it("has the share below it, in a mixture, that many plain draws have", () => {
    const mixture = someMixture(4, 2, 8);
    const quantiles = computeQuantiles(mixture);
    for (const share of [0.02, 0.2, 0.6]) {
      expect(quantiles.below(quantiles.level(share))).toBeGreaterThanOrEqual(share - 1e-12);
      expect(quantiles.below(quantiles.level(share))).toBeLessThan(share + 0.002);
    }
  });

  it("is worked out once a mixture, and there is none without a density", () => {
    expect(densityQuantiles(one)).toBe(densityQuantiles(one));
    expect(
      densityQuantiles({
        ...one,
        covariances: [
          [
            [4, 2],
            [2, 1],
          ],
        ],
      }),
    ).toBeNull();
  });
});

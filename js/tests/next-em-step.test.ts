/*
 * The hint of the next EM step, against the same step written out densely.
 */
import { describe, expect, it } from "vitest";
import { logDensity, type Mixture, responsibilities } from "../src/maths/mixture.ts";
import { nextStep } from "../src/maths/next-em-step.ts";
import { condensed, type PlanePoints } from "../src/maths/points.ts";
import { normal, uniform } from "./dense.ts";
import { STRUCTURES, structureOf } from "./structures.ts";

const random = uniform(5);
const points = Array.from({ length: 300 }, (_, i) => [
  (i % 3) * 2 + normal(random),
  70 + (i % 2) * 15 + 5 * normal(random),
]);
const cloud: PlanePoints = {
  xy: Float32Array.from(points.flatMap(([x, y]) => [x! - 2, (y! - 75) / 10])),
  weight: null,
  origin: [2, 75],
  scale: [1, 10],
  total: 300,
  cell: null,
};
const mixture: Mixture = {
  weights: [0.3, 0.7],
  means: [
    [0, 70],
    [3, 80],
  ],
  covariances: [
    [
      [1, 1],
      [1, 40],
    ],
    [
      [2, -2],
      [-2, 60],
    ],
  ],
};

describe("the next step", () => {
  it("is the dense one under the full structure", () => {
    const next = nextStep(mixture, cloud, structureOf("full"), []);
    const r = responsibilities(mixture, points);
    for (const k of [0, 1]) {
      const n = r.reduce((sum, row) => sum + row[k]!, 0);
      const mean = [0, 1].map((a) => points.reduce((s, p, i) => s + r[i]![k]! * p[a]!, 0) / n);
      expect(next.weights[k]).toBeCloseTo(n / 300, 6);
      for (const a of [0, 1]) {
        expect(next.means[k]![a]! / mean[a]!).toBeCloseTo(1, 5);
        for (const b of [0, 1]) {
          const dense =
            points.reduce((s, p, i) => {
              return s + r[i]![k]! * (p[a]! - mean[a]!) * (p[b]! - mean[b]!);
            }, 0) / n;
          expect(next.covariances[k]![a]![b]).toBeCloseTo(dense, 3);
        }
      }
    }
  });

  it("loses no spread on cells that are wider than a component", () => {
    const one = { weights: [1], means: [[2, 75]], covariances: [mixture.covariances[1]!] };
    const cells = condensed(condensed(cloud, 200), 8);
    expect(cells.xy.length / 2).toBeLessThan(20);
    const [all, few] = [cloud, cells].map((each) => nextStep(one, each, structureOf("full"), []));
    all!.covariances[0]!.flat().forEach((value, i) => {
      expect(few!.covariances[0]!.flat()[i]! / value).toBeCloseTo(1, 4);
    });
  });

  it.each(Object.values(STRUCTURES))("never goes downhill under $name", (structure) => {
    let now: Mixture = {
      ...mixture,
      covariances: mixture.covariances.map(() => structure.constrain(mixture.covariances[0]!)),
    };
    const total = (of: Mixture) => logDensity(of, points).reduce((a, b) => a + b, 0);
    for (let i = 0; i < 5; i++) {
      const next = nextStep(now, cloud, structure, []);
      expect(total(next)).toBeGreaterThan(total(now) - 1e-3);
      now = next;
    }
  });

  it("leaves what is locked where it is", () => {
    const locks = [{ mean: true, covariance: true, weight: false }];
    const next = nextStep(mixture, cloud, structureOf("full"), locks);
    expect(next.means[0]).toBe(mixture.means[0]);
    expect(next.covariances[0]).toBe(mixture.covariances[0]);
    expect(next.means[1]).not.toEqual(mixture.means[1]);
  });
});

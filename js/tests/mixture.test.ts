/*
 * The mixture against the dense answer, and edits against their laws.
 */
import { describe, expect, it } from "vitest";
import type { Matrix } from "../src/maths/matrix.ts";
import {
  between,
  cholesky,
  logDensity,
  marginal,
  place,
  responsibilities,
} from "../src/maths/mixture.ts";
import { density, inverse, normal, someMixture, uniform } from "./dense.ts";
import { STRUCTURES, structureOf } from "./structures.ts";

const close = (a: Matrix, b: Matrix, digits = 9) => {
  a.flat().forEach((value, i) => {
    expect(value).toBeCloseTo(b.flat()[i]!, digits);
  });
};

describe.each([
  [1, 2],
  [3, 2],
  [4, 3],
  [2, 5],
])("a mixture of %i in %i columns", (k, d) => {
  const mixture = someMixture(k, d, 11 * k + d);
  const random = uniform(5);
  const points = Array.from({ length: 25 }, () =>
    Array.from({ length: d }, () => 4 * normal(random)),
  );

  it("has the dense log density", () => {
    const expected = points.map((x) =>
      Math.log(
        mixture.weights.reduce(
          (sum, w, i) => sum + w * density(x, mixture.means[i]!, mixture.covariances[i]!),
          0,
        ),
      ),
    );
    logDensity(mixture, points).forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i]!, 8);
    });
  });

  it("has Bayes' responsibilities, which sum to one", () => {
    responsibilities(mixture, points).forEach((row, i) => {
      const parts = mixture.weights.map(
        (w, c) => w * density(points[i]!, mixture.means[c]!, mixture.covariances[c]!),
      );
      const total = parts.reduce((a, b) => a + b, 0);
      expect(row.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 12);
      row.forEach((value, c) => {
        expect(value).toBeCloseTo(parts[c]! / total, 8);
      });
    });
  });
});

it("keeps a density finite far out, where every exponential underflows", () => {
  const far = logDensity(someMixture(3, 2, 1), [[1e4, -1e4]]);
  expect(Number.isFinite(far[0])).toBe(true);
});

describe("cholesky", () => {
  it("multiplies back to the matrix", () => {
    const matrix = someMixture(1, 4, 3).covariances[0]!;
    const lower = cholesky(matrix)!;
    const product = lower.map((a) => lower.map((b) => a.reduce((t, v, i) => t + v * b[i]!, 0)));
    close(product, matrix);
  });

  it("refuses what is not positive definite", () => {
    const flat = [
      [1, 2],
      [2, 1],
    ];
    expect(cholesky(flat)).toBeNull();
  });
});

const GOAL = {
  mean: [1.5, -2],
  covariance: [
    [2, 0.6],
    [0.6, 1],
  ],
};

describe("placing a component by hand", () => {
  const mixture = someMixture(3, 4, 21);
  const dims = [2, 0] as const;

  it("gives the marginal that was asked for", () => {
    const placed = marginal(place(mixture, 1, dims, GOAL, structureOf("full")), dims);
    expect(placed.means[1]).toEqual(GOAL.mean);
    expect(placed.covariances[1]).toEqual(GOAL.covariance);
  });

  it("keeps the regression of the other columns on the plane", () => {
    const slope = (c: Matrix) => {
      const plane = dims.map((i) => dims.map((j) => c[i]![j]!));
      const { inverse: precision } = inverse(plane);
      return [1, 3].map((r) =>
        [0, 1].map((j) => c[r]![2]! * precision[0]![j]! + c[r]![0]! * precision[1]![j]!),
      );
    };
    const placed = place(mixture, 1, dims, GOAL, structureOf("full"));
    close(slope(placed.covariances[1]!), slope(mixture.covariances[1]!));
    expect(cholesky(placed.covariances[1]!)).not.toBeNull();
  });

  it("is undone by placing it back", () => {
    const full = structureOf("full");
    const old = marginal(mixture, dims);
    const back = { mean: old.means[1]!, covariance: old.covariances[1]! };
    const restored = place(place(mixture, 1, dims, GOAL, full), 1, dims, back, full);
    close(restored.means, mixture.means);
    close(restored.covariances[1]!, mixture.covariances[1]!);
  });

  it("leaves the others, the shape and the weights alone when only the mean moves", () => {
    const placed = place(mixture, 0, dims, { mean: [9, 9] }, structureOf("tied"));
    expect(placed.means.slice(1)).toEqual(mixture.means.slice(1));
    expect(placed.covariances).toBe(mixture.covariances);
    expect(placed.weights).toBe(mixture.weights);
  });

  it("keeps weights summing to one, the others in proportion", () => {
    const { weights } = place(mixture, 0, dims, { weight: 0.5 }, structureOf("full"));
    expect(weights[0]).toBe(0.5);
    expect(weights.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 12);
    expect(weights[1]! / weights[2]!).toBeCloseTo(mixture.weights[1]! / mixture.weights[2]!, 12);
  });
});

describe.each(Object.values(STRUCTURES))("the structure $name", (structure) => {
  const mixture = someMixture(3, 2, 8);
  const placed = place(mixture, 2, [0, 1], GOAL, structure);

  it("constrains twice as once, and to something positive definite", () => {
    const once = structure.constrain(GOAL.covariance);
    expect(structure.constrain(once)).toEqual(once);
    expect(cholesky(once)).not.toBeNull();
  });

  it("gives its shape to all exactly when it is shared", () => {
    expect(placed.covariances[2]).toEqual(structure.constrain(GOAL.covariance));
    const followed = placed.covariances.every((c) => c === placed.covariances[2]);
    expect(followed).toBe(structure.shared);
  });
});

it("glides through proper mixtures only", () => {
  const [a, b] = [someMixture(2, 2, 1), someMixture(2, 2, 2)];
  expect(between(a, b, 0)).toEqual(a);
  for (const t of [0.1, 0.5, 0.9]) {
    const mid = between(a, b, t);
    expect(mid.weights.reduce((x, y) => x + y, 0)).toBeCloseTo(1, 12);
    for (const c of mid.covariances) expect(cholesky(c)).not.toBeNull();
  }
});

it.each([
  [0, 1],
  [2, 0],
] as const)("gives a sphere pulled in columns %d and %d the radius that was pulled", (...dims) => {
  const eye = (n: number, v: number) =>
    Array.from({ length: n }, (_, i) => Array.from({ length: n }, (_, j) => (i === j ? v : 0)));
  const mixture = {
    weights: [0.5, 0.5],
    means: [0, 1].map(() => [0, 0, 0, 0]),
    covariances: [eye(4, 1), eye(4, 1)],
  };
  const after = place(mixture, 0, dims, { covariance: eye(2, 9) }, structureOf("spherical"));
  expect(after.covariances).toEqual([eye(4, 9), eye(4, 1)]);
});

/*
 * The browser's mixture against the figures that both languages are held to:
 * worked out in 60 digits, rounded once.
 */
import { describe, expect, it } from "vitest";
import fixture from "../../tests/fixtures/mixture.json";
import { frameOf } from "../src/maths/geometry/ellipse.ts";
import { logLikelihood } from "../src/maths/likelihood.ts";
import { logDensity, type Mixture, responsibilities } from "../src/maths/mixture.ts";

interface Case {
  readonly name: string;
  readonly mixture: Mixture;
  readonly points: number[][];
  readonly log_density: number[];
  readonly responsibilities: number[][];
  readonly log_likelihood: number;
  readonly ellipses: { semi_axes: [number, number]; angle: number | null }[];
}

const cases = fixture.cases as unknown as Case[];

/** Equal to a relative part of the larger of the value and one. */
function near(value: number, expected: number, part: number): void {
  expect(Math.abs(value - expected)).toBeLessThanOrEqual(part * Math.max(1, Math.abs(expected)));
}

/** What rounding of the parameters alone may do to a log density: the condition of its worst shape. */
function slack({ covariances }: Mixture): number {
  const worst = covariances.map((c) => {
    const det = c[0]![0]! * c[1]![1]! - c[0]![1]! ** 2;
    return (c[0]![0]! * c[1]![1]!) / det;
  });
  return 64 * Number.EPSILON * Math.max(...worst);
}

describe.each(cases)("$name", ({ mixture, points, ...expected }) => {
  const part = slack(mixture);

  it("has these log densities", () => {
    logDensity(mixture, points).forEach((value, i) => {
      near(value, expected.log_density[i]!, part);
    });
  });

  it("has these responsibilities", () => {
    const scale = Math.max(...expected.log_density.map(Math.abs), 1);
    responsibilities(mixture, points).forEach((row, i) => {
      row.forEach((value, k) => {
        near(value, expected.responsibilities[i]![k]!, part * scale);
      });
    });
  });

  it("has this log-likelihood under the hand, up to float32 coordinates", () => {
    const origin = [points[0]![0]!, points[0]![1]!] as const;
    const scale = [1, 1] as const;
    const xy = Float32Array.from(points.flatMap(([x, y]) => [x! - origin[0], y! - origin[1]]));
    const cloud = { xy, weight: null, origin, scale, total: points.length, cell: null };
    const rounded = points.map((_, i) => [xy[2 * i]! + origin[0], xy[2 * i + 1]! + origin[1]]);
    const dense = logDensity(mixture, rounded).reduce((a, b) => a + b, 0);
    near(logLikelihood(mixture, cloud), dense, part);
  });

  it("has these ellipses", () => {
    mixture.covariances.forEach((covariance, k) => {
      const { semi_axes, angle } = expected.ellipses[k]!;
      const frame = frameOf(covariance);
      expect(frame.a / semi_axes[0]).toBeCloseTo(1, 12);
      expect(Math.abs(frame.b / semi_axes[1] - 1)).toBeLessThan(part);
      if (angle === null) return;
      const [x, y] = [Math.cos(angle), Math.sin(angle)];
      expect(Math.abs(frame.u[0] * x + frame.u[1] * y)).toBeCloseTo(1, 12);
    });
  });
});

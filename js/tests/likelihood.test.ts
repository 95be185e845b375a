/*
 * The live sum against the sum of densities, and its cells against Jensen.
 */
import { expect, it } from "vitest";
import { logLikelihood } from "../src/maths/likelihood.ts";
import { logDensity } from "../src/maths/mixture.ts";
import { condensed, type PlanePoints } from "../src/maths/points.ts";
import { previewPoints } from "../src/state/received-points.ts";
import { normal, someMixture, uniform } from "./dense.ts";

function cloudOf(
  points: number[][],
  origin: [number, number],
  scale: [number, number],
): PlanePoints {
  const xy = Float32Array.from(
    points.flatMap(([x, y]) => [(x! - origin[0]) / scale[0], (y! - origin[1]) / scale[1]]),
  );
  return { xy, weight: null, origin, scale, total: points.length, cell: null };
}

const random = uniform(77);
const points = Array.from({ length: 400 }, () => [
  Math.fround(50 + 4 * normal(random)),
  Math.fround(-3 + normal(random)),
]);
const base = someMixture(3, 2, 4);
const mixture = { ...base, means: base.means.map(([x, y]) => [50 + x!, -3 + y!]) };
const exact = logDensity(mixture, points).reduce((a, b) => a + b, 0);

it("sums the log density in the cloud's own frame", () => {
  expect(logLikelihood(mixture, cloudOf(points, [0, 0], [1, 1]))).toBeCloseTo(exact, 6);
  const framed = logLikelihood(mixture, cloudOf(points, [50, -3], [8, 0.5]));
  expect(Math.abs(framed - exact)).toBeLessThan(1e-3);
});

it("counts a row of weight two as two rows", () => {
  const cloud = cloudOf(points, [50, -3], [1, 1]);
  const weight = new Float32Array(points.length).fill(2);
  expect(logLikelihood(mixture, { ...cloud, weight })).toBeCloseTo(
    2 * logLikelihood(mixture, cloud),
    6,
  );
});

it("condenses to cell means of the same weight and mean", () => {
  const cloud = cloudOf(points, [50, -3], [1, 1]);
  const cells = condensed(cloud, 10);
  const total = cells.weight!.reduce((a, b) => a + b, 0);
  expect(cells.weight!.length).toBeLessThan(points.length + 1);
  expect(total).toBe(points.length);
  const meanOf = (xy: Float32Array, weight: Float32Array | null, axis: number) => {
    let sum = 0;
    for (let i = 0; 2 * i < xy.length; i++) sum += xy[2 * i + axis]! * (weight ? weight[i]! : 1);
    return sum / points.length;
  };
  for (const axis of [0, 1]) {
    expect(meanOf(cells.xy, cells.weight, axis)).toBeCloseTo(meanOf(cloud.xy, null, axis), 4);
  }
});

it("follows a single Gaussian's change closely on cells", () => {
  const one = {
    weights: [1],
    means: [[50, -3]],
    covariances: [
      [
        [16, 0],
        [0, 1],
      ],
    ],
  };
  const moved = { ...one, means: [[51, -3]] };
  const cloud = cloudOf(points, [50, -3], [1, 1]);
  const cells = condensed(cloud, 10);
  const change = logLikelihood(moved, cloud) - logLikelihood(one, cloud);
  expect(logLikelihood(moved, cells) - logLikelihood(one, cells)).toBeCloseTo(change, 3);
});

it("reads a preview's cells, lowest row first", () => {
  const counts = Uint8Array.from([0, 255, 128, 0, 0, 255]);
  const cloud = previewPoints({ extent: [0, 2, 0, 3], shape: [3, 2], counts, max: 9 });
  expect(Array.from(cloud.xy)).toEqual([1.5, 0.5, 0.5, 1.5, 1.5, 2.5]);
  expect(cloud.cell).toEqual([1, 1]);
  expect(Array.from(cloud.weight!)).toEqual([
    9,
    Math.round(Math.expm1((128 / 255) * Math.log(10))),
    9,
  ]);
});

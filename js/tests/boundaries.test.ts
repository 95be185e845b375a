/*
 * Lines between regions, against places where the answer is known.
 */
import { describe, expect, it } from "vitest";
import { boundaries, type Family } from "../src/maths/geometry/boundaries.ts";
import type { Mixture } from "../src/maths/mixture.ts";
import { familyOf } from "../src/view/layers/decision-boundaries.ts";
import { someMixture } from "./dense.ts";

const view = { extent: [0, 60, 0, 40] as const, width: 600, height: 400 };
const round = (variance: number) => [
  [variance, 0],
  [0, variance],
];

/** Both ends of each piece. */
function piecesOf(flat: readonly number[]): [number, number][][] {
  return Array.from({ length: flat.length / 4 }, (_, i) => {
    const [x0, y0, x1, y1] = flat.slice(4 * i, 4 * i + 4);
    return [
      [x0!, y0!],
      [x1!, y1!],
    ];
  });
}

const endsOf = (mixture: Mixture) =>
  piecesOf(boundaries(familyOf(mixture, view), view.width, view.height));

describe("a boundary", () => {
  it("of two equal shapes is the line half-way between them, from edge to edge", () => {
    const ends = endsOf({
      weights: [0.5, 0.5],
      means: [
        [20, 20],
        [40, 20],
      ],
      covariances: [round(9), round(9)],
    }).flat();
    for (const [x] of ends) expect(x).toBeCloseTo(300, 6);
    expect(Math.min(...ends.map(([, y]) => y))).toBe(0);
    expect(Math.max(...ends.map(([, y]) => y))).toBe(400);
  });

  it.each([4, 0.3])("goes all round a component within another, %d units wide", (variance) => {
    // log w1 - log v1 - r^2 / 2 v1 = log w2 - log v2 - r^2 / 2 v2 is a circle about their centre.
    const [w1, v1, w2, v2] = [0.3, variance, 0.7, 100];
    const radius = Math.sqrt((2 * (Math.log(w1 / v1) - Math.log(w2 / v2))) / (1 / v1 - 1 / v2));
    const ends = endsOf({
      weights: [w1, w2],
      means: [
        [31.7, 18.3],
        [31.7, 18.3],
      ],
      covariances: [round(v1), round(v2)],
    }).flat();
    const turns = new Set<number>();
    for (const [x, y] of ends) {
      const [dx, dy] = [x - 317, y - 217];
      expect(Math.abs(Math.hypot(dx, dy) - 10 * radius)).toBeLessThan(0.3);
      turns.add(Math.floor((8 * (Math.atan2(dy, dx) + Math.PI)) / (2 * Math.PI)));
    }
    expect(turns.size).toBeGreaterThanOrEqual(8);
  });

  it("finds a component that is narrower than the squares it looks at", () => {
    const thin = [
      [200, 0],
      [0, 0.002],
    ];
    const ends = endsOf({
      weights: [0.5, 0.5],
      means: [
        [30, 20.55],
        [30, 20],
      ],
      covariances: [thin, round(100)],
    }).flat();
    expect(ends.length).toBeGreaterThan(40);
    for (const [, y] of ends) expect(Math.abs(y - 194.5)).toBeLessThan(4);
  });

  it.each([1, 2, 3])("has two equal leaders wherever it runs (mixture %d)", (seed) => {
    const made = someMixture(5, 2, seed);
    const mixture = { ...made, means: made.means.map(([x, y]) => [30 + 4 * x!, 20 + 3 * y!]) };
    const family = familyOf(mixture, view);
    const values = new Float64Array(family.size);
    const gap = (x: number, y: number) => {
      family.at(x, y, values);
      const [first, second] = [...values].sort((a, b) => b - a);
      return first! - second!;
    };
    const pieces = endsOf(mixture);
    expect(pieces.length).toBeGreaterThan(50);
    for (const [[x0, y0], [x1, y1]] of pieces as [[number, number], [number, number]][]) {
      const [x, y] = [(x0 + x1) / 2, (y0 + y1) / 2];
      const steep = Math.max(gap(x + 2, y), gap(x - 2, y), gap(x, y + 2), gap(x, y - 2));
      expect(gap(x, y)).toBeLessThanOrEqual(0.75 * steep + 1e-9);
    }
  });

  it("is drawn of each piece once, and meets itself where squares meet", () => {
    const family: Family = {
      size: 3,
      bend: new Float64Array(3),
      at: (x, y, out) => out.set([x, y, 70 - x - y]),
    };
    const pieces = piecesOf(boundaries(family, 64, 64));
    const written = pieces.map((ends) => JSON.stringify([...ends].sort()));
    expect(new Set(written).size).toBe(written.length);
    const times = new Map<string, number>();
    for (const end of pieces.flat()) {
      if (end.some((value) => value === 0 || value === 64)) continue;
      const spot = end.map((value) => value.toFixed(6)).join();
      times.set(spot, (times.get(spot) ?? 0) + 1);
    }
    for (const [end, count] of times) expect(count, end).toBeGreaterThanOrEqual(2);
  });
});

it("there is none where one component is the strongest everywhere", () => {
  const mixture = {
    weights: [0, 1],
    means: [
      [30, 20],
      [30, 20],
    ],
    covariances: [round(4), round(4)],
  };
  expect(endsOf(mixture)).toEqual([]);
});

/*
 * Level lines against functions whose level lines are known.
 */
import { describe, expect, it } from "vitest";
import { contour, fieldOf, joined, pieces } from "../src/maths/geometry/contours.ts";

const numbers = (path: string) =>
  [...path.matchAll(/[ML](-?[\d.]+) (-?[\d.]+)/g)].map(([, x, y]) => [Number(x), Number(y)]);

describe("a contour", () => {
  it("of a distance is a circle, all the way round", () => {
    const field = fieldOf(200, 100, 4, (x, y) => -Math.hypot(x - 90, y - 50));
    const spots = numbers(contour(field, -30));
    const angles = new Set<number>();
    for (const [x, y] of spots) {
      expect(Math.hypot(x! - 90, y! - 50)).toBeCloseTo(30, 0);
      angles.add(Math.floor((Math.atan2(y! - 50, x! - 90) + Math.PI) / (Math.PI / 8)));
    }
    expect(angles.size).toBeGreaterThanOrEqual(16);
  });

  it("of a plane is a straight line, whichever way it slopes", () => {
    for (const [a, b] of [
      [1, 0.5],
      [-1, 0.5],
      [0.3, -2],
    ]) {
      const field = fieldOf(80, 60, 5, (x, y) => a! * (x - 40) + b! * (y - 30));
      const spots = numbers(contour(field, 1.7));
      expect(spots.length).toBeGreaterThan(10);
      for (const [x, y] of spots) {
        expect(Math.abs(a! * (x! - 40) + b! * (y! - 30) - 1.7)).toBeLessThan(0.25);
      }
    }
  });

  it("has two ends to each piece, each within one square", () => {
    const field = fieldOf(90, 90, 6, (x, y) => Math.sin(x / 9) * Math.cos(y / 7));
    const spots = numbers(contour(field, 0.1));
    expect(spots.length % 2).toBe(0);
    for (let i = 0; i < spots.length; i += 2) {
      const [p, q] = [spots[i]!, spots[i + 1]!];
      expect(Math.hypot(p[0]! - q[0]!, p[1]! - q[1]!)).toBeLessThan(6 * Math.SQRT2 + 0.2);
    }
  });

  it("at a saddle keeps apart what its middle keeps apart", () => {
    const saddle = (middle: number) => {
      const values = Float64Array.from([1 + middle, -1, -1, 1 + middle]);
      return numbers(contour({ values, columns: 2, rows: 2, step: [10, 10] }, 0));
    };
    for (const [high, pairs] of [
      [
        0.5,
        [
          [10, 0],
          [0, 10],
        ],
      ],
      [
        -0.5,
        [
          [0, 0],
          [10, 10],
        ],
      ],
    ] as const) {
      const spots = saddle(high);
      expect(spots).toHaveLength(4);
      // Each piece cuts off the corner that it is nearest to.
      const cut = [0, 2].map((i) => {
        const [mx, my] = [
          (spots[i]![0]! + spots[i + 1]![0]!) / 2,
          (spots[i]![1]! + spots[i + 1]![1]!) / 2,
        ];
        return [mx > 5 ? 10 : 0, my > 5 ? 10 : 0];
      });
      expect(cut.sort()).toEqual([...pairs].map((pair) => [...pair]).sort());
    }
  });

  it("is nothing where nothing reaches the level", () => {
    expect(
      contour(
        fieldOf(50, 50, 5, () => 1),
        2,
      ),
    ).toBe("");
  });

  it("can be joined: one line round, from its beginning to its beginning", () => {
    const field = fieldOf(200, 100, 4, (x, y) => -Math.hypot(x - 90, y - 50));
    const ends = pieces(field, -30);
    const line = joined(ends);
    expect(line.match(/M/g)).toHaveLength(1);
    const spots = numbers(line);
    expect(spots).toHaveLength(ends.length / 4 + 1);
    expect(spots[0]).toEqual(spots.at(-1));
    for (let i = 1; i < spots.length; i++) {
      const [p, q] = [spots[i - 1]!, spots[i]!];
      expect(Math.hypot(p[0]! - q[0]!, p[1]! - q[1]!)).toBeLessThan(6);
    }
  });

  it("can be joined where the plot cuts it: a line for each part", () => {
    const field = fieldOf(60, 100, 4, (x, y) => -Math.hypot(x - 30, y - 50));
    expect(joined(pieces(field, -40)).match(/M/g)).toHaveLength(2);
    expect(joined([])).toBe("");
  });
});

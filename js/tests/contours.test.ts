/*
 * Level lines against functions whose level lines are known.
 */
import { describe, expect, it } from "vitest";
import { joined, pathOf, pieces } from "../src/maths/geometry/contours.ts";
import { fieldOf } from "./dense.ts";

type Spot = readonly [number, number];

const STEP = 4;
const RADIUS = 30;
const circle = fieldOf([200, 100, STEP], (x, y) => -Math.hypot(x - 90, y - 50));

/** The ends of pieces as points, two to a piece. */
const spotsOf = (ends: readonly number[]): Spot[] =>
  Array.from({ length: ends.length / 2 }, (_, i) => [ends[2 * i]!, ends[2 * i + 1]!]);

const written = (path: string): Spot[] =>
  [...path.matchAll(/[ML](-?[\d.]+) (-?[\d.]+)/g)].map(([, x, y]) => [Number(x), Number(y)]);

const apart = (p: Spot, q: Spot) => Math.hypot(p[0] - q[0], p[1] - q[1]);

describe("a contour", () => {
  it("of a distance is a circle, all the way round", () => {
    // An end lies on a side of a square, where the distance is taken for linear: its second
    // derivative is at most 1 / (RADIUS - STEP).
    const error = STEP ** 2 / 8 / (RADIUS - STEP);
    const turns = new Map<string, number>();
    let length = 0;
    const spots = spotsOf(pieces(circle, -RADIUS));
    spots.forEach((spot, i) => {
      expect(Math.abs(apart(spot, [90, 50]) - RADIUS)).toBeLessThan(error);
      const name = spot.map((value) => value.toFixed(6)).join();
      turns.set(name, (turns.get(name) ?? 0) + 1);
      if (i % 2) length += apart(spots[i - 1]!, spot);
    });
    expect([...new Set(turns.values())]).toEqual([2]); // each end is one of two pieces
    expect(Math.abs(length / (2 * Math.PI * RADIUS) - 1)).toBeLessThan(0.01);
  });

  it.each([
    [1, 0.5],
    [-1, 0.5],
    [0.3, -2],
  ])("of the plane %d x + %d y is a straight line from edge to edge", (a, b) => {
    const value = (x: number, y: number) => a * (x - 40) + b * (y - 30);
    const spots = spotsOf(pieces(fieldOf([80, 60, 5], value), 1.7));
    for (const spot of spots) expect(value(...spot)).toBeCloseTo(1.7, 9);
    const xs = spots.map(([x]) => x);
    const ys = spots.map(([, y]) => y);
    const across = Math.max(...xs) - Math.min(...xs) > 79.999;
    expect(across || Math.max(...ys) - Math.min(...ys) > 59.999).toBe(true);
  });

  it("has two ends to each piece, each within one square", () => {
    const field = fieldOf([90, 90, 6], (x, y) => Math.sin(x / 9) * Math.cos(y / 7));
    const spots = spotsOf(pieces(field, 0.1));
    expect(spots.length).toBeGreaterThan(0);
    for (let i = 0; i < spots.length; i += 2) {
      const middle = [0, 1].map((axis) => (spots[i]![axis]! + spots[i + 1]![axis]!) / 2);
      const square = middle.map((value, axis) => Math.floor(value / field.step[axis]!));
      for (const spot of [spots[i]!, spots[i + 1]!]) {
        spot.forEach((value, axis) => {
          expect(Math.abs(value / field.step[axis]! - square[axis]! - 0.5)).toBeLessThan(
            0.5 + 1e-9,
          );
        });
      }
    }
  });

  const rising = ["10,0", "0,10"];
  const falling = ["0,0", "10,10"];
  it.each([
    ["falling", 0.5, rising],
    ["falling", -0.5, falling],
    ["rising", 0.5, falling],
    ["rising", -0.5, rising],
  ])(
    "at a saddle with a %s ridge keeps apart what its middle, %d, keeps apart",
    (ridge, middle, corners) => {
      const [a, b] = ridge === "falling" ? [1 + middle, -1] : [-1, 1 + middle];
      const values = Float64Array.from([a, b, b, a]);
      const ends = pieces({ values, columns: 2, rows: 2, step: [10, 10] }, 0);
      const spots = spotsOf(ends);
      expect(spots).toHaveLength(4);
      // Each piece cuts off the corner that it is nearest to.
      const cut = [0, 2].map((i) =>
        [0, 1].map((axis) => (spots[i]![axis]! + spots[i + 1]![axis]! > 10 ? 10 : 0)).join(),
      );
      expect(cut.sort()).toEqual([...corners].sort());
    },
  );

  it("is nothing where nothing reaches the level", () => {
    const flat = fieldOf([50, 50, 5], () => 1);
    expect(pieces(flat, 2)).toEqual([]);
    expect([pathOf([]), joined([])]).toEqual(["", ""]);
  });

  it("is written with one line for each piece", () => {
    const ends = pieces(circle, -RADIUS);
    const path = pathOf(ends);
    expect(path.match(/M/g)).toHaveLength(ends.length / 4);
    written(path).forEach((spot, i) => {
      expect(apart(spot, spotsOf(ends)[i]!)).toBeLessThan(0.08); // a decimal is written
    });
  });

  it("can be joined: one line round, from its beginning to its beginning", () => {
    const ends = pieces(circle, -RADIUS);
    const line = joined(ends);
    expect(line.match(/M/g)).toHaveLength(1);
    const spots = written(line);
    expect(spots).toHaveLength(ends.length / 4 + 1);
    expect(spots[0]).toEqual(spots.at(-1));
    for (let i = 1; i < spots.length; i++) {
      expect(apart(spots[i - 1]!, spots[i]!)).toBeLessThan(STEP * Math.SQRT2 + 0.2);
    }
  });

  it("can be joined where the plot cuts it: a line for each part", () => {
    const cut = fieldOf([60, 100, 4], (x, y) => -Math.hypot(x - 30, y - 50));
    expect(joined(pieces(cut, -40)).match(/M/g)).toHaveLength(2);
  });
});

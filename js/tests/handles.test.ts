/*
 * What a drag means, handle by handle and structure by structure.
 */
import { describe, expect, it } from "vitest";
import { frameOf, type Shape } from "../src/maths/geometry/ellipse.ts";
import { covarianceToPixel, toData, toPixel, type Vec } from "../src/maths/geometry/viewport.ts";
import type { Matrix } from "../src/maths/matrix.ts";
import { startGesture } from "../src/view/handles/gesture.ts";
import { displayPosition, ROWS, rowOf, type Start } from "../src/view/handles/handle-table.ts";
import { hit } from "../src/view/handles/hit-test.ts";
import { STRUCTURES, structureOf } from "./structures.ts";

const view = { extent: [0, 6, 40, 100] as const, width: 600, height: 400 };
const TILTED = [
  [0.25, 1.2],
  [1.2, 36],
];
const NO = { shift: false, alt: false };

function shapeOf(covariance: Matrix, mean: Vec = [3, 70], id = 0): Shape {
  const frame = frameOf(covarianceToPixel(view, covariance));
  return { id, centre: toPixel(view, mean[0], mean[1]), frame, weight: 0.3, reach: 2 };
}

function startOf(name: string, covariance: Matrix = TILTED): Start {
  const structure = structureOf(name);
  return { shape: shapeOf(structure.constrain(covariance)), view, structure };
}

/** The shape after a handle was dragged by some pixels, taken hold of a bit off its centre. */
function dragged(start: Start, name: string, by: Vec, modifiers = NO) {
  const row = rowOf(name)!;
  const at = row.at(start.shape);
  const grab: Vec = [at[0] + 3, at[1] - 2];
  const patch = startGesture(row, start, grab).move([grab[0] + by[0], grab[1] + by[1]], modifiers);
  const frame = patch.covariance
    ? frameOf(covarianceToPixel(view, patch.covariance), start.shape.frame)
    : start.shape.frame;
  const centre = patch.mean ? toPixel(view, patch.mean[0]!, patch.mean[1]!) : start.shape.centre;
  return { patch, shape: { ...start.shape, frame, centre } };
}

describe.each(Object.keys(STRUCTURES))("under %s", (name) => {
  const start = startOf(name);

  it.each(ROWS.filter((row) => row.allowed(start.structure, start.shape)).map((row) => row.name))(
    "nothing jumps when %s is taken hold of off its centre",
    (handle) => {
      const { shape } = dragged(start, handle, [0, 0]);
      expect(shape.centre[0]).toBeCloseTo(start.shape.centre[0], 9);
      expect(shape.frame.a).toBeCloseTo(start.shape.frame.a, 6);
      expect(shape.frame.b).toBeCloseTo(start.shape.frame.b, 6);
    },
  );

  it("the centre goes where the hand goes, and only the mean changes", () => {
    const { patch, shape } = dragged(start, "centre", [40, -25]);
    expect(Object.keys(patch)).toEqual(["mean"]);
    expect(shape.centre[0]).toBeCloseTo(start.shape.centre[0] + 40, 9);
    expect(shape.centre[1]).toBeCloseTo(start.shape.centre[1] - 25, 9);
  });

  it.each(["axis1", "axis2"] as const)("the end of %s stays under the hand", (handle) => {
    const axis = handle === "axis1" ? start.shape.frame.u : start.shape.frame.v;
    const { shape } = dragged(start, handle, [20 * axis[0], 20 * axis[1]]);
    const [row, old] = [rowOf(handle)!, start.shape];
    const [now, was] = [row.at(shape), row.at(old)];
    expect(now[0]).toBeCloseTo(was[0] + 20 * axis[0], 6);
    expect(now[1]).toBeCloseTo(was[1] + 20 * axis[1], 6);
  });

  it("a drag gives a covariance that the structure leaves as it is", () => {
    for (const handle of ["axis1", "axis2", "rotate"] as const) {
      if (!rowOf(handle)!.allowed(start.structure, start.shape)) continue;
      const covariance = dragged(start, handle, [13, 9]).patch.covariance!;
      expect(start.structure.constrain(covariance)).toEqual(covariance);
    }
  });

  it("an axis cannot be pushed through the centre", () => {
    const { u } = start.shape.frame;
    const { shape } = dragged(start, "axis1", [-900 * u[0], -900 * u[1]]);
    expect(Math.min(shape.frame.a, shape.frame.b)).toBeGreaterThan(0.1);
  });
});

it("stretching one axis leaves the other; with Shift both grow alike", () => {
  const start = startOf("full");
  const { u, a, b } = start.shape.frame;
  const by: Vec = [30 * u[0], 30 * u[1]];
  const alone = dragged(start, "axis1", by).shape.frame;
  expect(alone.b).toBeCloseTo(b, 6);
  expect(alone.a).toBeCloseTo(a + 15, 6);
  const both = dragged(start, "axis1", by, { shift: true, alt: false }).shape.frame;
  expect(both.a / both.b).toBeCloseTo(a / b, 6);
});

it("turning keeps both axes; with Shift it snaps to 15 degrees", () => {
  const start = startOf("full");
  const { frame } = dragged(start, "rotate", [10, 45]).shape;
  expect(frame.a).toBeCloseTo(start.shape.frame.a, 6);
  expect(frame.b).toBeCloseTo(start.shape.frame.b, 6);
  const snapped = dragged(start, "rotate", [10, 45], { shift: true, alt: false }).shape.frame;
  const angle = (Math.atan2(snapped.u[1], snapped.u[0]) * 180) / Math.PI / 15;
  expect(angle).toBeCloseTo(Math.round(angle), 6);
});

it("diagonal stays exactly diagonal, spherical one radius in the data's units", () => {
  const flat = dragged(startOf("diag"), "axis2", [3, -40]).patch.covariance!;
  expect([flat[0]![1], flat[1]![0]]).toEqual([0, 0]);
  const ball = dragged(
    startOf("spherical", [
      [9, 0],
      [0, 9],
    ]),
    "axis1",
    [25, 3],
  ).patch.covariance!;
  expect(ball[0]![0]).toBe(ball[1]![1]);
  expect(ball[0]![1]).toBe(0);
});

it("only structures that turn have a handle to turn", () => {
  const turning = Object.values(STRUCTURES).filter((each) =>
    rowOf("rotate")!.allowed(each, shapeOf(TILTED)),
  );
  expect(turning.map(({ name }) => name).sort()).toEqual(["full", "tied"]);
});

describe("handles of an ellipse that leaves the plot", () => {
  const huge = shapeOf([
    [40, 0],
    [0, 4000],
  ]);

  it.each(ROWS.map((row) => row.name))("%s is still within reach", (name) => {
    const [x, y] = displayPosition(rowOf(name)!, huge, view);
    expect(x).toBeGreaterThanOrEqual(0);
    expect(x).toBeLessThanOrEqual(view.width);
    expect(y).toBeGreaterThanOrEqual(0);
    expect(y).toBeLessThanOrEqual(view.height);
  });

  it("are not on top of each other, and those inside stay in place", () => {
    const small = shapeOf(TILTED);
    for (const row of ROWS) expect(displayPosition(row, small, view)).toEqual(row.at(small));
    const [turn, end] = ["rotate", "axis1"].map((name) =>
      displayPosition(rowOf(name)!, huge, view),
    );
    expect(Math.hypot(turn![0] - end![0], turn![1] - end![1])).toBeGreaterThan(20);
  });
});

describe("handles of an ellipse that is smaller than its letter", () => {
  const tiny = shapeOf([
    [1e-4, 0],
    [0, 4],
  ]);
  const full = structureOf("full");
  const start = { shape: tiny, view, structure: full };
  const names = ROWS.map((row) => row.name);
  const seats = ROWS.map((row) => displayPosition(row, tiny, view));

  it("are clear of the letter, of its dial and of each other", () => {
    const [x, y] = tiny.centre;
    seats.forEach((p, i) => {
      const away = Math.hypot(p[0] - x, p[1] - y);
      if (!["centre", "weight"].includes(names[i]!)) expect(away).toBeGreaterThan(36);
      for (const q of seats.slice(i + 1))
        expect(Math.hypot(p[0] - q[0], p[1] - q[1])).toBeGreaterThan(15);
    });
  });

  it.each([12, 22])("are found by a pointer that reaches %i px", (reach) => {
    for (const [i, p] of seats.entries())
      expect(hit([tiny], 0, full, view, p, reach)?.handle).toBe(names[i]);
  });

  it.each(["axis1", "axis2"] as const)("%s grows by as much as the hand goes out", (name) => {
    const row = rowOf(name)!;
    const at = displayPosition(row, tiny, view);
    const way = name === "axis1" ? tiny.frame.u : tiny.frame.v;
    const side = name === "axis1" ? "a" : "b";
    const gesture = startGesture(row, start, at);
    const grown = (by: number) => {
      const to: Vec = [at[0] + by * way[0], at[1] + by * way[1]];
      return frameOf(covarianceToPixel(view, gesture.move(to, NO).covariance!), tiny.frame)[side];
    };
    expect(grown(0)).toBeCloseTo(tiny.frame[side], 6);
    expect(2 * (grown(20) - grown(0))).toBeCloseTo(20, 6);
  });

  it("turn as far as the hand goes around", () => {
    const row = rowOf("rotate")!;
    const [x, y] = tiny.centre;
    const at = displayPosition(row, tiny, view);
    const to: Vec = [x - (at[1] - y), y + (at[0] - x)];
    const { covariance } = startGesture(row, start, at).move(to, NO);
    const { u } = frameOf(covarianceToPixel(view, covariance!));
    expect(Math.abs(u[0] * tiny.frame.u[0] + u[1] * tiny.frame.u[1])).toBeCloseTo(0, 9);
  });
});

describe("what lies under a pointer", () => {
  const big = shapeOf(
    [
      [1, 0],
      [0, 100],
    ],
    [3, 70],
    0,
  );
  const small = shapeOf(
    [
      [0.04, 0],
      [0, 4],
    ],
    [3.6, 74],
    1,
  );
  const shapes = [big, small];
  const full = structureOf("full");
  const under = (p: Vec, selected: number | null = null, reach?: number) =>
    hit(shapes, selected, full, view, p, reach);

  it("is the smallest of the ellipses around it", () => {
    expect(under([small.centre[0] + 20, small.centre[1] + 14])).toEqual({
      id: 1,
      handle: "centre",
    });
    expect(under(toPixel(view, 2, 70))).toEqual({ id: 0, handle: "centre" });
  });

  it("is nothing on the empty plane", () => {
    expect(under([5, 5])).toBeNull();
  });

  it("is a handle of the selected component before anything else", () => {
    const at = rowOf("axis2")!.at(big);
    expect(under(at)?.handle).toBe("centre");
    expect(under([at[0] + 8, at[1]], 0)).toEqual({ id: 0, handle: "axis2" });
  });

  it("reaches further for a finger", () => {
    const at = rowOf("rotate")!.at(big);
    const p: Vec = [at[0] + 18, at[1]];
    expect(under(p, 0)?.handle).not.toBe("rotate");
    expect(under(p, 0, 22)?.handle).toBe("rotate");
  });
});

it("goes from pixels to data and back under the hand", () => {
  expect(toData(view, toPixel(view, 2.5, 77))[1]).toBeCloseTo(77, 12);
});

describe("the weight's dial", () => {
  const start = startOf("full");

  it("reads clockwise from the top, and changes nothing else", () => {
    const row = rowOf("weight")!;
    for (const weight of [0.05, 0.25, 0.5, 0.75, 0.95]) {
      const at = row.at({ ...start.shape, weight });
      const near = { ...start, shape: { ...start.shape, weight: Math.abs(weight - 0.2) } };
      const patch = row.drag(near, at, NO);
      expect(Object.keys(patch)).toEqual(["weight"]);
      expect(patch.weight).toBeCloseTo(weight, 9);
    }
  });

  it("stops at nothing and at all instead of going round", () => {
    const row = rowOf("weight")!;
    const [x, y] = start.shape.centre;
    const full = row.drag(
      { ...start, shape: { ...start.shape, weight: 0.9 } },
      [x + 3, y - 20],
      NO,
    );
    const none = row.drag(
      { ...start, shape: { ...start.shape, weight: 0.1 } },
      [x - 3, y - 20],
      NO,
    );
    expect(full.weight).toBeCloseTo(0.999, 9);
    expect(none.weight).toBeCloseTo(0.001, 9);
  });

  it("is not there for a component that is alone", () => {
    expect(rowOf("weight")!.allowed(start.structure, { ...start.shape, weight: 1 })).toBe(false);
  });
});

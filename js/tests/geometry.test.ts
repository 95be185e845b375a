/*
 * Ellipses and viewports: there and back again, and nothing jumps.
 */
import { describe, expect, it } from "vitest";
import {
  covarianceOf,
  distance,
  type Frame,
  frameOf,
  outline,
  turned,
} from "../src/maths/geometry/ellipse.ts";
import {
  covarianceToData,
  covarianceToPixel,
  toData,
  toPixel,
} from "../src/maths/geometry/viewport.ts";
import { someMixture } from "./dense.ts";

const view = { extent: [1, 6, 40, 100] as const, width: 640, height: 420 };

it("maps data to pixels and back", () => {
  expect(toPixel(view, 1, 100).map(Math.abs)).toEqual([0, 0]);
  expect(toPixel(view, 6, 40)).toEqual([640, 420]);
  const [x, y] = toData(view, toPixel(view, 3.7, 81.2));
  expect(x).toBeCloseTo(3.7, 12);
  expect(y).toBeCloseTo(81.2, 12);
});

describe.each([1, 2, 3, 4, 5])("covariance %i", (seed) => {
  const covariance = someMixture(1, 2, seed).covariances[0]!;
  const pixels = covarianceToPixel(view, covariance);
  const frame = frameOf(pixels);

  it("becomes an ellipse and comes back", () => {
    const back = covarianceToData(view, covarianceOf(frame)).flat();
    back.forEach((value, i) => {
      expect(value).toBeCloseTo(covariance.flat()[i]!, 9);
    });
  });

  it("has its major axis first, to the right, and the minor one up, at a right angle", () => {
    expect(frame.a).toBeGreaterThanOrEqual(frame.b);
    expect(frame.u[0]).toBeGreaterThanOrEqual(0);
    expect(frame.u[0] * frame.v[0] + frame.u[1] * frame.v[1]).toBeCloseTo(0, 12);
  });

  it("has points of its outline at the asked distance", () => {
    const p = [10 + 2 * frame.a * frame.u[0], 20 + 2 * frame.a * frame.u[1]] as const;
    expect(distance(frame, [10, 20], p)).toBeCloseTo(2, 9);
  });
});

it("keeps axis-aligned ellipses exactly aligned", () => {
  for (const [p, r] of [
    [9, 4],
    [4, 9],
    [5, 5],
  ]) {
    const frame = frameOf([
      [p!, 0],
      [0, r!],
    ]);
    expect(Math.abs(frame.u[0] * frame.u[1])).toBe(0);
    expect(covarianceOf(frame)[0]![1]! + 0).toBeCloseTo(0, 15);
  }
});

it("never lets an axis jump while its ellipse turns right round or changes order", () => {
  let frame: Frame = { u: [1, 0], v: [0, -1], a: 30, b: 10 };
  for (let i = 0; i < 360; i++) {
    // Axis 1 shrinks from three times axis 2 to half of it, and no label changes pendingEdits.
    const turn = turned({ ...frame, a: 30 - i / 14.1, b: 10 }, Math.PI / 180);
    const next = frameOf(covarianceOf(turn), frame);
    expect(next.u[0] * frame.u[0] + next.u[1] * frame.u[1]).toBeGreaterThan(0.99);
    expect(next.v[0] * frame.v[0] + next.v[1] * frame.v[1]).toBeGreaterThan(0.99);
    expect(next.a).toBeCloseTo(30 - i / 14.1, 6);
    frame = next;
  }
});

it("loses nothing of a very thin ellipse", () => {
  const thin = turned({ u: [1, 0], v: [0, -1], a: 1000, b: 0.5 }, 0.3);
  expect(frameOf(covarianceOf(thin)).b).toBeCloseTo(0.5, 3);
});

it("gives collinear columns an ellipse as well", () => {
  const { a, b } = frameOf([
    [1, 3],
    [3, 9],
  ]);
  expect(a).toBeCloseTo(Math.sqrt(10), 12);
  expect(b).toBeGreaterThan(0);
});

it("writes an outline whose ends are that many standard deviations away", () => {
  const centre = [40, 30] as const;
  const frame = frameOf([
    [200, 60],
    [60, 90],
  ]);
  const shape = { id: 0, centre, frame, weight: 1, reach: 2 };
  const [x0, y0, rx, ry, turn, , , x1, y1] = [...`${outline(shape, 2)}`.matchAll(/-?[\d.]+/g)].map(
    Number,
  );
  expect(distance(frame, centre, [x0!, y0!])).toBeCloseTo(2, 2);
  expect(distance(frame, centre, [x1!, y1!])).toBeCloseTo(2, 2);
  expect([rx! / 2, ry! / 2].map((r, i) => r - [frame.a, frame.b][i]!)).toEqual([
    expect.closeTo(0, 2),
    expect.closeTo(0, 2),
  ]);
  expect(Math.tan((turn! * Math.PI) / 180)).toBeCloseTo(frame.u[1] / frame.u[0], 2);
  expect(outline(shape, 0)).toBe(false);
});

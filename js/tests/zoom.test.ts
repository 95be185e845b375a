/*
 * Panning and zooming as arithmetic: what stays put, and where it ends.
 */
import { describe, expect, it } from "vitest";
import { type Extent, toData, toPixel, type Vec } from "../src/maths/geometry/viewport.ts";
import { panned, zoomed } from "../src/maths/geometry/zoom.ts";
import { wheelFactor } from "../src/view/handles/camera.ts";

const home: Extent = [0, 6, 40, 100];
const view = { extent: home, width: 600, height: 400 };

describe("panning", () => {
  it("keeps the point of the data under the hand", () => {
    const from: Vec = [120, 80];
    const held = toData(view, from);
    const extent = panned(view, 55, -31, home);
    const [x, y] = toPixel({ ...view, extent }, held[0], held[1]);
    expect(x).toBeCloseTo(175, 9);
    expect(y).toBeCloseTo(49, 9);
  });

  it("ends while the data are still at the edge", () => {
    const [x0, x1, y0, y1] = panned(view, -9999, -9999, home);
    expect([x0, x1]).toEqual([6, 12]);
    expect([y0, y1]).toEqual([-20, 40]);
  });
});

describe("zooming", () => {
  it.each([0.5, 0.9, 1.3, 4])("by %d leaves the place under the pointer where it is", (factor) => {
    const at: Vec = [410, 77];
    const held = toData(view, at);
    const extent = zoomed(view, at, factor, home);
    const [x, y] = toPixel({ ...view, extent }, held[0], held[1]);
    expect(x).toBeCloseTo(410, 9);
    expect(y).toBeCloseTo(77, 9);
    expect((extent[1] - extent[0]) / 6).toBeCloseTo(factor, 9);
    expect((extent[3] - extent[2]) / 60).toBeCloseTo(factor, 9);
  });

  it("and back again is where it was", () => {
    const nearer = zoomed(view, [90, 300], 0.37, home);
    zoomed({ ...view, extent: nearer }, [90, 300], 1 / 0.37, home).forEach((edge, i) => {
      expect(edge).toBeCloseTo(home[i]!, 9);
    });
  });

  it("has an end on both sides, where nothing moves any more", () => {
    for (const factor of [1e-3, 1e3]) {
      let extent: Extent = home;
      for (let i = 0; i < 30; i++) extent = zoomed({ ...view, extent }, [300, 200], factor, home);
      const ratio = (extent[1] - extent[0]) / 6;
      expect(ratio).toBeCloseTo(factor < 1 ? 1e-6 : 20, 9);
      expect(zoomed({ ...view, extent }, [300, 200], factor, home)).toEqual(extent);
    }
  });

  it("does not go nearer than the coordinates have digits", () => {
    const far: Extent = [1e9, 1e9 + 2, 0, 1];
    let extent: Extent = far;
    for (let i = 0; i < 60; i++) {
      extent = zoomed({ ...view, extent }, [300, 200], 0.5, far);
      expect(extent[1]).toBeGreaterThan(extent[0]);
    }
    expect(extent[1] - extent[0]).toBeGreaterThan(0.05);
  });
});

describe("the wheel", () => {
  const turn = (deltaY: number, ctrlKey = false, deltaMode = 0) =>
    wheelFactor({ deltaY, ctrlKey, deltaMode });

  it("goes nearer upwards and further downwards, by the same share", () => {
    expect(turn(-100)).toBeLessThan(1);
    expect(turn(-100) * turn(100)).toBeCloseTo(1, 12);
  });

  it("takes lines for pixels of the same turn, and no leap at once", () => {
    expect(turn(3, false, 1)).toBe(turn(48));
    expect(turn(5000)).toBe(turn(120));
  });

  it("follows a trackpad's pinch closely", () => {
    expect(turn(4, true)).toBeGreaterThan(turn(4));
  });
});

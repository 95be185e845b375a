/*
 * Drawing around points: the line, what it encloses, and what is asked for.
 *
 * @vitest-environment happy-dom
 */
import { describe, expect, it } from "vitest";
import {
  box,
  countInside,
  drawn,
  isInside,
  middle,
  moved,
  type Polygon,
  stretched,
} from "../src/maths/geometry/polygon.ts";
import type { PlanePoints } from "../src/maths/points.ts";
import { MAX_CORNERS } from "../src/messages/commands.ts";
import { uniform } from "./dense.ts";
import { usePage } from "./page.ts";

const page = usePage();

describe("a polygon", () => {
  it("holds a point exactly where the angle that it subtends is a full turn", () => {
    const random = uniform(5);
    const outline: Polygon = [0.1, 1.2, 2.1, 3.3, 4.4, 5.6].map((angle) => {
      const radius = 0.3 + 1.5 * random();
      return [radius * Math.cos(angle), radius * Math.sin(angle)];
    });
    for (let i = 0; i < 300; i++) {
      const [x, y] = [4 * random() - 2, 4 * random() - 2];
      const turned = outline.reduce((sum, [x0, y0], k) => {
        const [x1, y1] = outline[(k + 1) % outline.length]!;
        const [a, b, c, d] = [x0 - x, y0 - y, x1 - x, y1 - y];
        return sum + Math.atan2(a * d - b * c, a * c + b * d);
      }, 0);
      expect(isInside(outline, x, y)).toBe(Math.abs(turned) > 1);
    }
  });

  it("shares no point with its neighbour, whatever side or corner it is on", () => {
    for (const [x, y] of [0, 1, 2].flatMap((a) => [0, 1, 2].map((b) => [a, b] as const))) {
      const found = [-1, 0, 1, 2].flatMap((i) =>
        [-1, 0, 1, 2].filter((j) => isInside(box([i, j], [i + 1, j + 1]), x, y)),
      );
      expect(found).toHaveLength(1);
    }
  });

  it("counts rows in the data's units, by weight", () => {
    const cloud: PlanePoints = {
      xy: Float32Array.from([-1, -1, 0, 0, 1, 1]),
      weight: Float32Array.from([5, 7, 11]),
      origin: [100, 2000],
      scale: [10, 300],
      total: 23,
      cell: null,
    };
    expect(countInside(cloud, box([95, 1900], [120, 2400]))).toEqual([18, 23]);
  });

  it("stays within its bound however long the line, and keeps its ends", () => {
    let line: Polygon = [];
    for (let i = 0; i < 5000; i++) line = drawn(line, [i, 0]);
    expect(line.length).toBeLessThanOrEqual(MAX_CORNERS);
    expect([line[0], line.at(-1)]).toEqual([
      [0, 0],
      [4999, 0],
    ]);
  });

  it("is moved, and stretched about its middle", () => {
    const one = middle([0, 10, 0, 100]);
    expect(one).toEqual(box([4, 40], [6, 60]));
    expect(moved(one, 1, -10)).toEqual(box([5, 30], [7, 50]));
    expect(stretched(one, 2, 0.5)).toEqual(box([3, 45], [7, 55]));
  });
});

const card = () => page.el.querySelector<HTMLElement>(".gmm-selection")!;
const words = () => page.el.querySelector(".gmm-selection-words")!.textContent;
const drag = (points: [number, number][], extra = {}) => {
  page.pointer("pointerdown", ...points[0]!, extra);
  for (const point of points.slice(1)) page.pointer("pointermove", ...point, extra);
  page.pointer("pointerup", ...points.at(-1)!, extra);
};

describe("the hand", () => {
  it("draws a box with its tool, over a component too, which stays where it is", () => {
    page.named("Select box").click();
    // Centre of A: (2, 55) in an extent of 1..5 x 45..95 on 500 x 300 pixels.
    drag([
      [125, 240],
      [40, 200],
      [180, 290],
    ]);
    expect(page.host.of("edit")).toEqual([]);
    expect(card().hidden).toBe(false);
    expect(page.named("Select box").getAttribute("aria-pressed")).toBe("false");
    drag([
      [300, 20],
      [310, 20],
      [320, 30],
    ]);
    expect(card().hidden).toBe(false);
  });

  it("draws a box with Shift on the empty plane, and asks for a component", () => {
    drag(
      [
        [20, 190],
        [100, 200],
        [200, 295],
      ],
      { shiftKey: true },
    );
    expect(document.activeElement).toBe(page.named("Component A"));
    expect(words()).toBe("2 points (50 %)");
    page.named("New component from selection").click();
    const { name, args } = page.host.of("command").at(-1)!;
    expect(name).toBe("carve");
    const { polygon, ...rest } = args as { polygon: number[][] };
    expect(rest).toEqual({ dims: [0, 1] });
    expect(polygon).toHaveLength(4);
    expect(polygon[0]![0]).toBeCloseTo(1 + (20 * 4) / 500, 9);
    expect(polygon[2]![1]).toBeCloseTo(95 - (295 * 50) / 300, 9);
  });

  it("draws a free line with its tool, and splits the selected component by it", () => {
    page.named("Select lasso").click();
    drag([
      [300, 40],
      [320, 150],
      [450, 150],
      [450, 40],
    ]);
    expect(words()).toBe("2 points (50 %)");
    page.named("Split A by selection").click();
    expect(page.host.of("command").at(-1)!.args).toMatchObject({ component: 0 });
  });

  it("leaves line, selection and tool by Escape", async () => {
    page.named("Select lasso").click();
    page.pointer("pointerdown", 300, 40);
    page.pointer("pointermove", 350, 80);
    page.key("Escape");
    page.pointer("pointermove", 390, 120);
    await page.settle();
    expect(card().hidden).toBe(true);
    expect(page.named("Select lasso").getAttribute("aria-pressed")).toBe("false");
    expect(page.el.querySelector(".gmm-lasso")!.hasAttribute("d")).toBe(false);
  });

  it("does not take a click for a line", () => {
    page.named("Select lasso").click();
    drag([
      [300, 40],
      [301, 41],
    ]);
    expect(card().hidden).toBe(true);
  });

  it("selects by keys: X gives a box that arrows move and stretch", () => {
    page.key("x");
    expect(document.activeElement).toBe(card());
    expect(words()).toBe("0 points (0 %)");
    for (let i = 0; i < 12; i++) page.key("ArrowRight", card());
    for (let i = 0; i < 8; i++) page.key("ArrowUp", card(), { shiftKey: true });
    expect(words()).toBe("1 point (25 %)");
    page.key("Escape", card());
    expect(card().hidden).toBe(true);
  });

  it("has nothing selected once the components are others", async () => {
    page.key("x");
    page.host.state({ rev: 2, ids: [0, 2] });
    await page.settle();
    expect(card().hidden).toBe(true);
  });
});

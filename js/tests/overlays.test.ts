/*
 * What is laid over the points, through the DOM: buttons, keys, the slider,
 * and the line that a hand can pull.
 *
 * @vitest-environment happy-dom
 */
import { describe, expect, it } from "vitest";
import { percent } from "../src/base/format.ts";
import { under } from "../src/maths/geometry/contours.ts";
import { countBelow, densities } from "../src/maths/likelihood.ts";
import { logDensity } from "../src/maths/mixture.ts";
import type { PlanePoints } from "../src/maths/points.ts";
import { computeQuantiles } from "../src/maths/sampling.ts";
import { densityField } from "../src/view/layers/density.ts";
import { createOutlierBoundary } from "../src/view/layers/outlier-boundary.ts";
import { wordsOf } from "../src/view/panels/outliers.ts";
import { fieldOf, someMixture } from "./dense.ts";
import { MIXTURE } from "./host.ts";
import { usePage } from "./page.ts";

const page = usePage();
const path = (name: string) => page.el.querySelector(`.${name}`)!.getAttribute("d");

describe.each([
  ["Density contours", "d", "gmm-density"],
  ["Decision boundaries", "b", "gmm-border"],
  ["Outliers", "u", "gmm-level"],
  ["Model sample", "g", "gmm-sample"],
])("%s", (name, key, drawn) => {
  it("are drawn and taken away by button and by key", async () => {
    for (const press of [() => page.named(name).click(), () => page.key(key)]) {
      for (const on of ["true", "false"]) {
        press();
        await page.settle();
        expect(page.named(name).getAttribute("aria-pressed")).toBe(on);
        expect(path(drawn) === null).toBe(on === "false");
      }
    }
  });
});

it("lays lines of equal density under the outlines, and what they say above", () => {
  const all = [...page.el.querySelectorAll(".gmm-density, .gmm-ellipses, .gmm-mass, .gmm-marks")];
  const names = all.map((each) => each.getAttribute("class"));
  const order = ["gmm-density", "gmm-ellipses", "gmm-mass", "gmm-marks"];
  expect([...new Set(names)]).toEqual(order);
});

describe("the ellipses", () => {
  it("are at the chosen masses, and the handles on the outermost", async () => {
    const path = () => page.el.querySelector(".gmm-sigma2")!.getAttribute("d")!;
    const radius = () => Number(/A([\d.]+)/.exec(path())![1]);
    const before = radius();
    const select = page.named("Ellipses") as HTMLSelectElement;
    select.value = "mass";
    select.dispatchEvent(new Event("change"));
    await page.settle();
    const factor = Math.sqrt(-2 * Math.log(0.05)) / 2;
    expect(radius() / before).toBeCloseTo(factor, 3);
    const shown = [...page.el.querySelectorAll(".gmm-outline")].map(
      (each) => each.querySelectorAll("[d]").length,
    );
    expect(shown).toEqual([6, 6]);
  });
});

describe("outliers", () => {
  it("are counted in words, and the slider changes how far out they begin", async () => {
    page.named("Outliers").click();
    await page.settle();
    const slider = page.el.querySelector<HTMLInputElement>(".gmm-slider")!;
    const words = () => page.el.querySelector(".gmm-outliers-words")!.textContent;
    expect(slider.getAttribute("aria-valuetext")).toBe("1 %");
    expect(words()).toMatch(/^0 of 4 points \(0 %\) lie outside the model's inner 99 %$/);
    slider.value = slider.max;
    slider.dispatchEvent(new Event("input"));
    await page.settle();
    expect(slider.getAttribute("aria-valuetext")).toBe("50 %");
    expect(words()).toBe("0 of 4 points (0 %) lie outside the model's inner 50 %");
    const means = [[1.5, 90], MIXTURE.means[1]];
    page.host.state({ rev: 2 }, { ...MIXTURE, means });
    await page.settle(400);
    expect(words()).toMatch(/^2 of 4 points \(50 %\)/);
    expect(path("gmm-out")).toMatch(/^M.*a/);
  });

  it("begin where the line is pulled to", async () => {
    page.named("Outliers").click();
    await page.settle();
    const slider = page.el.querySelector<HTMLInputElement>(".gmm-slider")!;
    const grip = page.el.querySelector<SVGPathElement>(".gmm-level-grip")!;
    Object.assign(grip, { setPointerCapture: () => undefined });
    const [, x, y] = /M([\d.]+) ([\d.]+)/.exec(grip.getAttribute("d")!)!.map(Number);
    const send = (type: string, clientX: number, clientY: number) =>
      grip.dispatchEvent(
        new PointerEvent(type, { pointerId: 7, button: 0, bubbles: true, clientX, clientY }),
      );
    const before = Number(slider.value);
    send("pointerdown", x!, y!);
    send("pointermove", x!, y!);
    expect(Number(slider.value)).toBeCloseTo(before, 0);
    // The line's first piece is its topmost, above B: (4, 80) in 1..5 x 45..95 on 500 x 300 pixels.
    send("pointermove", x! + 0.5 * (375 - x!), y! + 0.5 * (90 - y!));
    send("pointerup", x!, y!);
    expect(Number(slider.value)).toBeGreaterThan(before + 5);
    expect(page.host.of("edit")).toEqual([]);
  });
});

const mixture = someMixture(3, 2, 4);
const cloud: PlanePoints = {
  xy: Float32Array.from({ length: 400 }, (_, i) => Math.sin(12.9898 * (i + 1)) * 2),
  weight: null,
  origin: [1, -1],
  scale: [2, 3],
  total: 200,
  cell: null,
};

describe("the count", () => {
  it("is that of dense arithmetic", () => {
    const rows = Array.from({ length: 200 }, (_, i) => [
      1 + 2 * cloud.xy[2 * i]!,
      -1 + 3 * cloud.xy[2 * i + 1]!,
    ]);
    const dense = logDensity(mixture, rows);
    densities(mixture, cloud).forEach((value, i) => {
      expect(value).toBeCloseTo(dense[i]!, 8);
    });
    const level = computeQuantiles(mixture).level(0.1);
    const below = dense.filter((value) => value < level).length;
    expect(countBelow(mixture, cloud, level)).toEqual([below, 200]);
    const twice = { ...cloud, weight: new Float32Array(200).fill(2) };
    expect(countBelow(mixture, twice, level)).toEqual([2 * below, 400]);
  });

  it("says by what it was counted", () => {
    const found = { count: 1234, total: 50_000, about: true, marginal: true };
    expect(wordsOf(found, 0.05)).toBe(
      "about 1,234 of 50,000 points (2.5 %) lie outside the model's inner 95 % in these two columns",
    );
    expect(wordsOf(null, 0.05)).toContain("no density");
    expect([0, 0.0004, 0.02, 0.5, 0.998, 1].map(percent)).toEqual([
      "0 %",
      "0.04 %",
      "2 %",
      "50 %",
      "99.8 %",
      "100 %",
    ]);
  });
});

describe("many points", () => {
  it("are hatched where the mixture hardly reaches, and not ringed", () => {
    const { root, draw } = createOutlierBoundary();
    const view = { extent: [-9, 9, -9, 9] as const, width: 200, height: 200 };
    const d = (name: string) => root.querySelector(`.${name}`)!.getAttribute("d");
    draw(mixture, view, cloud, 0.3);
    expect([d("gmm-out") === null, d("gmm-hatch")]).toEqual([false, null]);
    draw(mixture, view, { ...cloud, cell: [1, 1] }, 0.3);
    expect([d("gmm-out"), d("gmm-hatch") === null]).toEqual([null, false]);
  });

  it("are hatched over exactly the area that is below the level", () => {
    const field = fieldOf([100, 80, 10], (x, y) => x + y / 2);
    // The shoelace formula over all polygons.
    const area = [...under(field, 60).matchAll(/M([^Z]+)Z/g)].reduce((sum, [, ring]) => {
      const p = ring!.split("L").map((pair) => pair.split(" ").map(Number));
      const twice = p.reduce((total, [x, y], i) => {
        const [u, v] = p[(i + 1) % p.length]!;
        return total + x! * v! - u! * y!;
      }, 0);
      return sum + Math.abs(twice) / 2;
    }, 0);
    expect(area).toBeCloseTo(80 * 60 - (80 * 40) / 2, 0);
  });
});

it("the field behind the lines is the mixture's log density at the plot's pixels", () => {
  const view = { extent: [-9, 9, -5, 7] as const, width: 90, height: 50 };
  const { values, columns, rows, step } = densityField(mixture, view);
  expect(values).toHaveLength(columns * rows);
  for (const i of [0, columns - 1, columns, 3 * columns + 2, values.length - 1]) {
    const [x, y] = [(i % columns) * step[0], Math.floor(i / columns) * step[1]];
    const [want] = logDensity(mixture, [[-9 + x / 5, 7 - (y * 12) / 50]]);
    expect(values[i]! / want!).toBeCloseTo(1, 6);
  }
});

/*
 * The picture, pixel by pixel: counts, opacity, and colour by membership.
 *
 * @vitest-environment happy-dom
 */
import { describe, expect, it } from "vitest";
import { colourOf, oklab, packed } from "../src/base/palette.ts";
import { type Mixture, responsibilities } from "../src/maths/mixture.ts";
import type { PlanePoints } from "../src/maths/points.ts";
import { FrameTimer } from "../src/view/layers/adaptive-painter.ts";
import { CanvasPainter } from "../src/view/layers/canvas-painter.ts";
import { colourise } from "../src/view/layers/colour.ts";
import { coarser, opaque, type Sheet, unitOpacity } from "../src/view/layers/opacity.ts";
import { dotRadius, seen, splat } from "../src/view/layers/pixel-counts.ts";
import { normal, uniform } from "./dense.ts";

const view = { extent: [0, 10, 0, 5] as const, width: 100, height: 50 };

function cloudOf(xy: number[], extra: Partial<PlanePoints> = {}): PlanePoints {
  const total = xy.length / 2;
  const plain = { weight: null, origin: [0, 0], scale: [1, 1], total, cell: null } as const;
  return { xy: Float32Array.from(xy), ...plain, ...extra };
}

const sum = (values: Iterable<number>) => [...values].reduce((a, b) => a + b, 0);

describe("binning", () => {
  const crowd = Array<number>(50_000).fill(1); // too many at one place for discs
  const random = uniform(3);
  const many = Array.from({ length: 50_000 }, (_, i) =>
    i % 2 ? 2.5 + 0.3 * normal(random) : 5 + 0.6 * normal(random),
  );

  it("counts every point of a large cloud once, and none outside the view", () => {
    const { counts } = splat({ cloud: cloudOf([...many, 50, 2, 5, -9]), view, ratio: 1 });
    expect(sum(counts)).toBe(25_000);
  });

  it("puts a point on the pixel that it lies on, the y axis upwards", () => {
    const cloud = cloudOf([2.55, 4.55, ...crowd]);
    const { counts, width } = splat({ cloud, view, ratio: 1 });
    expect(counts.indexOf(1)).toBe(4 * width + 25);
  });

  it("follows the device's pixels", () => {
    const grid = splat({ cloud: cloudOf([2.57, 4.53, ...crowd]), view, ratio: 2 });
    expect([grid.width, grid.height]).toEqual([200, 100]);
    expect(grid.counts.indexOf(1)).toBe(9 * 200 + 51);
  });

  it("draws few points as round dots, symmetric about the point", () => {
    const { counts, width } = splat({ cloud: cloudOf([5.05, 2.45]), view, ratio: 1 });
    const at = (dx: number, dy: number) => counts[(25 + dy) * width + 50 + dx]!;
    expect(at(0, 0)).toBe(1);
    expect(Math.abs(sum(counts) / (Math.PI * dotRadius(1) ** 2) - 1)).toBeLessThan(0.05);
    for (const [dx, dy] of [
      [2, 1],
      [3, 0],
      [1, 3],
    ]) {
      // A centre is drawn to a quarter of a pixel: at most an eighth off, to either side.
      expect(Math.abs(at(-dx!, dy!) - at(dx!, dy!))).toBeLessThanOrEqual(0.25);
    }
    expect(at(8, 0)).toBe(0);
  });

  it.each([1, 2])("draws dots where few of many points are in view, at %i px a pixel", (ratio) => {
    const away = crowd.map((x) => -x);
    const lone = splat({ cloud: cloudOf([5.05, 2.45]), view, ratio });
    expect(splat({ cloud: cloudOf([...away, 5.05, 2.45]), view, ratio })).toEqual(lone);
    expect(seen(cloudOf([...crowd, ...away]), view)).toBeGreaterThan(20_000);
  });

  it("spreads the cells of a preview, losing none of their weight", () => {
    const cells = { total: 1e6, cell: [1, 1] as const, weight: Float32Array.from([8e5, 2e5]) };
    const { counts } = splat({ cloud: cloudOf([2.5, 2.5, 7.5, 2.5], cells), view, ratio: 1 });
    expect(sum(counts) / 1e6).toBeCloseTo(1, 3);
    expect(Math.max(...counts)).toBeLessThan(8e5 / 20);
  });

  it("shrinks dots as they grow many, within bounds", () => {
    const radii = [1, 272, 2000, 20_000, 1e6].map(dotRadius);
    expect(radii).toEqual([...radii].sort((a, b) => b - a));
    expect(radii[0]).toBeLessThanOrEqual(3);
    expect(radii[4]).toBeGreaterThanOrEqual(1);
  });
});

describe("opacity", () => {
  const grid = (counts: number[]) => ({
    width: counts.length,
    height: 1,
    counts: Float32Array.from(counts),
  });

  it("is 1 - (1 - a0)^count", () => {
    const counts = [0, 1, 2, 5, 10, 10, 10, 10];
    const a0 = unitOpacity(Float32Array.from(counts));
    Array.from(opaque(grid(counts)).alpha).forEach((alpha, i) => {
      expect(alpha / 255).toBeCloseTo(1 - (1 - a0) ** counts[i]!, 2);
    });
  });

  it("lists every pixel of many blocks once", () => {
    const [width, height] = [50, 35];
    const { cells } = opaque({ width, height, counts: new Float32Array(width * height).fill(1) });
    expect(Array.from(cells).sort((a, b) => a - b)).toEqual([...Array(width * height).keys()]);
  });

  it("lists the pixels that are not empty, and leaves none of those out", () => {
    expect(Array.from(opaque(grid([0, 1, 0, 1e5, 0.001])).cells)).toEqual([1, 3, 4]);
  });

  it("does not depend on the scale of the counts, between its bounds", () => {
    const counts = [0, 2, 3, 5, 8, 12];
    const { alpha } = opaque(grid(counts));
    expect(opaque(grid(counts.map((count) => 7 * count))).alpha).toEqual(alpha);
    expect(unitOpacity(Float32Array.from([1, 1, 1, 1]))).toBe(0.82);
    expect(unitOpacity(Float32Array.from([900, 900, 900]))).toBe(0.02);
  });

  it("is the mean of the block, rounded down but never to none, when it is made coarser", () => {
    const counts = Array.from({ length: 64 }, (_, i) => (i < 8 ? 0 : (i * 7) % 5));
    const fine = opaque({ width: 8, height: 8, counts: Float32Array.from(counts) });
    fine.alpha.set([1], 63);
    for (const i of [54, 55, 62]) fine.alpha[i] = 0;
    const coarse = coarser(fine, 2);
    expect([coarse.width, coarse.height]).toEqual([4, 4]);
    coarse.alpha.forEach((alpha, i) => {
      const corner = 16 * Math.floor(i / 4) + 2 * (i % 4);
      const block = [0, 1, 8, 9].map((step) => fine.alpha[corner + step]!);
      expect(alpha).toBe(sum(block) > 0 ? Math.max(1, Math.floor(sum(block) / 4)) : 0);
    });
  });
});

it("stretches a coarse canvas so that each of its pixels covers whole ones", () => {
  const painter = new CanvasPainter();
  painter.bin({ cloud: cloudOf([1, 1]), view, ratio: 1 });
  for (const factor of [3, 1]) {
    const { width, height } = coarser(painter.sheet!, factor);
    painter.fit(coarser(painter.sheet!, factor));
    const { style } = painter.root;
    expect([painter.root.width, painter.root.height]).toEqual([width, height]);
    expect(Number.parseFloat(style.width)).toBeCloseTo((100 * factor * width) / view.width, 9);
    expect(Number.parseFloat(style.height)).toBeCloseTo((100 * factor * height) / view.height, 9);
  }
});

describe("colour", () => {
  const colours = ["#5b40f2", "#d77d2c"].map(oklab);
  const round = [
    [1, 0],
    [0, 1],
  ];
  const mixture: Mixture = {
    weights: [0.5, 0.5],
    means: [
      [3, 2.5],
      [7, 2.5],
    ],
    covariances: [round, round],
  };
  const full: Sheet = {
    width: 100,
    height: 50,
    alpha: new Uint8Array(5000).fill(200),
    cells: Uint32Array.from({ length: 5000 }, (_, i) => i),
  };
  const painted = (sheet: Sheet, of = mixture) => {
    const out = new Uint32Array(sheet.width * sheet.height);
    colourise(sheet, of, colours, view, out);
    return new Uint8Array(out.buffer);
  };
  const pixel = (bytes: Uint8Array, x: number, y: number, width = 100) =>
    Array.from(bytes.slice(4 * (width * y + x), 4 * (width * y + x) + 4));
  /** The largest difference of a pixel's channels from the mean by dense responsibilities there. */
  const worst = (rgba: number[], of: Mixture, at: number[], hues = colours) => {
    const [r] = responsibilities(of, [at]);
    const [l, a, b] = [0, 1, 2].map((c) => sum(hues.map((hue, i) => r![i]! * hue[c]!)));
    const rgb = packed(l!, a!, b!);
    return Math.max(...[0, 1, 2].map((i) => Math.abs(rgba[i]! - ((rgb >> (8 * i)) & 255))));
  };

  it("is a component's own where nothing else reaches", () => {
    const bytes = painted(full);
    expect(pixel(bytes, 5, 25)).toEqual([0x5b, 0x40, 0xf2, 200]);
    expect(pixel(bytes, 95, 25)).toEqual([0xd7, 0x7d, 0x2c, 200]);
  });

  it("is the mean in OKLab by the dense responsibilities, at every pixel", () => {
    const skewed: Mixture = {
      weights: [0.3, 0.7],
      means: mixture.means,
      covariances: [
        [
          [2, 0.9],
          [0.9, 1],
        ],
        round,
      ],
    };
    const bytes = painted(full, skewed);
    for (const x of [10, 35, 48, 52, 60, 80]) {
      for (const y of [5, 25, 44]) {
        const at = [(x + 0.5) / 10, 5 - (y + 0.5) / 10];
        expect(worst(pixel(bytes, x, y), skewed, at)).toBeLessThanOrEqual(2);
      }
    }
  });

  it("leaves out no component of many that has a share somewhere", () => {
    const random = uniform(11);
    const k = 20;
    const many: Mixture = {
      weights: Array.from({ length: k }, () => 1 / k),
      means: Array.from({ length: k }, () => [12 * random() - 1, 7 * random() - 1]),
      covariances: Array.from({ length: k }, (_, i) => {
        const [a, b] = [0.02 + random(), 0.01 + (i % 4) * random()];
        const off = (1.9 * random() - 0.95) * Math.sqrt(a * b);
        return [
          [a, off],
          [off, b],
        ];
      }),
    };
    const hues = Array.from({ length: k }, (_, i) => oklab(colourOf(i)));
    const out = new Uint32Array(5000);
    colourise(full, many, hues, view, out);
    const bytes = new Uint8Array(out.buffer);
    for (let cell = 0; cell < 5000; cell += 7) {
      const [x, y] = [cell % 100, Math.floor(cell / 100)];
      const at = [(x + 0.5) / 10, 5 - (y + 0.5) / 10];
      expect(worst(pixel(bytes, x, y), many, at, hues)).toBeLessThanOrEqual(2);
    }
  });

  it("leaves empty pixels clear", () => {
    const one = { ...full, cells: Uint32Array.from([42]) };
    const bytes = painted(one);
    expect(sum(bytes.filter((_, i) => i % 4 === 3))).toBe(200);
  });

  it("is the same picture, only smaller, on a coarser sheet", () => {
    const half: Sheet = {
      width: 50,
      height: 25,
      alpha: new Uint8Array(1250).fill(200),
      cells: Uint32Array.from({ length: 1250 }, (_, i) => i),
    };
    const coarse = painted(half);
    for (const x of [3, 20, 24, 25, 40]) {
      const at = [(x + 0.5) / 5, 5 - 12.5 / 5];
      expect(worst(pixel(coarse, x, 12, 50), mixture, at)).toBeLessThanOrEqual(2);
    }
  });
});

describe("where WebGL is drawn by the processor", () => {
  it("frames that keep the page three times in a row hand over to plain JavaScript", () => {
    const beat = new FrameTimer();
    for (const time of [200, 20, 1, 20, 20]) beat.took(time);
    expect(beat.slow).toBe(false);
    beat.took(20);
    expect(beat.slow).toBe(true);
  });
});

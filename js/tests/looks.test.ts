/*
 * The three things that colour can tell, held to dense arithmetic, and the
 * table that the shader reads.
 */
import { describe, expect, it } from "vitest";
import { oklab, packed } from "../src/base/palette.ts";
import { logJoint, type Mixture, responsibilities } from "../src/maths/mixture.ts";
import { parts } from "../src/view/layers/adaptive-painter.ts";
import { CERTAIN, colourise, UNSURE } from "../src/view/layers/colour.ts";

const view = { extent: [0, 10, 0, 5] as const, width: 100, height: 50 };
const sheet = {
  width: 100,
  height: 50,
  alpha: new Uint8Array(5000).fill(200),
  cells: Uint32Array.from({ length: 5000 }, (_, i) => i),
};
const colours = ["#5b40f2", "#d77d2c", "#b70096"].map(oklab);
const mixture: Mixture = {
  weights: [0.3, 0.5, 0.2],
  means: [
    [3, 2.5],
    [6, 2],
    [5, 4],
  ],
  covariances: [
    [
      [2, 0.9],
      [0.9, 1],
    ],
    [
      [1, 0],
      [0, 1],
    ],
    [
      [0.5, -0.3],
      [-0.3, 0.4],
    ],
  ],
};
const PROBES = [5, 20, 35, 42, 48, 55, 63, 80, 96].flatMap((x) =>
  [3, 20, 33, 47].map((y) => [x, y]),
);
const data = (x: number, y: number) => [(x + 0.5) / 10, 5 - (y + 0.5) / 10];

function painted(look: "soft" | "hard" | "entropy"): (x: number, y: number) => number {
  const out = new Uint32Array(5000);
  colourise(sheet, mixture, colours, view, out, look);
  return (x, y) => out[100 * y + x]! & 0xffffff;
}

const channels = (rgb: number) => [rgb & 255, (rgb >> 8) & 255, rgb >> 16];

describe("colour", () => {
  it("tells the strongest component in the hard view", () => {
    const at = painted("hard");
    for (const [x, y] of PROBES) {
      const [r] = responsibilities(mixture, [data(x!, y!)]);
      const best = colours[r!.indexOf(Math.max(...r!))]!;
      expect(at(x!, y!)).toBe(packed(...best));
    }
  });

  it("tells the entropy of the memberships, in bits up to one", () => {
    const at = painted("entropy");
    for (const [x, y] of PROBES) {
      const [r] = responsibilities(mixture, [data(x!, y!)]);
      const bits = r!.reduce((sum, p) => sum - (p > 0 ? p * Math.log2(p) : 0), 0);
      const t = Math.min(1, bits);
      const mean = [0, 1, 2].map((i) => CERTAIN[i]! + t * (UNSURE[i]! - CERTAIN[i]!));
      const want = channels(packed(mean[0]!, mean[1]!, mean[2]!));
      channels(at(x!, y!)).forEach((channel, i) => {
        expect(Math.abs(channel - want[i]!)).toBeLessThanOrEqual(1);
      });
    }
  });
});

describe("the shader's table", () => {
  it("gives the log-joints of the mixture, up to what all components share", () => {
    const table = parts(mixture, colours, view, sheet);
    const joint = new Float64Array(3);
    for (const [x, y] of PROBES) {
      logJoint(mixture)(data(x!, y!), joint);
      const values = [0, 1, 2].map((k) => {
        const [c, mx, my, , i11, l21, i22] = table.slice(12 * k, 12 * k + 7);
        const z1 = (x! - mx!) * i11!;
        const z2 = (y! - my! - l21! * z1) * i22!;
        return c! - 0.5 * (z1 * z1 + z2 * z2);
      });
      for (const k of [1, 2]) {
        const scale = Math.max(1, Math.abs(joint[k]!));
        expect((values[k]! - values[0]! - (joint[k]! - joint[0]!)) / scale).toBeCloseTo(0, 4);
      }
    }
  });

  it("holds a flat component and one without weight", () => {
    const flat = [
      [1, 2],
      [2, 4],
    ];
    const odd = { ...mixture, weights: [0, 0.5, 0.5], covariances: [flat, flat, flat] };
    expect(parts(odd, colours, view, sheet).every(Number.isFinite)).toBe(true);
  });
});

/*
 * Colour by all columns: what is asked of the kernel, what is done with its
 * answers, and the colours that pixels then have.
 *
 * @vitest-environment happy-dom
 */
import { beforeEach, describe, expect, it } from "vitest";
import { oklab, PALETTE, packed } from "../src/base/palette.ts";
import type { PlanePoints } from "../src/maths/points.ts";
import { parseResponsibilities } from "../src/state/responsibilities.ts";
import type { Look } from "../src/state/view-state.ts";
import { CERTAIN, UNSURE } from "../src/view/layers/colour.ts";
import { opaque } from "../src/view/layers/opacity.ts";
import { splat } from "../src/view/layers/pixel-counts.ts";
import { colourPoints } from "../src/view/layers/point-colours.ts";
import { MIXTURE } from "./host.ts";
import { usePage } from "./page.ts";

const page = usePage();
const VIEW = {
  dims: [0, 1],
  columns: ["a", "b", "c"],
  data_rev: 2,
  n: 4,
  d: 3,
  travels: "points",
  origin: [3, 70],
  scale: [2, 20],
  extent: [1, 5, 45, 95],
};
const THREE = {
  weights: MIXTURE.weights,
  means: MIXTURE.means.map((mean) => [...mean, 7]),
  covariances: MIXTURE.covariances.map((c) => [
    [...c[0]!, 0],
    [...c[1]!, 0],
    [0, 0, 2],
  ]),
};
const choices = () => [...page.named("Colour by").querySelectorAll("button")];
const all = () => choices()[1]!;
const asked = () => page.host.of("memberships");
const colours = () => page.root.dataset.gmmColours;

/** The kernel answers with two rows, a chunk that is half of the data. */
function answer(index: number, changes: Record<string, unknown> = {}): void {
  const { client } = asked().at(-1)!;
  const rows = Uint8Array.from([9, 0, 1, 255, 0, 1, 0, 200, 120]).subarray(1);
  const what = { kind: "memberships", client, data_rev: 2, rev: 2, ids: [0, 3], index };
  page.host.tell({ ...what, start: 2 * index, count: 2, n: 4, ...changes }, [rows]);
}

beforeEach(async () => {
  page.host.write({ _view: VIEW });
  page.host.state({ rev: 2 }, THREE);
  page.host.chunk(0, 2);
  page.host.chunk(1, 2);
  await page.settle();
});

describe("the choice", () => {
  it("is there where there are more than two columns", async () => {
    expect(page.named("Colour by").hidden).toBe(false);
    page.host.write({ _view: { ...VIEW, d: 2, columns: ["a", "b"], data_rev: 3 } });
    await page.settle();
    expect(page.named("Colour by").hidden).toBe(true);
  });

  it("is off, with the reason in its tip, where points are counts", async () => {
    page.host.write({ _view: { ...VIEW, travels: "counts" } });
    await page.settle();
    all().click();
    await page.settle(150);
    expect(all().getAttribute("aria-disabled")).toBe("true");
    expect(all().dataset.gmmTip).toContain("Not available: so many points");
    expect(all().getAttribute("aria-pressed")).toBe("false");
    expect(asked()).toHaveLength(0);
  });

  it("goes back when the kernel refuses, which is said", async () => {
    all().click();
    await page.settle(150);
    page.host.ack(asked()[0]!, 2, "not here");
    await page.settle();
    expect(choices().map((each) => each.getAttribute("aria-pressed"))).toEqual(["true", "false"]);
    expect(page.el.textContent).toContain("not here");
  });
});

describe("memberships", () => {
  beforeEach(async () => {
    all().click();
    await page.settle(150);
  });

  it("are asked for chunk by chunk, and shown once all are there", async () => {
    expect(asked()).toMatchObject([{ data_rev: 2, index: 0 }]);
    answer(0);
    expect(asked()).toMatchObject([{ index: 0 }, { index: 1 }]);
    expect(colours()).toBe("plane");
    answer(1);
    await page.settle(150);
    expect(colours()).toBe("all");
    expect(asked()).toHaveLength(2);
  });

  it("are asked for anew once a later model rests", async () => {
    answer(0);
    answer(1);
    for (const rev of [3, 4, 5]) page.host.state({ rev }, THREE);
    await page.settle(20);
    expect(colours()).toBe("earlier");
    await page.settle(150);
    expect(asked().slice(2)).toMatchObject([{ index: 0 }]);
    answer(0, { rev: 5 });
    answer(1, { rev: 5 });
    expect(colours()).toBe("all");
  });

  it("begin again when the model changes between chunks, but not during a run", async () => {
    answer(0);
    page.host.state({ rev: 3 }, THREE);
    answer(1, { rev: 3 });
    await page.settle(150);
    expect(asked().map(({ index }) => index)).toEqual([0, 1, 0]);
    page.host.state({ rev: 4 }, THREE, true);
    answer(0, { rev: 4 });
    answer(1, { rev: 5 });
    expect(colours()).toBe("all");
  });

  it("of other data, another model or another view are dropped", async () => {
    answer(0, { rev: 1, data_rev: 1 });
    answer(0, { client: "someone" });
    answer(1);
    answer(0, { n: 6 });
    expect(asked()).toHaveLength(1);
    answer(0);
    expect(asked()).toHaveLength(2);
  });

  it("wait while a hand holds a component", async () => {
    answer(0);
    answer(1);
    page.key("ArrowRight");
    page.host.state({ rev: 3 }, THREE);
    await page.settle(150);
    expect(colours()).toBe("earlier");
    expect(asked()).toHaveLength(2);
  });

  it("are forgotten with the data, and when they are not wanted", async () => {
    answer(0);
    answer(1);
    choices()[0]!.click();
    expect(colours()).toBe("plane");
    page.host.state({ rev: 9 }, THREE);
    await page.settle(150);
    expect(asked()).toHaveLength(2);
    all().click();
    await page.settle(150);
    expect(asked()).toHaveLength(3);
    page.host.write({ _view: { ...VIEW, data_rev: 3 } });
    expect(colours()).toBe("plane");
  });
});

describe("an answer", () => {
  const rows = Uint8Array.from([0, 1, 255, 0, 1, 0, 200, 120]);
  const fine = { data_rev: 1, rev: 1, ids: [0, 15], index: 0, start: 0, count: 2, n: 4 };

  it("gives colours by the components' identities", () => {
    expect([...parseResponsibilities(fine, rows).pointResponsibilities]).toEqual([
      0, 3, 255, 0, 3, 0, 200, 120,
    ]);
  });

  it.each([
    { ids: [0] },
    { ids: [0, -1] },
    { ids: "ab" },
    { ids: null },
    { count: 1 },
    { start: 3 },
    { n: 2 ** 40 },
    { rev: -1 },
    { index: 0.5 },
    { data_rev: "1" },
  ])("with %o is refused", (changes) => {
    expect(() => parseResponsibilities({ ...fine, ...changes }, rows)).toThrow(/memberships/);
  });
});

describe("a pixel", () => {
  const view = { extent: [0, 10, 0, 5] as const, width: 100, height: 50 };
  const plain = { weight: null, origin: [0, 0], scale: [1, 1], total: 1e6, cell: null } as const;
  const cloud: PlanePoints = {
    ...plain,
    xy: Float32Array.from([2.55, 4.55, 2.55, 4.55, 7.05, 0.05]),
  };
  const pointResponsibilities = Uint8Array.from([0, 1, 255, 0, 1, 0, 204, 51, 2, 1, 153, 255]);
  const hue = (i: number) => oklab(PALETTE[i]!);
  const mean = (...parts: readonly (readonly [number, readonly number[]])[]) => {
    const at = (i: number) => parts.reduce((sum, [share, c]) => sum + share * c[i]!, 0);
    return packed(at(0), at(1), at(2));
  };
  const painted = (look: Look, cloudOf = cloud, ratio = 1) => {
    const scene = { cloud: cloudOf, view, ratio };
    const out = new Uint32Array(5000 * ratio * ratio);
    colourPoints(scene, opaque(splat(scene)), pointResponsibilities, look, out);
    return out;
  };
  const close = (word: number, rgb: number) => {
    for (const shift of [0, 8, 16]) {
      expect(Math.abs(((word >> shift) & 255) - ((rgb >> shift) & 255))).toBeLessThanOrEqual(1);
    }
  };
  const [shared, single] = [4 * 100 + 25, 49 * 100 + 70];

  it("has the mean of its points' colours", () => {
    const soft = painted("soft");
    close(soft[shared]!, mean([0.5, hue(0)], [0.4, hue(1)], [0.1, hue(0)]));
    close(soft[single]!, mean([0.6, hue(2)], [0.4, hue(1)]));
    const hard = painted("hard");
    close(hard[shared]!, mean([0.5, hue(0)], [0.5, hue(1)]));
    close(hard[single]!, mean([1, hue(2)]));
    const entropy = painted("entropy");
    close(entropy[shared]!, mean([0.9, CERTAIN], [0.1, UNSURE]));
    close(entropy[single]!, mean([1, UNSURE]));
  });

  it("is as opaque as in the plane, and empty where there are no points", () => {
    const scene = { cloud, view, ratio: 1 };
    const { alpha } = opaque(splat(scene));
    painted("soft").forEach((word, i) => {
      expect(word >>> 24).toBe(alpha[i]);
    });
  });

  it("of a dot has the dot's colour up to its rim", () => {
    const few = { ...cloud, total: 3 };
    const words = [...painted("hard", few)].filter((word) => word !== 0);
    expect(words.length).toBeGreaterThan(20);
    const wanted = [mean([0.5, hue(0)], [0.5, hue(1)]), mean([1, hue(2)])];
    for (const word of words) {
      const gap = (rgb: number) =>
        Math.max(...[0, 8, 16].map((s) => Math.abs(((word >> s) & 255) - ((rgb >> s) & 255))));
      expect(Math.min(...wanted.map(gap))).toBeLessThanOrEqual(1);
    }
  });

  it("does not depend on the order of the points", () => {
    const flipped = [...Float32Array.from(cloud.xy)];
    const order = [2, 0, 1];
    const xy = Float32Array.from(order.flatMap((row) => flipped.slice(2 * row, 2 * row + 2)));
    const scene = { cloud: { ...cloud, xy }, view, ratio: 1 };
    const turned = Uint8Array.from(
      order.flatMap((r) => [...pointResponsibilities.slice(4 * r, 4 * r + 4)]),
    );
    const out = new Uint32Array(5000);
    colourPoints(scene, opaque(splat(scene)), turned, "soft", out);
    expect([...out]).toEqual([...painted("soft")]);
  });
});

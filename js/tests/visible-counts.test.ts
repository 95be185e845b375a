/*
 * Counts in place of points: what is asked for, and what is done with the
 * answer.
 *
 * @vitest-environment happy-dom
 */
import { beforeEach, describe, expect, it, vi } from "vitest";
import { around, PAUSE } from "../src/kernel/visible-counts.ts";
import { pointsOfCounts } from "../src/state/received-points.ts";
import type { Sent } from "./host.ts";
import { usePage } from "./page.ts";

const page = usePage();
const regions = () => page.host.of("region");

async function answer(message: Sent, counts?: Uint32Array<ArrayBuffer>): Promise<void> {
  const [nx, ny] = message.shape as [number, number];
  const grid = counts ?? new Uint32Array(nx * ny).fill(3);
  const stream = new Blob([grid]).stream().pipeThrough(new CompressionStream("deflate"));
  const packed = await new Response(stream).arrayBuffer();
  const { extent, shape, client } = message;
  const content = { kind: "grid", client, data_rev: 2, extent, shape };
  page.host.tell(content, [new DataView(packed)]);
}

beforeEach(async () => {
  const view = page.host.get("_view") as Record<string, unknown>;
  page.host.write({ _view: { ...view, data_rev: 2, n: 9_000_000, travels: "counts" } });
  await page.settle(PAUSE + 100);
});

describe("a view of counts", () => {
  it("asks once for what is visible and some room around it", () => {
    expect(regions()).toHaveLength(1);
    expect(regions()[0]).toMatchObject({ data_rev: 2, extent: [...around([1, 5, 45, 95])] });
    expect(regions()[0]!.shape).toEqual([750, 450]);
    expect(page.root.dataset.gmmPoints).toBe("preview");
  });

  it("shows the answer, and is content with it for a short pan", async () => {
    await answer(regions()[0]!);
    await vi.waitFor(() => expect(page.root.dataset.gmmPoints).toBe("all"));
    page.pointer("pointerdown", 20, 20);
    page.pointer("pointermove", 60, 40);
    page.pointer("pointerup", 60, 40);
    await page.settle(PAUSE + 100);
    expect(page.root.dataset.gmmPoints).toBe("all");
    expect(regions()).toHaveLength(1);
  });

  it("asks again after a zoom, once it rests", async () => {
    await answer(regions()[0]!);
    await vi.waitFor(() => expect(page.root.dataset.gmmPoints).toBe("all"));
    for (let i = 0; i < 4; i++) page.key("i");
    await page.settle(PAUSE + 150);
    expect(regions()).toHaveLength(2);
    const [x0, x1] = regions()[1]!.extent as number[];
    expect((x1! - x0!) / 1.5).toBeCloseTo(4 / 1.25 ** 4, 9);
  });

  it("says when an answer is not what it claims to be", async () => {
    await answer(regions()[0]!, new Uint32Array(5));
    const notice = page.el.querySelector(".gmm-notice-text")!;
    await vi.waitFor(() => expect(notice.textContent).toContain("grid buffer and shape disagree"));
  });
});

describe("a grid as a cloud", () => {
  it("has its counts at the centres of its cells, row 0 lowest", () => {
    const packed = new Uint8Array(Uint32Array.from([0, 2, 0, 5, 0, 0]).buffer);
    const { xy, weight, origin, scale, total } = pointsOfCounts([0, 6, 10, 14], [3, 2], packed);
    const at = (row: number) => [0, 1].map((i) => origin[i]! + scale[i]! * xy[2 * row + i]!);
    expect([at(0), at(1)]).toEqual([
      [3, 11],
      [1, 13],
    ]);
    expect(Array.from(weight!)).toEqual([2, 5]);
    expect(total).toBe(7);
  });
});

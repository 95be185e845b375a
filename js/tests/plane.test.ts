/*
 * A hand on the empty plane, through the DOM: pan, zoom, add.
 *
 * @vitest-environment happy-dom
 */
import { describe, expect, it } from "vitest";
import { usePage } from "./page.ts";

const page = usePage();
const extent = () => page.root.dataset.gmmExtent!.split(",").map(Number);
const wheel = (deltaY: number, extra = {}) => {
  const event = new WheelEvent("wheel", {
    deltaY,
    clientX: 250,
    clientY: 150,
    bubbles: true,
    cancelable: true,
    ...extra,
  });
  // Some pages without a layout leave these out of a wheel's event.
  const { ctrlKey = false } = extra as { ctrlKey?: boolean };
  Object.defineProperties(event, {
    ctrlKey: { value: ctrlKey },
    clientX: { value: 250 },
    clientY: { value: 150 },
  });
  page.plot.dispatchEvent(event);
  return event;
};

// No component is near the upper left corner.
const [x, y] = [20, 20];

describe("the empty plane", () => {
  it("is panned by a drag, and no component moves", async () => {
    page.pointer("pointerdown", x, y);
    page.pointer("pointermove", x + 50, y + 30);
    page.pointer("pointerup", x + 50, y + 30);
    await page.settle();
    const [x0, x1, y0, y1] = extent();
    expect([x0, x1].map((edge) => edge! + 0.4)).toEqual([1, 5].map((e) => expect.closeTo(e, 9)));
    expect([y0, y1].map((edge) => edge! - 5)).toEqual([45, 95].map((e) => expect.closeTo(e, 9)));
    expect(page.host.of("edit")).toEqual([]);
    expect(page.host.of("command")).toEqual([]);
  });

  it("is seen whole again by key and by button", async () => {
    for (const back of [() => page.key("f"), () => page.named("Fit view").click()]) {
      page.key("i");
      await page.settle();
      expect(extent()[0]).toBeGreaterThan(1);
      back();
      await page.settle();
      expect(extent()).toEqual([1, 5, 45, 95]);
    }
  });

  it("gets a component where it is clicked twice", () => {
    for (const type of ["pointerdown", "pointerup", "pointerdown", "pointerup"]) {
      page.pointer(type, 50, 30);
    }
    const [command] = page.host.of("command");
    expect(command).toMatchObject({ name: "add", args: { dims: [0, 1] } });
    const [mx, my] = (command!.args as { mean: number[] }).mean;
    expect(mx).toBeCloseTo(1 + (50 * 4) / 500, 9);
    expect(my).toBeCloseTo(95 - (30 * 50) / 300, 9);
  });

  it("keeps its components after two clicks far apart, or a drag between", () => {
    for (const at of [50, 120]) {
      page.pointer("pointerdown", at, 30);
      page.pointer("pointerup", at, 30);
    }
    page.pointer("pointerdown", 120, 30);
    page.pointer("pointermove", 140, 30);
    page.pointer("pointerup", 140, 30);
    expect(page.host.of("command")).toEqual([]);
  });
});

describe("the wheel", () => {
  it("scrolls the page while neither Ctrl is held nor the plot has the focus", async () => {
    expect(wheel(-100).defaultPrevented).toBe(false);
    await page.settle();
    expect(extent()).toEqual([1, 5, 45, 95]);
  });

  it("zooms with Ctrl", async () => {
    expect(wheel(-100, { ctrlKey: true }).defaultPrevented).toBe(true);
    await page.settle();
    expect(extent()[0]).toBeGreaterThan(1);
  });
});

/*
 * The history's picture: where entries go, what is on which branch, and how
 * a hand or a keyboard goes back to one.
 *
 * @vitest-environment happy-dom
 */
import { describe, expect, it } from "vitest";
import { LIVE, longer, parseTrace, withTail } from "../src/state/history.ts";
import { nearest, plotted, traceRange } from "../src/view/panels/history-tree.ts";
import { TRACE } from "./host.ts";
import { usePage } from "./page.ts";

// start, moved A, run of 3; and from the start another branch: split B.
const FORKED = {
  id: [0, 2, 3, 1],
  parent: [null, 0, 2, 0],
  cause: ["start", "place", "run", "split"],
  label: [["start"], ["moved", [0]], ["run", 3], ["split", [1]]],
  values: [[-100], [-98], [-95, -94, -93.5], [-99]],
  branch: 3,
  position: 2,
};

describe("a trace", () => {
  it("is a tree of which a part is the present branch", () => {
    const trace = parseTrace(FORKED);
    expect(trace.entries.map(({ id }) => id)).toEqual([0, 2, 3, 1]);
    expect(trace.branch).toEqual([0, 2, 3]);
  });

  it("has no circles and no strangers, whatever is sent", () => {
    const odd = { ...FORKED, parent: [3, 9, 2, 77], position: 12 };
    const { entries, position } = parseTrace(odd);
    expect(entries.map(({ parent }) => parent)).toEqual([null, null, 2, null]);
    expect(position).toBe(3);
    for (const bad of [{ id: [-1] }, { id: ["x"] }, { id: [1.5] }]) {
      expect(() => parseTrace({ ...FORKED, ...bad })).toThrow("trace.id[0]");
    }
    expect(parseTrace({}).entries).toEqual([]);
  });

  it("takes a run in progress on at the present entry, and leaves what was ahead aside", () => {
    const whole = withTail(parseTrace(FORKED), [-97, -96]);
    expect(whole.branch).toEqual([0, 2, LIVE]);
    const { curves, here } = plotted(whole, 300);
    expect(here?.value).toBe(-96);
    expect(curves.map(({ where }) => where)).toEqual(["past", "past", "aside", "aside", "past"]);
  });

  it("thins a run without end", () => {
    let tail: readonly number[] = [];
    for (let i = 0; i < 9000; i++) tail = longer(tail, i);
    expect(tail.length).toBeLessThanOrEqual(2000);
    expect(tail.at(-1)).toBe(8999);
  });
});

describe("the picture of a trace", () => {
  it("goes across by steps; branches leave where they were made", () => {
    const { curves, here } = plotted(parseTrace(FORKED), 300);
    const of = (id: number) => curves.find(({ entry }) => entry.id === id)!;
    expect(here?.entry.id).toBe(2);
    expect(of(1).points[0]).toBe(of(0).end);
    expect(of(2).points[0]).toBe(of(0).end);
    expect(of(1).end!.x).toBeCloseTo(of(2).end!.x);
    expect(of(3).points.map(({ x }) => x)).toEqual(
      [...of(3).points].map(({ x }) => x).sort((a, b) => a - b),
    );
    expect(of(3).where).toBe("future");
    expect(of(3).end!.y).toBeLessThan(of(2).end!.y);
  });

  it("finds what is pointed at", () => {
    const shape = plotted(parseTrace(FORKED), 300);
    for (const { end } of shape.curves) expect(nearest(shape, end!.x, end!.y)).toBe(end);
  });

  it("leaves gaps where nothing is known and stays inside", () => {
    const shape = plotted(
      parseTrace({ ...FORKED, values: [[-1e4], [null], [-95, null], [-99]] }),
      240,
    );
    const spots = shape.curves.flatMap(({ points }) => points);
    expect(shape.curves[2]!.end).toBeUndefined();
    for (const { x, y } of spots) {
      expect(x).toBeGreaterThanOrEqual(0);
      expect(x).toBeLessThanOrEqual(shape.edge);
      expect(y).toBeGreaterThanOrEqual(0);
      expect(y).toBeLessThanOrEqual(96);
    }
  });

  it("does not let a bad start flatten what follows, and opens a range for one value", () => {
    const values = [-9000, ...Array.from({ length: 30 }, (_, i) => -1130 - 20 / (i + 1))];
    const [low, high] = traceRange(values);
    expect(low).toBeGreaterThan(-1300);
    expect(high).toBeGreaterThanOrEqual(Math.max(...values));
    const [under, over] = traceRange([-5]);
    expect(over).toBeGreaterThan(under);
  });
});

describe("the history panel", () => {
  const page = usePage();
  const entry = (id: number) => page.el.querySelector<SVGElement>(`[data-gmm-entry="${id}"]`)!;
  const jumps = () => page.host.of("command").map(({ name, args }) => [name, args]);

  it("has one tab stop, names its entries and follows the keys", async () => {
    page.host.write({ _trace: FORKED });
    await page.settle();
    const stops = [...page.el.querySelectorAll(".gmm-entry[tabindex='0']")];
    expect(stops).toEqual([entry(2)]);
    expect(entry(1).getAttribute("aria-label")).toBe("1 · split B · −99.000");
    expect(entry(2).getAttribute("aria-selected")).toBe("true");
    entry(2).focus();
    const at: (string | null)[] = [];
    for (const name of ["ArrowRight", "ArrowLeft", "ArrowLeft", "ArrowDown", "End", "Home"]) {
      page.key(name, document.activeElement!);
      at.push(document.activeElement!.getAttribute("data-gmm-entry"));
    }
    expect(at).toEqual(["3", "2", "0", "1", "3", "0"]);
    page.key("Enter", entry(1));
    expect(jumps()).toEqual([["jump", { entry: 1 }]]);
  });

  it("goes where it is clicked, and a step back or forward", async () => {
    page.host.write({ _trace: FORKED });
    await page.settle();
    const chart = page.el.querySelector(".gmm-trace-chart")!;
    const shape = plotted(parseTrace(FORKED), 500);
    const { x, y } = shape.curves.at(-1)!.end!;
    chart.dispatchEvent(new PointerEvent("pointermove", { clientX: x, clientY: y }));
    chart.dispatchEvent(new MouseEvent("click"));
    page.named("Step back").click();
    page.named("Step forward").click();
    expect(jumps()).toEqual([
      ["jump", { entry: 1 }],
      ["jump", { entry: 0 }],
      ["jump", { entry: 3 }],
    ]);
  });

  it("goes to a step inside a run, where its steps are kept", async () => {
    const steps = [[], [], [2, 4, 5], []];
    page.host.write({ _trace: { ...FORKED, position: 3, steps, kept: [3] } });
    await page.settle();
    const chart = page.el.querySelector(".gmm-trace-chart")!;
    const run = plotted(parseTrace({ ...FORKED, position: 3 }), 500).curves[2]!;
    const { x, y } = run.points.find(({ entry, at }) => entry.id === 3 && at === 1)!;
    chart.dispatchEvent(new PointerEvent("pointermove", { clientX: x, clientY: y }));
    expect(page.el.querySelector(".gmm-trace .gmm-caption")!.textContent).toContain("step 4 · run");
    chart.dispatchEvent(new MouseEvent("click"));
    page.named("Step back").click();
    page.host.write({ _trace: { ...FORKED, steps, kept: [3] } });
    await page.settle();
    page.named("Step forward").click();
    expect(jumps()).toEqual([4, 4, 2].map((step) => ["jump", { entry: 3, step }]));
  });

  it("goes to steps whose value is not known, and says that it is not", async () => {
    const values = [[-100], [-98], [null, null, -92], [-99]];
    const steps = [[], [], [1, 2, 3], []];
    page.host.write({ _trace: { ...FORKED, values, steps, kept: [3] } });
    await page.settle();
    const chart = page.el.querySelector(".gmm-trace-chart")!;
    const straight = [[-100], [-98], [-96, -94, -92], [-99]];
    const run = plotted(parseTrace({ ...FORKED, values: straight }), 500).curves[2]!;
    for (const at of [0, 1]) {
      const { x, y } = run.points.find((spot) => spot.entry.id === 3 && spot.at === at)!;
      chart.dispatchEvent(new PointerEvent("pointermove", { clientX: x, clientY: y }));
      const said = page.el.querySelector(".gmm-trace .gmm-caption")!.textContent;
      expect(said).toBe(`step ${at + 1} · run of 3 EM steps · –`);
      chart.dispatchEvent(new MouseEvent("click"));
    }
    expect(jumps()).toEqual([1, 2].map((step) => ["jump", { entry: 3, step }]));
  });

  it("takes steps that do not fit their values for none", () => {
    const { entries } = parseTrace({ ...FORKED, steps: [[], [], [1, 2], []], kept: [3] });
    expect(entries[2]).toMatchObject({ steps: [], kept: false });
    const steps = [[], [], [1, -2, 3], []];
    expect(() => parseTrace({ ...FORKED, steps })).toThrow("trace.steps");
  });

  it("writes words as text", async () => {
    const evil = "<img src=x onerror=alert(1)>";
    page.host.write({ _trace: { ...TRACE, label: [[evil]] } });
    await page.settle();
    entry(0).dispatchEvent(new FocusEvent("focusin", { bubbles: true }));
    expect(page.el.querySelector("img")).toBeNull();
    expect(page.el.querySelector(".gmm-trace .gmm-caption")!.textContent).toContain(evil);
  });
});

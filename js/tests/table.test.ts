/*
 * The table of the components: numbers typed over, locks, choice, and what
 * the kernel is told.
 *
 * @vitest-environment happy-dom
 */
import { describe, expect, it } from "vitest";
import { patchOf } from "../src/view/panels/typed-number.ts";
import { FIT } from "./host.ts";
import { usePage } from "./page.ts";
import { STRUCTURES, structureOf } from "./structures.ts";

const page = usePage();
const field = (name: string) => page.named(name) as HTMLInputElement;
const commands = () => page.host.of("command").map(({ name, args }) => [name, args]);

function type(name: string, text: string): void {
  const input = field(name);
  input.value = text;
  input.dispatchEvent(new Event("change", { bubbles: true }));
}

describe("a number typed over", () => {
  it.each([
    ["Weight of A in numbers", "0.25", { weight: 0.25 }],
    ["Mean of A in the first column", "2,5", { mean: [2.5, 55] }],
    ["Mean of A in the second column", " −3 ", { mean: [2, -3] }],
  ])("sets the %s", (name, text, patch) => {
    type(name, text);
    expect(page.host.of("edit")).toHaveLength(1);
    expect(page.host.of("edit")[0]).toMatchObject({ component: 0, final: true, ...patch });
  });

  it.each(["-3.5e-1", "−3.5e−1", "–0,35"])("is read with any minus sign: %s", (text) => {
    type("Mean of A in the first column", text);
    expect(page.host.of("edit")[0]).toMatchObject({ mean: [-0.35, 55] });
  });

  it("sets a standard deviation and keeps the correlation", () => {
    type("Standard deviation of A in the first column", "0.5");
    const [[a, b], [, c]] = page.host.of("edit")[0]!.covariance as number[][];
    expect(a).toBeCloseTo(0.25, 12);
    expect(c).toBeCloseTo(30, 9);
    expect(b! / Math.sqrt(a! * c!)).toBeCloseTo(0.3 / Math.sqrt(0.1 * 30), 12);
  });

  it("sets the correlation and keeps the spreads", () => {
    type("Correlation of B", "-0.5");
    const [[a, b], [, c]] = page.host.of("edit")[0]!.covariance as number[][];
    expect([a, c].map((v) => v!.toFixed(9))).toEqual(["0.200000000", "36.000000000"]);
    expect(b! / Math.sqrt(a! * c!)).toBeCloseTo(-0.5, 12);
  });

  it.each([
    ["Weight of A in numbers", "1.5", "between 0 and 1"],
    ["Standard deviation of A in the first column", "-1", "more than 0"],
    ["Correlation of A", "1", "between −1 and 1"],
    ["Mean of A in the first column", "two", "not a number"],
    ["Mean of A in the first column", "", "not a number"],
  ])("is refused where it cannot be: %s = %s", (name, text, why) => {
    const before = field(name).value;
    type(name, text);
    expect(page.host.of("edit")).toEqual([]);
    expect(field(name).value).toBe(before);
    const notice = page.el.querySelector(".gmm-notice-text")!.textContent;
    expect(notice).toContain(why);
    expect(notice).toContain(`"${text}"`);
  });
});

describe("under a structure", () => {
  const placed = {
    weight: 0.5,
    mean: [0, 0],
    covariance: [
      [4, 0],
      [0, 4],
    ],
  };

  it("that is round, both spreads are what was typed", () => {
    expect(patchOf("sd1", 3, placed, structureOf("spherical"))).toEqual({
      covariance: [
        [9, 0],
        [0, 9],
      ],
    });
  });

  it.each(Object.values(STRUCTURES).filter((each) => each.diagonal))(
    "that does not turn, no correlation comes in ($name)",
    (structure) => {
      const { covariance } = patchOf("corr", 0.5, placed, structure) as { covariance: number[][] };
      expect(covariance[0]![1]).toBe(0);
    },
  );
});

describe("the buttons of a line", () => {
  it("lock and let go, and delete", () => {
    page.named("Lock shape of B").click();
    const locks = [{}, { covariance: true }];
    page.host.state({ rev: 2, locks });
    expect(page.named("Lock shape of B").getAttribute("aria-pressed")).toBe("true");
    page.named("Lock shape of B").click();
    page.named("Delete A").click();
    expect(commands()).toEqual([
      ["lock", { component: 1, what: "covariance", on: true }],
      ["lock", { component: 1, what: "covariance", on: false }],
      ["delete", { component: 0 }],
    ]);
  });
});

describe("the order of the lines", () => {
  const letters = () =>
    [...page.el.querySelectorAll<HTMLElement>("tbody tr[data-gmm-id]")].map(
      (line) => "ABC"[Number(line.dataset.gmmId)],
    );
  const show = (rev: number, ids: readonly number[]) => {
    const of = <T>(value: T) => ids.map(() => value);
    const mixture = {
      weights: of(1 / ids.length),
      means: ids.map((id) => [id + 1, 50]),
      covariances: of([
        [1, 0],
        [0, 1],
      ]),
    };
    page.host.state({ rev, ids, locks: of({}) }, mixture);
  };

  it.each([
    ["undone delete of B", [0, 2], [0, 1, 2]],
    ["undone delete of A", [1, 2], [0, 1, 2]],
    ["jump to where B and C stood the other way round", [0, 1, 2], [0, 2, 1]],
    ["jump to where A came last", [0, 1, 2], [1, 2, 0]],
  ])("is that of the components after an %s", (_, before, after) => {
    show(2, before);
    show(3, after);
    expect(letters()).toEqual(after.map((id) => "ABC"[id]));
  });

  it("changes without moving the line that has the keyboard, if it can stay", () => {
    show(2, [0, 2]);
    page.named("Select C").focus();
    show(3, [0, 1, 2]);
    expect(document.activeElement).toBe(page.named("Select C"));
    expect(letters()).toEqual(["A", "B", "C"]);
  });
});

describe("split and merge", () => {
  it("split the selected component, by key and by button", () => {
    page.key("s");
    page.named("Split component").click();
    expect(commands()).toEqual(Array(2).fill(["split", { component: 0 }]));
  });

  it("merge what is chosen with Shift in the table", () => {
    const merge = page.named("Merge components") as HTMLButtonElement;
    expect(merge.disabled).toBe(true);
    const click = new MouseEvent("click", { bubbles: true, shiftKey: true });
    page.named("Select B").dispatchEvent(click);
    expect(merge.disabled).toBe(false);
    merge.click();
    expect(commands()).toEqual([["merge", { components: [0, 1] }]]);
  });

  it("merge what is chosen with Shift on the plane or by keys", () => {
    page.pointer("pointerdown", 375, 90, { shiftKey: true });
    page.pointer("pointerup", 375, 90, { shiftKey: true });
    page.key("m");
    page.pointer("pointerdown", 20, 20);
    page.pointer("pointerup", 20, 20);
    page.key("m");
    page.key("Enter", undefined, { shiftKey: true });
    page.key(".");
    page.key("m", page.named("Component B"));
    expect(commands()).toEqual(Array(2).fill(["merge", { components: [0, 1] }]));
  });

  it("forget a component that is gone", () => {
    page.key("Enter", undefined, { shiftKey: true });
    page.key(".");
    const mixture = {
      weights: [1],
      means: [[4, 80]],
      covariances: [
        [
          [0.2, 0.5],
          [0.5, 36],
        ],
      ],
    };
    page.host.state({ ...FIT, rev: 3, ids: [1] }, mixture);
    expect((page.named("Merge components") as HTMLButtonElement).disabled).toBe(true);
  });
});

describe("the table's one tab stop", () => {
  const stops = () =>
    [...page.el.querySelectorAll<HTMLElement>(".gmm-table button, .gmm-table input")].filter(
      (each) => each.tabIndex === 0,
    );
  const press = (key: string) => page.key(key, document.activeElement!);

  it("is the selected component's letter, until another field is gone to", () => {
    expect(stops()).toEqual([page.named("Select A")]);
    page.named("Mean of B in the first column").focus();
    expect(stops()).toEqual([page.named("Mean of B in the first column")]);
  });

  it("is moved by arrows: within a line, and between lines", () => {
    page.named("Select A").focus();
    for (const [key, name] of [
      ["ArrowRight", "Weight of A in numbers"],
      ["ArrowDown", "Weight of B in numbers"],
      ["ArrowRight", "Mean of B in the first column"],
      ["ArrowUp", "Mean of A in the first column"],
      ["ArrowLeft", "Weight of A in numbers"],
      ["ArrowLeft", "Select A"],
    ]) {
      press(key!);
      expect(document.activeElement!.getAttribute("aria-label")).toBe(name);
    }
    press("ArrowLeft");
    expect(document.activeElement).toBe(page.named("Select A"));
    expect(page.host.of("edit")).toEqual([]);
  });

  it("leaves arrows within a text alone", () => {
    const input = field("Weight of A in numbers");
    input.focus();
    input.setSelectionRange(1, 1);
    press("ArrowRight");
    expect(document.activeElement).toBe(input);
  });
});

describe("a lock", () => {
  it("shows at the component's centre, and is told in words", async () => {
    const mark = page.named("Component A");
    expect(mark.classList.contains("gmm-locked")).toBe(false);
    const locks = [{ mean: true, covariance: true, weight: false }, {}];
    page.host.state({ rev: 2, locks });
    await page.settle();
    expect(mark.classList.contains("gmm-locked")).toBe(true);
    expect(mark.getAttribute("aria-description")).toBe("locked: mean, shape");
    expect(page.named("Component B").getAttribute("aria-description")).toBeNull();
  });
});

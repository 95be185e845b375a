/*
 * Choose k: what messages add up to, how cells are named, walked, looked at
 * and adopted, and what the button does.
 *
 * @vitest-environment happy-dom
 */
import { describe, expect, it } from "vitest";
import { bestOf, withSelection } from "../src/state/selection-grid.ts";
import { placed } from "../src/view/panels/criterion-curves.ts";
import { cellWords, gridWords } from "../src/view/panels/selection-table.ts";
import { MIXTURE } from "./host.ts";
import { usePage } from "./page.ts";

const cell = (structure: string, k: number, bic: number, status = "fitted", reason = "") => ({
  k,
  structure,
  status,
  reason,
  scores: Number.isFinite(bic) ? { bic, icl: bic + k * 20 } : {},
  mixture: status === "collapsed" ? null : MIXTURE,
});
const CELLS = [
  cell("tied", 2, 2325.2),
  cell("tied", 3, 2314.296),
  cell("full", 2, 2290, "spurious", "owed to 3 rows"),
  cell("full", 3, Number.NaN, "collapsed", "no width is left"),
];
const MESSAGE = {
  kind: "selection",
  search: 1,
  size: 4,
  running: false,
  complete: true,
  problem: null,
  criteria: ["bic", "aic", "icl"],
  structures: ["tied", "full"],
  counts: [2, 3],
  cells: CELLS,
};
const all = withSelection(null, MESSAGE)!;

describe("fits to choose from", () => {
  it("add up cell by cell, and begin anew with another search", () => {
    const [first, ...rest] = CELLS;
    const some = withSelection(null, { ...MESSAGE, cells: [first] });
    const more = withSelection(some, { ...MESSAGE, cells: rest })!;
    expect([...more.cells.keys()]).toEqual(["tied/2", "tied/3", "full/2", "full/3"]);
    expect(withSelection(more, { ...MESSAGE, search: 2, cells: [] })!.cells.size).toBe(0);
    expect(withSelection(more, { kind: "selection", size: 0 })).toBeNull();
    expect(withSelection(null, { ...MESSAGE, cells: [cell("odd", 2, 1)] })!.cells.size).toBe(0);
  });

  it("are checked", () => {
    const counts = Array.from({ length: 300 }, (_, i) => i);
    expect(() => withSelection(null, { ...MESSAGE, counts })).toThrow("too many");
    expect(() => withSelection(null, { ...MESSAGE, size: 1e9 })).toThrow("selection.size");
    const bad = [{ ...CELLS[0], mixture: { weights: [2] } }];
    expect(() => withSelection(null, { ...MESSAGE, cells: bad })).toThrow("mixture");
  });

  it("have a best one that can be trusted, by each criterion", () => {
    expect(bestOf(all, "bic")).toMatchObject({ structure: "tied", k: 3 });
    expect(bestOf(all, "icl")).toMatchObject({ structure: "tied", k: 2 });
    expect(bestOf(all, "cv")).toBeNull();
  });

  it("are told in words", () => {
    expect(cellWords(all.cells.get("tied/3")!, "bic")).toBe("tied, 3 components, BIC 2314.3");
    const spurious = "full, 2 components, BIC 2290.0, spurious: owed to 3 rows";
    expect(cellWords(all.cells.get("full/2")!, "bic")).toBe(spurious);
    const collapsed = "full, 3 components, collapsed: no width is left";
    expect(cellWords(all.cells.get("full/3")!, "bic")).toBe(collapsed);
    const best = "tied, 3 components, BIC 2314.3";
    expect(gridWords(all, "bic")).toBe(`4 of 4 fits. Best: ${best}`);
    const off = { ...all, complete: false };
    expect(gridWords(off, "bic")).toBe(`4 of 4 fits. Cancelled; best so far: ${best}`);
    expect(gridWords({ ...off, running: true }, "bic")).toContain("now refining each");
    expect(gridWords(all, "cv")).toContain("no fit has a valid CV");
  });

  it("are lines in the map's columns, the lowest score lowest", () => {
    const [tied, full] = placed(all, "bic", 84, 284);
    expect(tied!.map(({ x }) => x)).toEqual([134, 234]);
    expect(tied![1]!.y).toBeGreaterThan(tied![0]!.y);
    expect(full).toEqual([]);
  });
});

describe("the panel to choose k", () => {
  const page = usePage();
  const panel = () => page.el.querySelector<HTMLElement>(".gmm-choose")!;
  const at = (key: string) => page.el.querySelector<HTMLElement>(`[data-gmm-cell="${key}"]`)!;
  const commands = () => page.host.of("command").map(({ name, args }) => [name, args]);
  const hear = async (message: object) => {
    page.host.tell(message);
    await page.settle();
  };

  it("is closed at first, and its button opens it", async () => {
    expect(panel().hidden).toBe(true);
    page.named("Choose k").click();
    await page.settle();
    expect(panel().hidden).toBe(false);
    expect(page.named("Choose k").getAttribute("aria-expanded")).toBe("true");
  });

  it("starts, cancels, resumes", async () => {
    page.named("Start fits").click();
    await hear({ ...MESSAGE, running: true, complete: false, cells: CELLS.slice(0, 1) });
    expect(panel().querySelector("progress")!.value).toBe(1);
    page.named("Cancel fits").click();
    await hear({ ...MESSAGE, complete: false, cells: [] });
    page.named("Resume fits").click();
    const criteria = ["bic", "aic", "icl"];
    expect(commands()).toEqual([
      ["start_selection", { most: 9, criteria }],
      ["cancel_selection", {}],
      ["resume_selection", {}],
    ]);
  });

  it("asks for held-out rows only where they are wanted", async () => {
    await hear({ ...MESSAGE, complete: false });
    const select = page.named("Criterion") as HTMLSelectElement;
    select.value = "cv";
    select.dispatchEvent(new Event("change"));
    page.named("Start fits").click();
    expect(commands()[0]![1]).toMatchObject({ criteria: ["bic", "aic", "icl", "cv"] });
  });

  it("names cells, and is one tab stop that arrows walk", async () => {
    await hear(MESSAGE);
    expect(at("tied/3").getAttribute("aria-label")).toBe("tied, 3 components, BIC 2314.3, best");
    expect(panel().querySelectorAll(".gmm-cell[tabindex='0']")).toHaveLength(1);
    at("tied/2").focus();
    page.key("ArrowRight", at("tied/2"));
    expect(document.activeElement).toBe(at("tied/3"));
    page.key("ArrowDown", at("tied/3"));
    expect(document.activeElement).toBe(at("full/3"));
    expect(at("full/3").getAttribute("data-gmm-tip")).toContain("no width is left");
  });

  it("shows a cell as a preview and adopts it, but none that collapsed", async () => {
    await hear(MESSAGE);
    at("tied/3").focus();
    await page.settle();
    expect(page.el.querySelectorAll(".gmm-next-step")).toHaveLength(2);
    at("full/3").click();
    at("tied/3").click();
    await page.settle();
    expect(page.el.querySelectorAll(".gmm-next-step")).toHaveLength(0);
    expect(commands()).toEqual([["adopt_cell", { k: 3, structure: "tied" }]]);
  });

  it("stands in the order of the selection that is shown, whatever was there before", async () => {
    await hear({ ...MESSAGE, structures: ["full"], counts: [3], cells: [] });
    await hear({ ...MESSAGE, search: 2 });
    const keys = [...panel().querySelectorAll<HTMLElement>("[data-gmm-cell]")].map(
      (each) => each.dataset.gmmCell,
    );
    expect(keys).toEqual(["tied/2", "tied/3", "full/2", "full/3"]);
  });

  it("is empty again when the data are replaced", async () => {
    await hear(MESSAGE);
    await hear({ kind: "selection", size: 0 });
    expect(panel().querySelectorAll(".gmm-cell")).toHaveLength(0);
  });
});

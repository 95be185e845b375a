/*
 * Choose k: fits of every number of components and structure as they arrive, a
 * table and curves of a criterion; a click adopts a fit.
 */
import { type ReadonlySignal, type Signal, signal } from "@preact/signals-core";
import { attrs, HIDDEN, h, inOrder, keyed, s, setText } from "../../base/dom.ts";
import { withMinus } from "../../base/format.ts";
import { listen, observeSize, watch } from "../../base/lifetime.ts";
import { MAX_CHOSEN } from "../../messages/commands.ts";
import type { Fit } from "../../messages/messages.ts";
import type { Send } from "../../messages/send.ts";
import { bestOf, type Cell, type Grid, keyOf, scoreOf } from "../../state/selection-grid.ts";
import type { ViewState } from "../../state/view-state.ts";
import { createButton, dress } from "./button.ts";
import { curves, HEIGHT, strokeOf } from "./criterion-curves.ts";
import { boxed } from "./icons.ts";
import { createRoving } from "./roving-focus.ts";

export interface ChooseProps {
  readonly grid: ReadonlySignal<Grid | null>;
  readonly fit: ReadonlySignal<Fit | null>;
  readonly state: ViewState;
  readonly command: Send;
}

const CRITERIA: Readonly<Record<string, string>> = { bic: "BIC", aic: "AIC", icl: "ICL", cv: "CV" };
const FIRST = 9; // components
const LEFT = 84; // px of the names, as in the style

/** A score as text. */
const scoreText = (score: number, criterion: string) =>
  withMinus(score.toFixed(criterion === "cv" ? 4 : 1));

const sized = (k: number) => `${k} component${k === 1 ? "" : "s"}`;

/** "tied, 3 components, BIC 2314.3", or what is wrong with it. */
export function cellWords(cell: Cell, criterion: string): string {
  const score = cell.scores[criterion] ?? null;
  const value = score === null ? "" : `, ${CRITERIA[criterion]} ${scoreText(score, criterion)}`;
  const status = cell.status === "fitted" ? "" : `, ${cell.status}`;
  const reason = cell.reason && (status || score === null) ? `: ${cell.reason}` : "";
  return `${cell.structure}, ${sized(cell.k)}${value}${status}${reason}`;
}

/** The progress and the best fit so far, in words. */
export function gridWords(grid: Grid | null, criterion: string): string {
  if (!grid) return "The mixture stays as it is until you adopt a fit";
  const { running, complete, cells, size } = grid;
  const again = running && cells.size === size ? ", now refining each" : "";
  const come = `${cells.size} of ${size} fits${again}`;
  const best = bestOf(grid, criterion);
  const name = CRITERIA[criterion];
  const found = best ? cellWords(best, criterion) : `no fit has a valid ${name}`;
  const state = running ? "Best so far" : complete ? "Best" : "Cancelled; best so far";
  return `${grid.problem ? `${grid.problem}. ` : ""}${come}. ${state}: ${found}`;
}

/** What the button does now. */
function duty(grid: Grid | null, criterion: string): "start" | "resume" | "cancel" {
  if (grid?.running) return "cancel";
  return grid && !grid.complete && grid.criteria.includes(criterion) ? "resume" : "start";
}

const DUTIES = {
  start: {
    icon: "run",
    name: "Start fits",
    text: "Start",
    tip: "Fit all in the background; the current fit stays as it is",
  },
  resume: { icon: "run", name: "Resume fits", text: "Resume", tip: "Continue where it stopped" },
  cancel: {
    icon: "stop",
    name: "Cancel fits",
    text: "Cancel",
    tip: "Stop; finished fits are kept",
  },
} as const;

function createHead(end: AbortSignal, props: ChooseProps, criterion: Signal<string>): HTMLElement {
  const { grid, command } = props;
  const bounds = {
    type: "number",
    min: 1,
    max: MAX_CHOSEN,
    value: FIRST,
    "aria-label": "Largest k",
  };
  const most = h("input", { class: "gmm-input", ...bounds });
  const options = Object.entries(CRITERIA).map(([value, name]) => h("option", { value }, name));
  const tip = "Criterion by which fits are compared: lower is better";
  const named = { "aria-label": "Criterion", "data-gmm-tip": tip };
  const select = h("select", { class: "gmm-select", ...named }, ...options);
  listen(end, select, "change", () => {
    criterion.value = select.value;
  });
  const button = createButton(end, DUTIES.start, () => {
    const what = duty(grid.peek(), criterion.peek());
    const k = Math.min(MAX_CHOSEN, Math.max(1, Math.round(Number(most.value)) || FIRST));
    const criteria = ["bic", "aic", "icl", ...(criterion.peek() === "cv" ? ["cv"] : [])];
    command(`${what}_selection`, what === "start" ? { most: k, criteria } : {});
  });
  button.classList.add("gmm-strong");
  watch(end, () => {
    dress(button, DUTIES[duty(grid.value, criterion.value)]);
    attrs(button, { disabled: !props.fit.value });
  });
  const upTo = h("span", { class: "gmm-field-name", ...HIDDEN }, "k up to");
  return h(
    "div",
    { class: "gmm-choose-head" },
    h("span", { class: "gmm-field" }, upTo, most),
    boxed(select),
    button,
  );
}

function createRow(structure: string) {
  const sample = s("line", { class: "gmm-curve", x1: 0, x2: 20, y1: 5, y2: 5 });
  const swatch = s("svg", { width: 20, height: 10, ...HIDDEN }, sample);
  const name = h("span", { class: "gmm-choose-name" }, swatch, structure);
  const root = h("div", { class: "gmm-choose-row" }, name);
  const held = new Map<number, { readonly root: HTMLButtonElement }>();
  return { root, sample, held };
}

const createCell = () => ({ root: h("button", { class: "gmm-cell" }) });

/** The style of a cell: the nearer to the best, the stronger; half as strong at `middle`. */
function dressCell(
  button: HTMLButtonElement,
  cell: Cell | undefined,
  criterion: string,
  { best, low, middle }: { best: Cell | null; low: number; middle: number },
): void {
  const score = scoreOf(cell, criterion);
  const off = score === null ? null : score - low;
  const words = cell && cellWords(cell, criterion) + (cell === best ? ", best" : "");
  button.disabled = !cell;
  attrs(button, {
    "data-gmm-field": cell && String(cell.k),
    "data-gmm-cell": cell && keyOf(cell.structure, cell.k),
    "data-gmm-status": cell?.status,
    "data-gmm-best": cell !== undefined && cell === best,
    "aria-disabled": cell?.status === "collapsed" ? "true" : undefined,
    "aria-label": words ?? "not fitted yet",
    "data-gmm-tip":
      words && (cell!.status === "collapsed" ? words : `${words}. A click adopts it.`),
  });
  const near = off === null ? 0 : middle / (middle + off);
  button.style.setProperty("--gmm-near", `${Math.round(55 * near)}%`);
  const digits = off !== null && off < 9.95 ? (criterion === "cv" ? 2 : 1) : 0;
  const text = off === null ? (cell ? "×" : "") : off === 0 ? "best" : `+${off.toFixed(digits)}`;
  setText(button, text);
}

/** What scores are measured by: the best, and how far from it the middle one is. */
function scaleOf(grid: Grid, criterion: string) {
  const best = bestOf(grid, criterion);
  const low = scoreOf(best ?? undefined, criterion) ?? 0;
  const known = [...grid.cells.values()].flatMap((cell) => scoreOf(cell, criterion) ?? []);
  const middle = known.sort((a, b) => a - b)[known.length >> 1];
  return { best, low, middle: Math.max(1e-9, (middle ?? low) - low) };
}

/** A cell under the pointer or with the focus is previewed; a click or Enter adopts it. */
function steer(end: AbortSignal, body: HTMLElement, { grid, state, command }: ChooseProps): void {
  const cellOf = (target: EventTarget | null) => {
    const at = target instanceof Element ? target.closest("[data-gmm-cell]") : null;
    return grid.peek()?.cells.get(at?.getAttribute("data-gmm-cell") ?? "") ?? null;
  };
  const look = (cell: Cell | null) => {
    state.previewed.value = cell?.mixture ?? null;
  };
  for (const type of ["focusin", "pointerover"])
    listen(end, body, type, (event) => look(cellOf(event.target)));
  for (const type of ["focusout", "pointerleave"]) listen(end, body, type, () => look(null));
  listen(end, body, "click", (event) => {
    const cell = cellOf(event.target);
    if (!cell || cell.status === "collapsed") return;
    look(null);
    command("adopt_cell", { k: cell.k, structure: cell.structure });
  });
}

function createMap(end: AbortSignal, props: ChooseProps, criterion: ReadonlySignal<string>) {
  const body = h("div", { class: "gmm-choose-rows", role: "group", "aria-label": "Fits" });
  const head = h("div", { class: "gmm-choose-row gmm-choose-counts", ...HIDDEN });
  const rows = new Map<string, ReturnType<typeof createRow>>();
  const settle = createRoving(end, body);
  steer(end, body, props);
  watch(end, () => {
    const [grid, by] = [props.grid.value, criterion.value];
    const scale = grid && scaleOf(grid, by);
    const counts = grid?.counts ?? [];
    const columns = counts.map((k) => h("span", {}, String(k)));
    head.replaceChildren(
      h("span", { class: "gmm-choose-name" }, counts.length ? "k" : ""),
      ...columns,
    );
    const structures = grid?.structures ?? [];
    const shown = keyed(rows, structures, createRow, body);
    inOrder(body, shown);
    shown.forEach(({ root, sample, held }, i) => {
      attrs(sample, strokeOf(i));
      const cells = keyed(held, counts, createCell, root);
      inOrder(root, cells);
      cells.forEach((each, j) => {
        const cell = grid!.cells.get(keyOf(structures[i]!, counts[j]!));
        dressCell(each.root, cell, by, scale!);
      });
    });
    settle(null);
  });
  return [head, body];
}

function createChart(end: AbortSignal, grid: ReadonlySignal<Grid | null>, by: Signal<string>) {
  const chart = s("svg", { class: "gmm-curves", height: HEIGHT, ...HIDDEN });
  const box = h("div", {}, chart);
  const width = signal(0);
  observeSize(end, box, (w) => {
    width.value = Math.round(w);
  });
  watch(end, () => {
    const known = width.value > LEFT ? grid.value : null;
    const write = (score: number) => scoreText(score, by.value);
    chart.replaceChildren(...(known ? curves(known, by.value, LEFT, width.value, write) : []));
    attrs(chart, { width: width.value });
    box.hidden = !grid.value;
  });
  return box;
}

/** The panel. */
export function createChoose(end: AbortSignal, props: ChooseProps): HTMLElement {
  const { grid } = props;
  const criterion = signal("bic");
  const words = h("div", { class: "gmm-choose-words", "aria-live": "polite" });
  const bar = h("progress", { class: "gmm-progress", "aria-label": "Finished fits" });
  const parts = [createHead(end, props, criterion), bar, words];
  const root = h("section", { class: "gmm-choose gmm-card", "aria-label": "Choose k" }, ...parts);
  root.append(...createMap(end, props, criterion), createChart(end, grid, criterion));
  watch(end, () => {
    bar.hidden = !grid.value?.running;
    attrs(bar, { max: grid.value?.size ?? 1, value: grid.value?.cells.size ?? 0 });
    setText(words, gridWords(grid.value, criterion.value));
  });
  return root;
}

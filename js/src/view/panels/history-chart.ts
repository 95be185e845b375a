/*
 * The history as a chart: the log-likelihood step by step, the user's edits,
 * other branches, and the current state.
 *
 * A click goes to any entry, and so does the keyboard: one tab stop, arrows
 * from entry to entry, Enter to go there.
 */
import { computed, type ReadonlySignal, signal } from "@preact/signals-core";
import { attrs, HIDDEN, h, keyed, s, setText } from "../../base/dom.ts";
import { count, criterion } from "../../base/format.ts";
import { listen, observeSize, watch } from "../../base/lifetime.ts";
import { needing } from "../../base/needs.ts";
import { type Entry, LIVE, type Trace } from "../../state/history.ts";
import { createButton } from "./button.ts";
import {
  byUser,
  type EntryCurve,
  HEIGHT,
  interpolated,
  nearest,
  type Plotted,
  plotted,
  type Spot,
} from "./history-tree.ts";

export interface TraceProps {
  readonly trace: ReadonlySignal<Trace>;
  /** Go to an entry, or to a step inside it. */
  jump(entry: number, step?: number): void;
}

type Place = readonly [number, number];

function pathOf(curves: readonly EntryCurve[]): string {
  return curves
    .flatMap(({ points }) => points.map(({ x, y }, i) => `${i ? "L" : "M"}${round(x)} ${round(y)}`))
    .join("");
}

const round = (value: number) => Math.round(value * 10) / 10;

/** The placeholder while there is no curve. */
function waiting(width: number): SVGElement[] {
  const y = HEIGHT / 2;
  return [
    s("line", { class: "gmm-grid", x1: 0, x2: width, y1: y + 10.5, y2: y + 10.5 }),
    s("text", { class: "gmm-trace-none", x: 0, y }, "Steps and edits will be drawn here"),
  ];
}

/** The curves, and the spot that is aimed at. */
function drawing({ curves, marks, edge, width }: Plotted, aimed: Spot | null): SVGElement[] {
  if (curves.length < 2) return waiting(edge);
  const grid = marks.flatMap(({ text, y }) => [
    s("line", { class: "gmm-grid", x1: 0, x2: edge - 4, y1: y, y2: y }),
    s("text", { class: "gmm-tick", x: width, y: y + 3.5, "text-anchor": "end" }, text),
  ]);
  const line = (where: EntryCurve["where"]) => {
    const d = pathOf(curves.filter((curve) => curve.where === where));
    return s("path", { class: `gmm-trace-line gmm-trace-${where}`, d });
  };
  const aim = aimed && [
    s("line", { class: "gmm-axis", x1: aimed.x, x2: aimed.x, y1: 0, y2: HEIGHT }),
    s("circle", { class: "gmm-trace-aim", cx: aimed.x, cy: aimed.y, r: 3 }),
  ];
  return [...grid, line("aside"), line("future"), line("past"), ...(aim ?? [])];
}

/** An entry: a dot for EM, a diamond for an edit, larger for the current state. */
function outline({ x, y }: Spot, edit: boolean, here: boolean): string {
  const size = (edit ? 3.5 : 2) + (here ? 1.5 : 0);
  const side = `l${size} ${size}l${-size} ${size}l${-size} ${-size}Z`;
  return edit
    ? `M${x} ${y - size}${side}`
    : `M${x - size} ${y}a${size} ${size} 0 1 0 ${2 * size} 0a${size} ${size} 0 1 0 ${-2 * size} 0Z`;
}

function createDot() {
  const mark = s("path", { class: "gmm-trace-mark" });
  const ring = s("circle", { class: "gmm-trace-ring", r: 7 });
  return { root: s("g", { role: "option", class: "gmm-entry" }, ring, mark), mark, ring };
}

type Dot = ReturnType<typeof createDot>;

function dressDot(
  { root, mark, ring }: Dot,
  curve: EntryCurve,
  here: boolean,
  stop: boolean,
): void {
  const { entry, where, end } = curve;
  attrs(root, {
    "data-gmm-entry": entry.id,
    "data-gmm-where": here ? "here" : where,
    "data-gmm-edit": byUser(entry.cause),
    "aria-label": labelOf(entry),
    "aria-selected": String(here),
    tabindex: stop ? 0 : -1,
  });
  attrs(mark, { d: end ? outline(end, byUser(entry.cause), here) : undefined });
  attrs(ring, { cx: end?.x ?? -9, cy: end?.y ?? -9 });
}

function labelOf(entry: Entry, at = -1, head = entry.id === LIVE ? "" : `${entry.id} · `): string {
  return `${head}${entry.label} · ${criterion(entry.values.at(at) ?? null)}`;
}

function described({ entries, position }: Trace): string {
  const edits = entries.filter(({ cause }) => byUser(cause)).length;
  const now = entries.find(({ id }) => id === position)?.values.at(-1) ?? null;
  const states = `${count(entries.length)} entries, ${edits} edits`;
  return `History: log-likelihood over ${states}; now ${criterion(now)}`;
}

function captionOf(aimed: Spot | null, { entries }: Trace): string {
  if (!aimed) return "Log-likelihood by step";
  const { entry, at } = aimed;
  const own = entries.find(({ id }) => id === entry.id)!;
  if (at === own.values.length - 1) return labelOf(own);
  const step = own.steps[at];
  return labelOf(own, at, step ? `step ${step} · ` : "");
}

/** Ids that the keys lead to: along the branch, or in the order in which entries were made. */
function ways({ entries, branch, position }: Trace, from: number | null) {
  const id = from ?? position;
  const entry = entries.find((each) => each.id === id);
  const order = entries.map((each) => each.id).sort((a, b) => a - b);
  const onward = branch[branch.indexOf(id) + 1];
  const child = entries.filter(({ parent }) => parent === id).at(-1)?.id;
  return {
    ArrowLeft: entry?.parent ?? undefined,
    ArrowRight: branch.includes(id) ? onward : child,
    ArrowUp: order[order.indexOf(id) - 1],
    ArrowDown: order[order.indexOf(id) + 1],
    Home: entries[0]?.id,
    End: branch.at(-1),
  } as Readonly<Record<string, number | undefined>>;
}

/** Where one step back and one forward lead: inside a run, or to the entry beside. */
function beside(trace: Trace): readonly (readonly (number | undefined)[])[] {
  const { ArrowLeft, ArrowRight } = ways(trace, null);
  const steps = (id?: number) => {
    const entry = trace.entries.find((each) => each.id === id);
    return entry?.kept ? entry.steps : [];
  };
  const inside = steps(trace.position).at(-2);
  return [inside ? [trace.position, inside] : [ArrowLeft], [ArrowRight, steps(ArrowRight)[0]]];
}

const entryOf = (target: EventTarget | null) => {
  const found = target instanceof Element ? target.closest("[data-gmm-entry]") : null;
  return found ? Number(found.getAttribute("data-gmm-entry")) : null;
};

/** Keys of the chart; others are left to the widget. */
function followKeys(end: AbortSignal, chart: SVGElement, { trace, jump }: TraceProps): void {
  listen<KeyboardEvent>(end, chart, "keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const from = entryOf(event.target);
    const way = ways(trace.peek(), from);
    const going = event.key === "Enter" || event.key === " ";
    if (!going && !(event.key in way)) return;
    event.preventDefault();
    event.stopPropagation();
    if (going && from !== null && from !== LIVE) jump(from);
    const next = chart.querySelector<SVGElement>(`[data-gmm-entry="${way[event.key]}"]`);
    if (!going) next?.focus();
  });
}

/** Where the pointer is in the chart, and the entry that has the focus. */
function watchAim(end: AbortSignal, chart: SVGElement) {
  const pointer = signal<Place | null>(null);
  const focus = signal<number | null>(null);
  listen<PointerEvent>(end, chart, "pointermove", (event) => {
    const box = chart.getBoundingClientRect();
    pointer.value = [event.clientX - box.left, event.clientY - box.top];
  });
  listen(end, chart, "pointerleave", () => {
    pointer.value = null;
  });
  listen(end, chart, "focusin", (event) => {
    focus.value = entryOf(event.target);
  });
  listen(end, chart, "focusout", () => {
    focus.value = null;
  });
  return { pointer, focus };
}

/** Back and forward along the present branch, step by step. */
function createSteps(end: AbortSignal, { trace, jump }: TraceProps): HTMLElement {
  const buttons = (["back", "forward"] as const).map((way, i) =>
    createButton(
      end,
      { icon: i ? "right" : "left", name: `Step ${way}`, tip: `One step ${way} in the history` },
      () => {
        const [entry, step] = beside(trace.peek())[i]!;
        if (entry !== undefined) jump(entry, step);
      },
    ),
  );
  watch(end, () => {
    const to = beside(trace.value);
    buttons.forEach((button, i) => {
      attrs(button, { disabled: to[i]![0] === undefined });
    });
  });
  return needing("kernel", h("span", { class: "gmm-trace-steps" }, ...buttons));
}

/** Keep a dot for each entry, in place. */
function createDots() {
  const root = s("g", { role: "none" });
  const held = new Map<number, Dot>();
  const show = ({ curves }: Plotted, { position }: Trace, focus: number | null) => {
    const ids = curves.map(({ entry }) => entry.id);
    const stop = focus ?? position;
    keyed(held, ids, createDot, root).forEach((dot, i) => {
      const id = ids[i]!;
      dressDot(dot, curves[i]!, id === position, id === stop);
    });
    attrs(root, { visibility: ids.length < 2 ? "hidden" : undefined });
  };
  return { root, show };
}

/** The chart; the caption describes the entry under the pointer or with the focus. */
function createChart(
  end: AbortSignal,
  props: TraceProps,
  width: ReadonlySignal<number>,
  caption: Element,
) {
  const { trace, jump } = props;
  const [back, dots] = [s("g", { ...HIDDEN }), createDots()];
  const chart = s(
    "svg",
    { class: "gmm-trace-chart", role: "listbox", height: HEIGHT },
    back,
    dots.root,
  );
  const { pointer, focus } = watchAim(end, chart);
  followKeys(end, chart, props);
  const shape = computed(() => plotted(interpolated(trace.value), width.value));
  const aimed = computed(() => {
    const { curves } = shape.value;
    if (pointer.value && curves.length > 1) return nearest(shape.value, ...pointer.value);
    return curves.find(({ entry }) => entry.id === focus.value)?.end ?? null;
  });
  listen(end, chart, "click", () => {
    const { entry, at = 0 } = aimed.peek() ?? {};
    if (!entry || entry.id === LIVE) return;
    const inside = entry.kept && at < entry.steps.length - 1;
    jump(entry.id, inside ? entry.steps[at] : undefined);
  });
  watch(end, () => {
    if (width.value === 0) return;
    attrs(chart, { "aria-label": described(trace.value), width: width.value });
    back.replaceChildren(...drawing(shape.value, aimed.value));
    dots.show(shape.value, trace.value, focus.value);
    setText(caption, captionOf(aimed.value, trace.value));
  });
  return chart;
}

/** The panel: caption, back and forward, and the chart. */
export function createTrace(end: AbortSignal, props: TraceProps): HTMLElement {
  const caption = h("span", { class: "gmm-caption" });
  const key = h("span", { class: "gmm-key", ...HIDDEN }, "◇ edits");
  const head = h("div", { class: "gmm-trace-head" }, caption, key, createSteps(end, props));
  const root = h("div", { class: "gmm-trace" }, head);
  const width = signal(0);
  observeSize(end, root, (w) => {
    width.value = Math.round(w);
  });
  root.append(createChart(end, props, width, caption));
  watch(end, () => {
    key.hidden = !props.trace.value.entries.some(({ cause }) => byUser(cause));
  });
  return root;
}

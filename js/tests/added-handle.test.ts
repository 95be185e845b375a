/*
 * A handle is one row: a new one is drawn, found, dragged, moved by keys and named.
 *
 * @vitest-environment happy-dom
 */
import { afterEach, beforeEach, expect, it } from "vitest";
import { s } from "../src/base/dom.ts";
import { frameOf } from "../src/maths/geometry/ellipse.ts";
import { covarianceToPixel, toPixel, type Vec } from "../src/maths/geometry/viewport.ts";
import { createState } from "../src/state/view-state.ts";
import { Camera } from "../src/view/handles/camera.ts";
import type { HandleContext } from "../src/view/handles/context.ts";
import { MAIN, ROWS, type Row } from "../src/view/handles/handle-table.ts";
import { createMarks } from "../src/view/handles/marks.ts";
import { Pointer } from "../src/view/handles/pointer.ts";
import { createKeyEdits } from "../src/view/handles/typed-values.ts";
import { structureOf } from "./structures.ts";

const AWAY: Vec = [60, -80]; // px from the centre

/** Drags the mean from afar, by twice as far along x. */
const TOY: Row = {
  name: "toy",
  part: "mean",
  shown: "selected",
  ray: { direction: () => [0.6, -0.8], clear: 0, spare: 0 },
  cursor: () => "crosshair",
  heldCursor: "move",
  glyph: () => [s("rect", { class: "toy-glyph" })],
  label: (letter) => `Toy of ${letter}`,
  at: ({ centre }) => [centre[0] + AWAY[0], centre[1] + AWAY[1]],
  allowed: (structure) => structure.name === "full",
  drag: ({ shape }, to) => ({ mean: [2 * (to[0] - AWAY[0] - shape.centre[0]), 7] }),
};

const rows = ROWS as Row[];
const view = { extent: [0, 6, 40, 100] as const, width: 600, height: 400 };
const covariance = [
  [0.25, 1.2],
  [1.2, 36],
];
const frame = frameOf(covarianceToPixel(view, covariance));
const shape = { id: 4, centre: toPixel(view, 3, 70), frame, weight: 0.3, reach: 2 };
const at: Vec = [shape.centre[0] + AWAY[0], shape.centre[1] + AWAY[1]];
const ends = new AbortController();

function setup() {
  const edits: unknown[] = [];
  const locks: unknown[] = [];
  const state = createState();
  state.selected.value = 4;
  const context: HandleContext = {
    state,
    shapes: () => [shape],
    view: () => view,
    home: () => null,
    structure: () => structureOf("full"),
    placed: () => ({ mean: [3, 70], covariance, weight: 0.3 }),
    gesture: () => 1,
    edit: (_, id, patch, final) => edits.push([id, patch, final]),
    running: () => false,
    lock: (id, what) => locks.push([id, what]),
    add: () => undefined,
    focus: () => undefined,
  };
  const plot = document.createElement("div");
  plot.setPointerCapture = () => undefined;
  document.body.append(plot);
  const pointer = new Pointer(ends.signal, plot, context, new Camera(ends.signal, plot, context));
  const box = plot.getBoundingClientRect();
  const fire = (type: string, [x, y]: Vec, more = {}) =>
    plot.dispatchEvent(
      new PointerEvent(type, {
        pointerId: 1,
        pointerType: "mouse",
        clientX: box.left + x,
        clientY: box.top + y,
        ...more,
      }),
    );
  return { edits, locks, context, plot, pointer, fire };
}

beforeEach(() => {
  rows.unshift(TOY);
});
afterEach(() => {
  rows.splice(rows.indexOf(TOY), 1);
  document.body.replaceChildren();
});

it("is drawn with its name and hidden where the structure has none", () => {
  const marks = createMarks();
  const emphasis = { locks: [], selected: 4, also: [], hovered: null };
  marks.draw([shape], view, structureOf("full"), emphasis);
  const drawn = marks.root.querySelector('[data-gmm-handle="toy"]')!;
  expect(drawn.getAttribute("aria-label")).toMatch(/^Toy of /);
  expect(drawn.querySelector(".toy-glyph")).not.toBeNull();
  expect(drawn.querySelector(".gmm-target")).not.toBeNull();
  expect(drawn.classList.contains("gmm-shown-selected")).toBe(true);
  expect(drawn.classList.contains("gmm-absent")).toBe(false);
  marks.draw([shape], view, structureOf("diag"), emphasis);
  expect(drawn.classList.contains("gmm-absent")).toBe(true);
});

it("is found and dragged with its cursors; with Alt its part is locked", () => {
  const { edits, locks, plot, fire } = setup();
  fire("pointermove", at);
  expect(plot.style.cursor).toBe("crosshair");
  fire("pointerdown", at);
  expect(plot.style.cursor).toBe("move");
  fire("pointermove", [at[0] + 10, at[1]]);
  fire("pointerup", [at[0] + 10, at[1]], { altKey: true });
  const patch = { mean: [expect.closeTo(20, 9), 7] };
  expect(edits).toEqual([
    [4, patch, false],
    [4, patch, true],
  ]);
  expect(locks).toEqual([[4, "mean"]]);
});

it("is restored by a cancelled drag", () => {
  const { edits, pointer, fire } = setup();
  fire("pointerdown", at);
  fire("pointermove", [at[0] + 10, at[1]]);
  expect(pointer.cancel()).toBe(true);
  expect(edits.at(-1)).toEqual([4, { mean: [3, 70] }, true]);
});

it("is moved by arrow keys", () => {
  const { edits, context } = setup();
  const keys = createKeyEdits(ends.signal, context);
  keys.type({ kind: "nudge", dx: 0.01, dy: 0 }, "toy");
  keys.finish();
  expect(edits.at(-1)).toEqual([4, { mean: [expect.closeTo(12, 9), 7] }, true]);
});

it("leaves the main handle as it was", () => {
  expect(rows.filter((row) => !row.ray)).toEqual([MAIN]);
});

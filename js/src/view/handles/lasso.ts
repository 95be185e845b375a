/*
 * Selecting points: a box or a free line with its tool, or a box with Shift from
 * any empty place.
 */

import { listen } from "../../base/lifetime.ts";
import { box, drawn, type Polygon } from "../../maths/geometry/polygon.ts";
import { toData, type Vec } from "../../maths/geometry/viewport.ts";
import type { HandleContext } from "./context.ts";
import { hit } from "./hit-test.ts";

const CLICK = 4; // px that a click may wander
const STEP = 3; // px between two corners of a free line

interface Stroke {
  readonly pointer: number;
  readonly from: Vec;
  readonly free: boolean;
  last: Vec;
  wandered: boolean;
}

/** Draws selections; it handles presses before the pointer that drags components. */
export class LassoTool {
  readonly #plot: HTMLElement;
  readonly #context: HandleContext;
  #stroke: Stroke | null = null;

  constructor(end: AbortSignal, plot: HTMLElement, context: HandleContext) {
    this.#plot = plot;
    this.#context = context;
    const on = (type: string, handler: (event: PointerEvent) => void) =>
      listen<PointerEvent>(end, plot, type, handler, { capture: true });
    on("pointerdown", (event) => this.#press(event));
    on("pointermove", (event) => this.#pull(event));
    on("pointerup", (event) => this.#release(event));
    on("pointercancel", () => this.cancel());
  }

  /** Leave the line being drawn, the selection or the tool; false if there was none of them. */
  cancel(): boolean {
    const { selection, tool, dragging } = this.#context.state;
    if (this.#stroke) dragging.value = false;
    else if (tool.peek() === "move" && !selection.peek()) return false;
    this.#stroke = null;
    selection.value = null;
    tool.value = "move";
    return true;
  }

  #where(event: PointerEvent): Vec {
    const room = this.#plot.getBoundingClientRect();
    return [event.clientX - room.left, event.clientY - room.top];
  }

  #starts(event: PointerEvent, at: Vec): boolean {
    const { state, shapes, structure, view } = this.#context;
    const port = view();
    if (event.button !== 0 || !port || state.dragging.peek()) return false;
    if (state.tool.peek() !== "move") return true;
    return event.shiftKey && !hit(shapes(), state.selected.peek(), structure(), port, at);
  }

  #press(event: PointerEvent): void {
    const at = this.#where(event);
    if (this.#stroke) {
      event.stopPropagation();
      return;
    }
    if (!this.#starts(event, at)) return;
    event.stopPropagation();
    event.preventDefault();
    const { selected, tool } = this.#context.state;
    const held = selected.peek();
    if (held !== null) this.#context.focus(held); // so that Escape reaches the keyboard handler
    const free = tool.peek() === "lasso";
    this.#stroke = { pointer: event.pointerId, from: at, last: at, free, wandered: false };
    this.#plot.setPointerCapture(event.pointerId);
  }

  #pull(event: PointerEvent): void {
    const stroke = this.#stroke;
    const port = this.#context.view();
    if (stroke || this.#context.state.tool.peek() !== "move") {
      event.stopPropagation();
      this.#plot.style.cursor = "crosshair";
    }
    if (stroke?.pointer !== event.pointerId || !port) return;
    const at = this.#where(event);
    const { selection, dragging } = this.#context.state;
    const gap = Math.hypot(at[0] - stroke.last[0], at[1] - stroke.last[1]);
    if (gap < (stroke.wandered ? STEP : CLICK)) return;
    dragging.value = true;
    const start = toData(port, stroke.from);
    const before: Polygon = stroke.wandered ? (selection.peek() ?? [start]) : [start];
    selection.value = stroke.free ? drawn(before, toData(port, at)) : box(start, toData(port, at));
    stroke.last = at;
    stroke.wandered = true;
  }

  #release(event: PointerEvent): void {
    const stroke = this.#stroke;
    if (stroke?.pointer !== event.pointerId) return;
    event.stopPropagation();
    const { selection, dragging, tool } = this.#context.state;
    this.#stroke = null;
    dragging.value = false;
    // A click clears the selection, and so does a line with fewer than three corners.
    if (!stroke.wandered || (selection.peek()?.length ?? 0) < 3) selection.value = null;
    else tool.value = "move";
  }
}

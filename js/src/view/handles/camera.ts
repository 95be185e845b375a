/*
 * Pointers on the empty plane: drag to pan, two fingers or the wheel to zoom,
 * double click to add a component.
 *
 * The wheel scrolls the page as usual, unless Ctrl or Cmd is held or the plot
 * has the focus.
 */

import { listen } from "../../base/lifetime.ts";
import { toData, type Vec } from "../../maths/geometry/viewport.ts";
import { panned, zoomed } from "../../maths/geometry/zoom.ts";
import type { HandleContext } from "./context.ts";

const CLICK = 3; // px that a click may wander
const DOUBLE = { within: 400, near: 24 }; // ms and px between the two halves of a double click
const LINE = 16; // px of a wheel's line
const RATE = { wheel: 0.002, pinch: 0.01 }; // of a trackpad's pinch, which comes as a wheel
const MOST = 120; // px of one turn of the wheel that count

const gap = (p: Vec, q: Vec) => Math.hypot(p[0] - q[0], p[1] - q[1]);
const middle = (p: Vec, q: Vec): Vec => [(p[0] + q[0]) / 2, (p[1] + q[1]) / 2];

/** The zoom factor of a wheel event; above 1 zooms out. */
export function wheelFactor(event: Pick<WheelEvent, "deltaY" | "deltaMode" | "ctrlKey">): number {
  const turned = event.deltaMode === 1 ? event.deltaY * LINE : event.deltaY;
  const fine = event.ctrlKey && Math.abs(turned) < 50;
  const most = Math.max(-MOST, Math.min(MOST, turned));
  return Math.exp(most * (fine ? RATE.pinch : RATE.wheel));
}

/** Pans and zooms; the pointer passes it presses that are on no component. */
export class Camera {
  readonly #plot: HTMLElement;
  readonly #context: HandleContext;
  readonly #fingers = new Map<number, Vec>();
  #wandered = 0;
  #last = { time: -Infinity, at: [0, 0] as Vec };

  constructor(end: AbortSignal, plot: HTMLElement, context: HandleContext) {
    this.#plot = plot;
    this.#context = context;
    const on = (type: string, handler: (event: PointerEvent) => void) =>
      listen<PointerEvent>(end, plot, type, handler);
    on("pointermove", (event) => this.#move(event));
    on("pointerup", (event) => this.#lift(event));
    on("pointercancel", (event) => this.#drop(event.pointerId));
    listen<WheelEvent>(end, plot, "wheel", (event) => this.#wheel(event), { passive: false });
  }

  /** A pointer holds the plane. */
  get held(): boolean {
    return this.#fingers.size > 0;
  }

  /** Hold the plane by the mouse or by one more finger. */
  take(pointer: number, at: Vec): void {
    if (this.#fingers.size === 2) return;
    if (!this.held) this.#wandered = 0;
    this.#fingers.set(pointer, at);
    this.#plot.setPointerCapture(pointer);
  }

  /** Zoom about a place of the plot, or about its middle. */
  zoom(factor: number, at?: Vec): void {
    const { view, home, state } = this.#context;
    const [port, whole] = [view(), home()];
    if (!port || !whole) return;
    state.zoom.value = zoomed(port, at ?? [port.width / 2, port.height / 2], factor, whole);
  }

  #where(event: MouseEvent): Vec {
    const box = this.#plot.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  }

  #move(event: PointerEvent): void {
    const before = this.#fingers.get(event.pointerId);
    if (!before) return;
    const at = this.#where(event);
    this.#wandered += gap(before, at);
    if (this.#wandered < CLICK) return;
    this.#context.state.dragging.value = true;
    this.#plot.style.cursor = "grabbing";
    const other = [...this.#fingers].find(([pointer]) => pointer !== event.pointerId)?.[1];
    this.#fingers.set(event.pointerId, at);
    if (!other) {
      this.#pan(before, at);
      return;
    }
    this.#pan(middle(before, other), middle(at, other));
    this.zoom(gap(before, other) / Math.max(1, gap(at, other)), middle(at, other));
  }

  #pan(from: Vec, to: Vec): void {
    const { view, home, state } = this.#context;
    const [port, whole] = [view(), home()];
    if (port && whole) state.zoom.value = panned(port, to[0] - from[0], to[1] - from[1], whole);
  }

  #drop(pointer: number): boolean {
    if (!this.#fingers.delete(pointer)) return false;
    if (this.held) return false;
    this.#context.state.dragging.value = false;
    this.#plot.style.cursor = "default";
    return true;
  }

  #lift(event: PointerEvent): void {
    const last = this.#drop(event.pointerId);
    if (last && this.#wandered < CLICK && event.button === 0) this.#click(event);
  }

  /** A click on the empty plane clears the additional selection; a double click adds a component. */
  #click(event: PointerEvent): void {
    const { state, view, add } = this.#context;
    const at = this.#where(event);
    const { time, at: before } = this.#last;
    const twice = event.timeStamp - time < DOUBLE.within && gap(at, before) < DOUBLE.near;
    state.also.value = [];
    this.#last = { time: twice ? -Infinity : event.timeStamp, at };
    const port = view();
    if (twice && port) add(toData(port, at));
  }

  #wheel(event: WheelEvent): void {
    const meant = event.ctrlKey || event.metaKey || this.#plot.matches(":focus-within");
    if (!meant || event.deltaY === 0) return;
    event.preventDefault();
    this.zoom(wheelFactor(event), this.#where(event));
  }
}

/*
 * Dragging of handles by mouse, touch and pen.
 */

import { listen } from "../../base/lifetime.ts";
import type { Shape } from "../../maths/geometry/ellipse.ts";
import type { Vec } from "../../maths/geometry/viewport.ts";
import type { Patch } from "../../maths/mixture.ts";
import type { Camera } from "./camera.ts";
import type { HandleContext } from "./context.ts";
import { type Gesture, startGesture } from "./gesture.ts";
import { type Modifiers, rowOf } from "./handle-table.ts";
import { type Hit, hit, REACH } from "./hit-test.ts";

interface Drag {
  readonly pointer: number;
  readonly number: number;
  readonly id: number;
  readonly gesture: Gesture;
  readonly back: Patch;
  /** EM ran at the press: the component is held even if it is not moved. */
  readonly holds: boolean;
  /** Where the press was, in the plot. */
  readonly grab: Vec;
}

function cursorOf(found: Hit | null, shape: Shape | undefined): string {
  return (shape && rowOf(found?.handle)?.cursor(shape)) ?? "default";
}

/** The handle that the pointer is on by name, where the page knows it. */
function namedAt(target: EventTarget | null): Hit | null {
  const handle = (target as Element | null)?.closest?.("[data-gmm-handle]");
  const owner = handle?.closest("[data-gmm-component]");
  if (!handle || !owner) return null;
  const name = handle.getAttribute("data-gmm-handle")!;
  return { id: Number(owner.getAttribute("data-gmm-component")), handle: name };
}

const modifiersOf = (event: PointerEvent): Modifiers => ({
  shift: event.shiftKey,
  alt: event.altKey,
});

/** Listens on the plot until the view ends. */
export class Pointer {
  readonly #plot: HTMLElement;
  readonly #context: HandleContext;
  readonly #camera: Camera;
  #drag: Drag | null = null;

  constructor(end: AbortSignal, plot: HTMLElement, context: HandleContext, camera: Camera) {
    this.#plot = plot;
    this.#context = context;
    this.#camera = camera;
    const on = (type: string, handler: (event: PointerEvent) => void) =>
      listen<PointerEvent>(end, plot, type, handler);
    on("pointerdown", (event) => this.#press(event));
    on("pointermove", (event) => {
      if (this.#drag) this.#pull(event);
      else if (!camera.held) this.#hover(event);
    });
    on("pointerup", (event) => this.#release(event));
    on("pointercancel", () => this.cancel());
    on("pointerleave", () => {
      if (!this.#drag) context.state.hovered.value = null;
    });
  }

  /** End the drag and restore the component; false if there was none. */
  cancel(): boolean {
    const drag = this.#letGo();
    if (!drag) return false;
    const { pointer, gesture, number, id, back } = drag;
    if (this.#plot.hasPointerCapture(pointer)) this.#plot.releasePointerCapture(pointer);
    if (gesture.moved || drag.holds) this.#context.edit(number, id, back, true);
    this.#context.state.dragging.value = false;
    return true;
  }

  #letGo(): Drag | null {
    const drag = this.#drag;
    this.#drag = null;
    return drag;
  }

  #where(event: PointerEvent): Vec {
    const box = this.#plot.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  }

  #shape(id: number | undefined): Shape | undefined {
    return this.#context.shapes().find((shape) => shape.id === id);
  }

  #under(event: PointerEvent): Hit | null {
    const named = event.pointerType === "mouse" ? namedAt(event.target) : null;
    const view = this.#context.view();
    if (named || !view) return named;
    const { shapes, structure, state } = this.#context;
    const reach = event.pointerType === "touch" ? REACH.touch : REACH.mouse;
    return hit(shapes(), state.selected.peek(), structure(), view, this.#where(event), reach);
  }

  #hover(event: PointerEvent): void {
    const found = this.#under(event);
    this.#context.state.hovered.value = found?.id ?? null;
    this.#plot.style.cursor = cursorOf(found, this.#shape(found?.id));
  }

  #press(event: PointerEvent): void {
    if (event.button > 1) return;
    if (this.#drag || this.#camera.held) {
      this.#second(event);
      return;
    }
    event.preventDefault();
    const found = event.button === 0 ? this.#under(event) : null;
    if (found && this.#chooses(event, found)) return;
    if (found) this.#grab(event, found);
    else this.#takePlane(event);
  }

  /** With Shift, Ctrl or Cmd a press on another component selects it in addition. */
  #chooses(event: PointerEvent, { id }: Hit): boolean {
    const { selected, also } = this.#context.state;
    const more = event.shiftKey || event.ctrlKey || event.metaKey;
    if (!more || selected.peek() === null || id === selected.peek()) return false;
    const others = also.peek();
    also.value = others.includes(id) ? others.filter((each) => each !== id) : [...others, id];
    return true;
  }

  /** Pan; the focus stays on the selected component. */
  #takePlane(event: PointerEvent): void {
    const selected = this.#context.state.selected.peek();
    if (selected !== null) this.#context.focus(selected);
    this.#camera.take(event.pointerId, this.#where(event));
  }

  /** A second finger turns a press that has not moved into a pinch. */
  #second(event: PointerEvent): void {
    const drag = this.#drag;
    if (event.pointerType !== "touch" || drag?.gesture.moved) return;
    if (drag) {
      this.#letGo();
      if (drag.holds) this.#context.edit(drag.number, drag.id, drag.back, true);
      this.#camera.take(drag.pointer, drag.grab);
    }
    this.#camera.take(event.pointerId, this.#where(event));
  }

  #grab(event: PointerEvent, { id, handle }: Hit): void {
    const shape = this.#shape(id);
    const placed = this.#context.placed(id);
    const view = this.#context.view();
    if (!shape || !placed || !view) return;
    if (id !== this.#context.state.selected.peek()) this.#context.state.also.value = [];
    this.#context.state.selected.value = id;
    this.#context.state.hovered.value = id;
    this.#context.focus(id);
    const start = { shape, view, structure: this.#context.structure() };
    const row = rowOf(handle)!;
    const grab = this.#where(event);
    const gesture = startGesture(row, start, grab);
    const back: Patch = { [row.part]: placed[row.part] };
    const number = this.#context.gesture();
    const holds = this.#context.running();
    this.#drag = { pointer: event.pointerId, number, id, gesture, back, grab, holds };
    if (holds) this.#context.edit(number, id, back, false);
    this.#plot.setPointerCapture(event.pointerId);
    if (row.heldCursor) this.#plot.style.cursor = row.heldCursor;
  }

  #pull(event: PointerEvent): void {
    const drag = this.#drag;
    if (drag?.pointer !== event.pointerId) return;
    const patch = drag.gesture.move(this.#where(event), modifiersOf(event));
    if (!drag.gesture.moved) return;
    this.#context.state.dragging.value = true;
    this.#context.edit(drag.number, drag.id, patch, false);
  }

  #release(event: PointerEvent): void {
    if (this.#drag?.pointer !== event.pointerId) return;
    const { gesture, number, id, back, holds } = this.#letGo()!;
    const last = gesture.move(this.#where(event), modifiersOf(event));
    if (gesture.moved || holds) this.#context.edit(number, id, gesture.moved ? last : back, true);
    if (gesture.moved && event.altKey) this.#context.lock(id, gesture.row.part);
    this.#context.state.dragging.value = false;
    this.#hover(event);
  }
}

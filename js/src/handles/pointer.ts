/*
 * Pointers on the plot: mouse, touch and pen through one door.
 */
import type { Shape } from "../geometry/ellipse.ts";
import type { Vec } from "../geometry/viewport.ts";
import { listen } from "../life.ts";
import type { Patch } from "../mixture.ts";
import type { Desk } from "./desk.ts";
import { type Gesture, grip } from "./gesture.ts";
import { type Hit, hit, REACH } from "./hit.ts";
import { type HandleName, type Modifiers, rowOf } from "./rows.ts";

interface Drag {
  readonly pointer: number;
  readonly number: number;
  readonly id: number;
  readonly gesture: Gesture;
  readonly back: Patch;
}

const CURSORS = ["ew-resize", "nwse-resize", "ns-resize", "nesw-resize"];

function cursorOf(found: Hit | null, shape: Shape | undefined): string {
  if (!found || !shape) return "default";
  if (found.handle === "centre") return "grab";
  if (found.handle === "rotate") return "alias";
  const axis = found.handle === "axis1" ? shape.frame.u : shape.frame.v;
  const turn = Math.atan2(axis[1], axis[0]) / (Math.PI / 4);
  return CURSORS[((Math.round(turn) % 4) + 4) % 4]!;
}

const modifiersOf = (event: PointerEvent): Modifiers => ({
  shift: event.shiftKey,
  alt: event.altKey,
});

/** Listen on the plot; `cancel` lets go of a drag and puts the component back. */
export function createPointer(
  end: AbortSignal,
  plot: HTMLElement,
  desk: Desk,
): { cancel(): boolean } {
  const { state } = desk;
  let drag: Drag | null = null;

  const where = (event: PointerEvent): Vec => {
    const box = plot.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };
  const shapeOf = (id: number) => desk.shapes().find((shape) => shape.id === id);
  const under = (event: PointerEvent): Hit | null => {
    const named = (event.target as Element | null)?.closest?.("[data-gmm-handle]");
    const owner = named?.closest("[data-gmm-component]");
    if (named && owner && event.pointerType === "mouse") {
      const handle = named.getAttribute("data-gmm-handle") as HandleName;
      return { id: Number(owner.getAttribute("data-gmm-component")), handle };
    }
    const view = desk.view();
    if (!view) return null;
    const reach = event.pointerType === "touch" ? REACH.touch : REACH.mouse;
    const { shapes, structure } = desk;
    return hit(shapes(), state.selected.peek(), structure(), view, where(event), reach);
  };
  const hover = (event: PointerEvent) => {
    const found = under(event);
    state.hovered.value = found?.id ?? null;
    plot.style.cursor = cursorOf(found, found ? shapeOf(found.id) : undefined);
  };

  const down = (event: PointerEvent) => {
    if (event.button !== 0 || drag) return;
    const found = under(event);
    const shape = found && shapeOf(found.id);
    const view = desk.view();
    if (!found || !shape || !view) return;
    event.preventDefault();
    state.selected.value = found.id;
    desk.focus(found.id);
    const start = { shape, view, structure: desk.structure() };
    const gesture = grip(rowOf(found.handle)!, start, where(event));
    const { mean, covariance } = desk.placed(found.id)!;
    const back = found.handle === "centre" ? { mean } : { covariance };
    drag = { pointer: event.pointerId, number: desk.gesture(), id: found.id, gesture, back };
    plot.setPointerCapture(event.pointerId);
    if (found.handle === "centre") plot.style.cursor = "grabbing";
    state.hovered.value = found.id;
  };
  const move = (event: PointerEvent) => {
    if (!drag) return hover(event);
    if (event.pointerId !== drag.pointer) return undefined;
    const patch = drag.gesture.move(where(event), modifiersOf(event));
    if (!drag.gesture.moved) return undefined;
    state.dragging.value = true;
    desk.edit(drag.number, drag.id, patch, false);
    return undefined;
  };
  const finish = (event: PointerEvent) => {
    if (!drag || event.pointerId !== drag.pointer) return;
    const { gesture, number, id } = drag;
    drag = null;
    if (gesture.moved) {
      desk.edit(number, id, gesture.move(where(event), modifiersOf(event)), true);
    }
    state.dragging.value = false;
    hover(event);
  };
  const cancel = (): boolean => {
    if (!drag) return false;
    const { gesture, number, id, back, pointer } = drag;
    drag = null;
    if (plot.hasPointerCapture(pointer)) plot.releasePointerCapture(pointer);
    if (gesture.moved) desk.edit(number, id, back, true);
    state.dragging.value = false;
    return true;
  };

  listen(end, plot, "pointerdown", down);
  listen(end, plot, "pointermove", move);
  listen(end, plot, "pointerup", finish);
  listen(end, plot, "pointercancel", cancel);
  listen(end, plot, "pointerleave", () => {
    if (!drag) state.hovered.value = null;
  });
  return { cancel };
}

/*
 * Edits by keys: presses close in time are one gesture, so that one undo takes
 * them back together.
 */

import { timer } from "../../base/lifetime.ts";
import { turned } from "../../maths/geometry/ellipse.ts";
import type { Vec } from "../../maths/geometry/viewport.ts";
import type { Patch } from "../../maths/mixture.ts";
import type { HandleContext } from "./context.ts";
import { LEAST, rowOf, shaped } from "./handle-table.ts";
import type { Action } from "./keys.ts";

export const PAUSE = 350; // ms without a key that end a gesture

export interface KeyEdits {
  /** Change the selected component; arrows drag the handle that has the focus. */
  type(action: Action, handle: string): void;
  /** End the gesture, if there is one, with its last values. */
  finish(): void;
  /** Restore the component; false if there was no gesture. */
  cancel(): boolean;
}

interface Held {
  readonly number: number;
  readonly id: number;
  readonly before: Required<Pick<Patch, "mean" | "covariance" | "weight">>;
  patch: Patch;
}

const STILL = { shift: false, alt: false };

/** The component after one action, in absolute values. */
function patchOf(context: HandleContext, id: number, action: Action, handle: string): Patch | null {
  const shape = context.shapes().find((each) => each.id === id);
  const view = context.view();
  const structure = context.structure();
  if (!shape || !view) return null;
  const { frame } = shape;
  if (action.kind === "nudge") {
    const row = rowOf(handle)!;
    if (row.nudge) return row.nudge(shape, action.dx, action.dy);
    const [x, y] = row.at(shape);
    const to: Vec = [x + action.dx * view.width, y + action.dy * view.height];
    return row.drag({ shape, view, structure }, to, STILL);
  }
  if (action.kind === "turn" && !structure.diagonal) {
    return { covariance: shaped(turned(frame, (action.degrees * Math.PI) / 180), view, structure) };
  }
  if (action.kind === "scale") {
    const { factor } = action;
    if (factor < 1 && Math.min(frame.a, frame.b) * factor < LEAST) return null;
    const grown = { ...frame, a: frame.a * factor, b: frame.b * factor };
    return { covariance: shaped(grown, view, structure) };
  }
  return null;
}

/** What was there before, of the parts that the gesture changed. */
function back({ before, patch }: Held): Patch {
  return {
    ...(patch.mean && { mean: before.mean }),
    ...(patch.covariance && { covariance: before.covariance }),
    ...(patch.weight !== undefined && { weight: before.weight }),
  };
}

/** Edits of the selected component by keys. */
export function createKeyEdits(end: AbortSignal, context: HandleContext): KeyEdits {
  let held: Held | null = null;
  const close = (patch: (of: Held) => Patch): boolean => {
    if (!held) return false;
    const { number, id } = held;
    const last = patch(held);
    held = null;
    pause.stop();
    context.edit(number, id, last, true);
    return true;
  };
  const finish = () => void close(({ patch }) => patch);
  const pause = timer(end, PAUSE, finish);
  return {
    finish,
    cancel: () => close(back),
    type(action, handle) {
      const id = context.state.selected.peek();
      const before = id === null ? null : context.placed(id);
      const patch = id === null ? null : patchOf(context, id, action, handle);
      if (id === null || !before || !patch) return;
      if (held && held.id !== id) finish();
      held ??= { number: context.gesture(), id, before, patch: {} };
      held.patch = { ...held.patch, ...patch };
      context.edit(held.number, id, held.patch, false);
      pause.start();
    },
  };
}

/*
 * The drag of a handle: it keeps the offset between pointer and handle, so that
 * nothing jumps at the press.
 */
import type { Vec } from "../../maths/geometry/viewport.ts";
import type { Patch } from "../../maths/mixture.ts";
import { displayPosition, type Modifiers, type Row, type Start } from "./handle-table.ts";

export interface Gesture {
  readonly row: Row;
  readonly start: Start;
  /** The component with the pointer at `p`. */
  move(p: Vec, modifiers: Modifiers): Patch;
  /** True once the pointer has gone further than a click does. */
  readonly moved: boolean;
}

const CLICK = 2; // px

/** Start a drag at `grab`, which need not be the middle of the handle. */
export function startGesture(row: Row, start: Start, grab: Vec): Gesture {
  const at = row.fromShown ? displayPosition(row, start.shape, start.view) : row.at(start.shape);
  const offset: Vec = [at[0] - grab[0], at[1] - grab[1]];
  let moved = false;
  return {
    row,
    start,
    get moved() {
      return moved;
    },
    move(p, modifiers) {
      moved ||= Math.hypot(p[0] - grab[0], p[1] - grab[1]) >= CLICK;
      return row.drag(start, [p[0] + offset[0], p[1] + offset[1]], modifiers);
    },
  };
}

/*
 * One gesture for all handles: it keeps the grab offset, so that nothing
 * jumps when it is taken hold of, and it knows the way back.
 */
import type { Vec } from "../../maths/geometry/viewport.ts";
import type { Patch } from "../../maths/mixture.ts";
import { type Modifiers, type Row, type Start, seat } from "./handle-table.ts";

export interface Gesture {
  readonly row: Row;
  readonly start: Start;
  /** The component with the pointer at `p`. */
  move(p: Vec, modifiers: Modifiers): Patch;
  /** True once the pointer has gone further than a click does. */
  readonly moved: boolean;
}

const CLICK = 2; // px

/** Take hold of a handle at `grab`, which need not be the handle's very centre. */
export function grip(row: Row, start: Start, grab: Vec): Gesture {
  // A turn is read off where the handle is shown, which may not be its place.
  const at = row.name === "rotate" ? seat(row, start.shape, start.view) : row.at(start.shape);
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

/*
 * What lies under a pointer: a handle, a centre, an outline or an inside,
 * in that order, and the smallest ellipse where insides overlap.
 */
import { distance, type Shape } from "../../maths/geometry/ellipse.ts";
import type { Vec, Viewport } from "../../maths/geometry/viewport.ts";
import type { Structure } from "../../maths/structures.ts";
import { displayPosition, MAIN, ROWS } from "./handle-table.ts";

export interface Hit {
  readonly id: number;
  readonly handle: string;
}

export const REACH = { mouse: 12, touch: 22 } as const;

const gap = (p: Vec, q: Vec) => Math.hypot(p[0] - q[0], p[1] - q[1]);

function nearest(shapes: readonly Shape[], view: Viewport, p: Vec, reach: number): Hit | null {
  let best: Hit | null = null;
  let least = reach;
  for (const shape of shapes) {
    const away = gap(p, displayPosition(MAIN, shape, view));
    if (away > least) continue;
    least = away;
    best = { id: shape.id, handle: MAIN.name };
  }
  return best;
}

function inside(shapes: readonly Shape[], p: Vec): Hit | null {
  let best: Hit | null = null;
  let least = Infinity;
  for (const { id, centre, frame, reach } of shapes) {
    const area = frame.a * frame.b;
    if (area >= least || distance(frame, centre, p) > reach) continue;
    least = area;
    best = { id, handle: MAIN.name };
  }
  return best;
}

/** The handle that a press at `p` grabs, or null on the empty plane. */
export function hit(
  shapes: readonly Shape[],
  selected: number | null,
  structure: Structure,
  view: Viewport,
  p: Vec,
  reach: number = REACH.mouse,
): Hit | null {
  const chosen = shapes.find((shape) => shape.id === selected);
  if (chosen) {
    const rows = ROWS.filter((row) => row.allowed(structure, chosen));
    const away = rows.map((row) => gap(p, displayPosition(row, chosen, view)));
    const least = Math.min(...away);
    if (least <= reach) return { id: chosen.id, handle: rows[away.indexOf(least)]!.name };
  }
  return nearest(shapes, view, p, reach) ?? inside(shapes, p);
}

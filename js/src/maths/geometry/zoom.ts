/*
 * Panning and zooming of the visible extent, within bounds.
 *
 * The bounds keep float64 axes meaningful on the way in and the data
 * findable on the way out.
 */
import type { Extent, Vec, Viewport } from "./viewport.ts";
import { scales, toData } from "./viewport.ts";

const NEAREST = 1e-6; // of the home span
const FURTHEST = 20; // home spans
const DIGITS = 1e-10; // least span, relative to the coordinates themselves

const clamp = (value: number, low: number, high: number) => Math.min(high, Math.max(low, value));

/** The factor nearest to the wanted one that keeps a span within bounds. */
function allowed(span: number, factor: number, home: number, size: number): number {
  const least = Math.max(NEAREST * home, DIGITS * size);
  return clamp(span * factor, Math.min(span, least), Math.max(span, FURTHEST * home)) / span;
}

/** The extent after the plane was dragged by (dx, dy) pixels. */
export function panned(view: Viewport, dx: number, dy: number, home: Extent): Extent {
  const [sx, sy] = scales(view);
  const [x0, x1, y0, y1] = view.extent;
  // A plane that is dragged right shows what was left of it; some of home stays in reach.
  const shift = (low: number, high: number, by: number, a: number, b: number) =>
    clamp(by, Math.min(0, a - high), Math.max(0, b - low));
  const mx = shift(x0, x1, -dx / sx, home[0], home[1]);
  const my = shift(y0, y1, -dy / sy, home[2], home[3]);
  return [x0 + mx, x1 + mx, y0 + my, y1 + my];
}

/** The extent scaled by `factor` (below 1 is nearer) about the pixel `at`, which stays put. */
export function zoomed(view: Viewport, at: Vec, factor: number, home: Extent): Extent {
  const [x0, x1, y0, y1] = view.extent;
  const [x, y] = toData(view, at);
  const size = (low: number, high: number) => Math.max(Math.abs(low), Math.abs(high));
  // One factor for both axes, so that the picture is only scaled.
  const fx = allowed(x1 - x0, factor, home[1] - home[0], size(x0, x1));
  const fy = allowed(y1 - y0, factor, home[3] - home[2], size(y0, y1));
  const f = factor < 1 ? Math.max(fx, fy) : Math.min(fx, fy);
  return [x + (x0 - x) * f, x + (x1 - x) * f, y + (y0 - y) * f, y + (y1 - y) * f];
}

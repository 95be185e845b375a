/*
 * Polygons drawn around points: which points are inside, and a bound on the
 * number of corners.
 */
import type { PlanePoints } from "../points.ts";
import type { Extent, Vec } from "./viewport.ts";

export type Polygon = readonly Vec[];

const MOST = 512; // corners: as many as the kernel takes

/** Whether a point is inside, by the even-odd rule. */
export function isInside(polygon: Polygon, x: number, y: number): boolean {
  let odd = false;
  let [x0, y0] = polygon[polygon.length - 1]!;
  for (const [x1, y1] of polygon) {
    // A corner belongs to the side that begins there, so that none counts twice.
    if (y0 <= y !== y1 <= y && x0 + ((y - y0) / (y1 - y0)) * (x1 - x0) < x) odd = !odd;
    [x0, y0] = [x1, y1];
  }
  return odd;
}

/** Total weight of the rows inside a polygon in data units, and of all rows. */
export function countInside(cloud: PlanePoints, polygon: Polygon): readonly [number, number] {
  const { origin, scale, xy, weight } = cloud;
  const own = polygon.map(
    ([x, y]): Vec => [(x - origin[0]) / scale[0], (y - origin[1]) / scale[1]],
  );
  let [count, total] = [0, 0];
  for (let row = 0; 2 * row < xy.length; row++) {
    const w = weight ? weight[row]! : 1;
    total += w;
    if (isInside(own, xy[2 * row]!, xy[2 * row + 1]!)) count += w;
  }
  return [count, total];
}

/** The polygon with one more corner; at the limit every second corner is dropped first. */
export function drawn(polygon: Polygon, corner: Vec): Polygon {
  const kept = polygon.length < MOST ? polygon : polygon.filter((_, i) => i % 2 === 0);
  return [...kept, corner];
}

/** The rectangle between two opposite corners. */
export function box([x0, y0]: Vec, [x1, y1]: Vec): Polygon {
  return [
    [x0, y0],
    [x1, y0],
    [x1, y1],
    [x0, y1],
  ];
}

/** A box around the middle of an extent, a fifth as wide and high. */
export function middle([x0, x1, y0, y1]: Extent): Polygon {
  const at = (low: number, high: number, share: number) => low + (high - low) * share;
  return box([at(x0, x1, 0.4), at(y0, y1, 0.4)], [at(x0, x1, 0.6), at(y0, y1, 0.6)]);
}

/** The polygon moved by (dx, dy), or stretched about its middle by those factors. */
export function moved(polygon: Polygon, dx: number, dy: number): Polygon {
  return polygon.map(([x, y]): Vec => [x + dx, y + dy]);
}

export function stretched(polygon: Polygon, fx: number, fy: number): Polygon {
  const [xs, ys] = [polygon.map(([x]) => x), polygon.map(([, y]) => y)];
  const cx = (Math.min(...xs) + Math.max(...xs)) / 2;
  const cy = (Math.min(...ys) + Math.max(...ys)) / 2;
  return polygon.map(([x, y]): Vec => [cx + (x - cx) * fx, cy + (y - cy) * fy]);
}

/*
 * From data units to the plot's pixels and back: an axis-aligned affine map
 * with y upwards. Kept in float64 whatever the points are stored in.
 */
import type { Matrix } from "../matrix.ts";

/** x0, x1, y0, y1 in data units. */
export type Extent = readonly [number, number, number, number];
export type Vec = readonly [number, number];

export interface Viewport {
  readonly extent: Extent;
  /** Size of the plot area in CSS pixels. */
  readonly width: number;
  readonly height: number;
}

/** Pixels per data unit along x and y; y's is negative, as pixels run down. */
export function scales(view: Viewport): Vec {
  const [x0, x1, y0, y1] = view.extent;
  return [view.width / (x1 - x0), -view.height / (y1 - y0)];
}

export function toPixel(view: Viewport, x: number, y: number): Vec {
  const [sx, sy] = scales(view);
  return [(x - view.extent[0]) * sx, (y - view.extent[3]) * sy];
}

export function toData(view: Viewport, p: Vec): Vec {
  const [sx, sy] = scales(view);
  return [p[0] / sx + view.extent[0], p[1] / sy + view.extent[3]];
}

/** A 2 x 2 covariance of the plane, seen in pixels. */
export function covarianceToPixel(view: Viewport, c: Matrix): Matrix {
  const [sx, sy] = scales(view);
  return [
    [c[0]![0]! * sx * sx, c[0]![1]! * sx * sy],
    [c[1]![0]! * sx * sy, c[1]![1]! * sy * sy],
  ];
}

/** A 2 x 2 covariance in pixels, taken back to data units. */
export function covarianceToData(view: Viewport, c: Matrix): Matrix {
  const [sx, sy] = scales(view);
  const off = c[0]![1]! / (sx * sy);
  return [
    [c[0]![0]! / (sx * sx), off],
    [off, c[1]![1]! / (sy * sy)],
  ];
}

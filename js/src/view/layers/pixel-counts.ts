/*
 * Points to pixels: how many points lie on each device pixel.
 *
 * Few points in view are drawn as antialiased discs, many as single pixels,
 * and bins of a preview are interpolated.
 */

import { scales, toPixel, type Viewport } from "../../maths/geometry/viewport.ts";
import type { PlanePoints } from "../../maths/points.ts";
import type { Scene } from "./painter.ts";

export interface Grid {
  readonly width: number;
  readonly height: number;
  readonly counts: Float32Array;
}

const DISCS = 20_000; // more points in view than this are drawn as single pixels

/** Radius of a dot in CSS pixels for so many points. */
export function dotRadius(total: number): number {
  return Math.min(3, Math.max(1.1, 3 * (400 / Math.max(total, 1)) ** 0.25));
}

/** Points in view, counted up to the limit for discs; for bins, all points. */
export function seen(
  { cell, xy, total, origin, scale }: PlanePoints,
  { extent }: Viewport,
): number {
  if (cell) return total;
  const [x0, x1, y0, y1] = extent.map((edge, i) => (edge - origin[i >> 1]!) / scale[i >> 1]!);
  let n = 0;
  for (let i = 0; i < xy.length && n <= DISCS; i += 2) {
    const [x, y] = [xy[i]!, xy[i + 1]!];
    if (x >= x0! && x <= x1! && y >= y0! && y <= y1!) n += 1;
  }
  return n;
}

interface Stamp {
  readonly side: number;
  readonly cover: Float32Array;
}

/** Coverage of a disc around a point with a subpixel offset. */
function stamp(radius: number, dx: number, dy: number): Stamp {
  const reach = Math.ceil(radius + 1);
  const side = 2 * reach + 1;
  const cover = new Float32Array(side * side);
  for (let j = 0; j < side; j++) {
    for (let i = 0; i < side; i++) {
      const gap = Math.hypot(i - reach - dx, j - reach - dy);
      cover[j * side + i] = Math.min(1, Math.max(0, radius + 0.5 - gap));
    }
  }
  return { side, cover };
}

const SUB = 4; // subpixel positions per axis

function stamps(radius: number): Stamp[] {
  return Array.from({ length: SUB * SUB }, (_, i) =>
    stamp(radius, ((i % SUB) + 0.5) / SUB - 0.5, (Math.floor(i / SUB) + 0.5) / SUB - 0.5),
  );
}

/** Add one stamp centred on pixel (column, row). */
function press(grid: Grid, { side, cover }: Stamp, column: number, row: number, w: number): void {
  const left = column - (side >> 1);
  const top = row - (side >> 1);
  const from = Math.max(0, -left);
  const to = Math.min(side, grid.width - left);
  for (let j = Math.max(0, -top); j < Math.min(side, grid.height - top); j++) {
    const line = (top + j) * grid.width + left;
    for (let i = from; i < to; i++) {
      const value = cover[j * side + i]!;
      if (value > 0) grid.counts[line + i] = grid.counts[line + i]! + w * value;
    }
  }
}

/**
 * Spread a bin's weight over itself and half of its neighbours: the sum over a
 * grid of bins is their bilinear interpolation.
 */
function spread(grid: Grid, x: number, y: number, w: number, box: readonly [number, number]): void {
  const [bx, by] = [Math.max(box[0], 1), Math.max(box[1], 1)];
  const x1 = Math.min(grid.width - 1, Math.floor(x + bx - 0.5));
  const y1 = Math.min(grid.height - 1, Math.floor(y + by - 0.5));
  for (let j = Math.max(0, Math.ceil(y - by - 0.5)); j <= y1; j++) {
    const across = ((1 - Math.abs(j + 0.5 - y) / by) * w) / (bx * by);
    const line = j * grid.width;
    for (let i = Math.max(0, Math.ceil(x - bx - 0.5)); i <= x1; i++) {
      const share = across * (1 - Math.abs(i + 0.5 - x) / bx);
      grid.counts[line + i] = grid.counts[line + i]! + share;
    }
  }
}

/** The cloud binned into the view's device pixels. */
export function splat({ cloud, view, ratio }: Scene): Grid {
  const width = Math.max(1, Math.round(view.width * ratio));
  const height = Math.max(1, Math.round(view.height * ratio));
  const grid: Grid = { width, height, counts: new Float32Array(width * height) };
  const zoom = [width / view.width, height / view.height] as const;
  const [px, py] = toPixel(view, cloud.origin[0], cloud.origin[1]);
  const [sx, sy] = scales(view);
  const ax = sx * cloud.scale[0] * zoom[0];
  const ay = sy * cloud.scale[1] * zoom[1];
  const put = placer(
    grid,
    seen(cloud, view),
    ratio,
    cloud.cell && [Math.abs(sx * cloud.cell[0] * zoom[0]), Math.abs(sy * cloud.cell[1] * zoom[1])],
  );
  const rows = cloud.xy.length / 2;
  for (let row = 0; row < rows; row++) {
    const x = cloud.xy[2 * row]! * ax + px * zoom[0];
    const y = cloud.xy[2 * row + 1]! * ay + py * zoom[1];
    put(x, y, cloud.weight ? cloud.weight[row]! : 1);
  }
  return grid;
}

type Put = (x: number, y: number, w: number) => void;

function placer(grid: Grid, n: number, ratio: number, box: readonly [number, number] | null): Put {
  if (n <= DISCS) {
    const shapes = stamps(dotRadius(n) * ratio);
    return (x, y, w) => {
      const column = Math.floor(x);
      const row = Math.floor(y);
      if (column < -20 || row < -20 || column > grid.width + 20 || row > grid.height + 20) return;
      const shape = Math.floor((y - row) * SUB) * SUB + Math.floor((x - column) * SUB);
      press(grid, shapes[shape]!, column, row, w);
    };
  }
  if (box) return (x, y, w) => spread(grid, x, y, w, box);
  return (x, y, w) => {
    if (!(x >= 0 && x < grid.width && y >= 0 && y < grid.height)) return;
    const at = (y | 0) * grid.width + (x | 0);
    grid.counts[at] = grid.counts[at]! + w;
  };
}

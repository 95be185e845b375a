/*
 * Decision boundaries: where the largest of a family of functions changes.
 *
 * The plane is cut into squares, and a square into quarters while its corners
 * disagree or while the curvature of the quadratics still leaves room for a
 * third one inside, so that neither a small region within another nor a thin
 * one is missed. In the smallest squares the two at the ends of a side are
 * interpolated, which for quadratics over a few pixels is exact to the eye.
 */
export interface Family {
  readonly size: number;
  /** Write the value of each member at a pixel. */
  at(x: number, y: number, out: Float64Array): void;
  /** A bound of each member's curvature: the sum of its second derivatives along x and y. */
  readonly bend: Float64Array;
}

const SQUARE = 16; // px: the squares that are looked at first
const LEAST = 4; // px: no square is cut below this

interface Corner {
  readonly values: Float64Array;
  readonly top: number;
}

type Corners = readonly [Corner, Corner, Corner, Corner];

function cornerOf(family: Family, x: number, y: number): Corner {
  const values = new Float64Array(family.size);
  family.at(x, y, values);
  let top = 0;
  for (let k = 1; k < values.length; k++) if (values[k]! > values[top]!) top = k;
  return { values, top };
}

/** No other member can be on top inside a square whose corners all have this one there. */
function settled({ bend }: Family, corners: Corners, side: number): boolean {
  const { top } = corners[0];
  for (let k = 0; k < bend.length; k++) {
    if (k === top) continue;
    // Linear interpolation of a quadratic errs by an eighth of its second derivatives, at most.
    const room = (side * side * (bend[k]! + bend[top]!)) / 8;
    for (const { values } of corners) if (values[k]! + room > values[top]!) return false;
  }
  return true;
}

/** How far along a side the largest changes, from 0 to 1. */
function crossing(a: Corner, b: Corner): number {
  const from = a.values[a.top]! - a.values[b.top]!;
  const to = b.values[b.top]! - b.values[a.top]!;
  return from + to > 0 ? from / (from + to) : 0.5;
}

/** The pieces of line in one of the smallest squares: two ends, or a star where regions meet. */
function pieces(corners: Corners, x: number, y: number, w: number, h: number): number[] {
  const places = [
    [0, 0],
    [1, 0],
    [1, 1],
    [0, 1],
  ] as const;
  const ends = corners.flatMap((a, i) => {
    const j = (i + 1) % 4;
    const b = corners[j]!;
    if (a.top === b.top) return [];
    const t = crossing(a, b);
    const [p, q] = [places[i]!, places[j]!];
    return [[x + w * (p[0] + (q[0] - p[0]) * t), y + h * (p[1] + (q[1] - p[1]) * t)] as const];
  });
  if (ends.length === 2) return ends.flat();
  const sum = ends.reduce(([u, v], [p, q]) => [u + p, v + q], [0, 0] as readonly [number, number]);
  const middle = [sum[0] / ends.length, sum[1] / ends.length];
  return ends.flatMap((end) => [...end, ...middle]);
}

/**
 * Lines between the regions in which different members are the largest: x and y of both ends of
 * one piece after the other.
 */
export function boundaries(family: Family, width: number, height: number): number[] {
  const lines: number[] = [];
  const visit = (corners: Corners, x: number, y: number, w: number, h: number): void => {
    const same = corners.every(({ top }) => top === corners[0].top);
    if (same && settled(family, corners, Math.max(w, h))) return;
    if (Math.max(w, h) <= LEAST) {
      if (!same) lines.push(...pieces(corners, x, y, w, h));
      return;
    }
    const [u, v] = [w / 2, h / 2];
    const [a, b, c, d] = corners;
    const [n, s] = [cornerOf(family, x + u, y), cornerOf(family, x + u, y + h)];
    const [e, o] = [cornerOf(family, x + w, y + v), cornerOf(family, x, y + v)];
    const m = cornerOf(family, x + u, y + v);
    visit([a, n, m, o], x, y, u, v);
    visit([n, b, e, m], x + u, y, u, v);
    visit([m, e, c, s], x + u, y + v, u, v);
    visit([o, m, s, d], x, y + v, u, v);
  };
  const [columns, rows] = [Math.ceil(width / SQUARE), Math.ceil(height / SQUARE)];
  const [w, h] = [width / columns, height / rows];
  const line = (row: number) =>
    Array.from({ length: columns + 1 }, (_, i) => cornerOf(family, i * w, row * h));
  for (let row = 0, above = line(0); row < rows; row++) {
    const below = line(row + 1);
    for (let i = 0; i < columns; i++) {
      visit([above[i]!, above[i + 1]!, below[i + 1]!, below[i]!], i * w, row * h, w, h);
    }
    above = below;
  }
  return lines;
}

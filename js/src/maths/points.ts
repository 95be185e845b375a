/*
 * Points in a plane: centred and scaled, weighted or not.
 *
 * The points from the kernel, the saved preview and the bins of a large data
 * set all have this one shape, so painters and sums need no other.
 */

export interface PlanePoints {
  /** x0 y0 x1 y1 ... = (value - origin) / scale. */
  readonly xy: Float32Array;
  /** Weight of each row, or null for 1 each. */
  readonly weight: Float32Array | null;
  readonly origin: readonly [number, number];
  readonly scale: readonly [number, number];
  /** Sum of the weights. */
  readonly total: number;
  /** Size of the bin that a row stands for, in data units; null for single points. */
  readonly cell: readonly [number, number] | null;
  /** Variance of x, covariance, variance of y of the points within each row's bin, as scaled. */
  readonly spread?: Float32Array;
}

const POINT = new Float32Array(3);

/** The array that holds a row's own covariance, and the index at which it begins. */
export function spreadAt({ spread }: PlanePoints, row: number): readonly [Float32Array, number] {
  return spread ? [spread, 3 * row] : [POINT, 0];
}

/** At most about `most` rows: the points themselves, or bins with their means and covariances. */
export function condensed(cloud: PlanePoints, most: number): PlanePoints {
  const { xy, weight } = cloud;
  const rows = xy.length / 2;
  if (rows <= most) return cloud;
  const side = Math.ceil(Math.sqrt(2 * most)); // about half of the bins are empty
  const low = [Infinity, Infinity];
  const high = [-Infinity, -Infinity];
  for (let i = 0; i < xy.length; i++) {
    const value = xy[i]!;
    if (value < low[i & 1]!) low[i & 1] = value;
    if (value > high[i & 1]!) high[i & 1] = value;
  }
  const step = [0, 1].map((axis) => side / (high[axis]! - low[axis]! || 1) / (1 + 1e-6));
  const sums = new Float64Array(side * side * 6);
  for (let row = 0; row < rows; row++) {
    const x = xy[2 * row]!;
    const y = xy[2 * row + 1]!;
    const column = ((x - low[0]!) * step[0]!) | 0;
    const slot = 6 * ((((y - low[1]!) * step[1]!) | 0) * side + column);
    const w = weight ? weight[row]! : 1;
    const [within, i] = spreadAt(cloud, row);
    sums[slot]! += w;
    sums[slot + 1]! += w * x;
    sums[slot + 2]! += w * y;
    sums[slot + 3]! += w * (x * x + within[i]!);
    sums[slot + 4]! += w * (x * y + within[i + 1]!);
    sums[slot + 5]! += w * (y * y + within[i + 2]!);
  }
  return packedCells(cloud, sums);
}

function packedCells(cloud: PlanePoints, sums: Float64Array): PlanePoints {
  const xy: number[] = [];
  const weight: number[] = [];
  const spread: number[] = [];
  for (let slot = 0; slot < sums.length; slot += 6) {
    const w = sums[slot]!;
    if (w === 0) continue;
    const [x, y, xx, xy_, yy] = [1, 2, 3, 4, 5].map((i) => sums[slot + i]! / w);
    xy.push(x!, y!);
    weight.push(w);
    spread.push(xx! - x! * x!, xy_! - x! * y!, yy! - y! * y!);
  }
  const [all, each, within] = [xy, weight, spread].map((list) => Float32Array.from(list));
  return { ...cloud, xy: all!, weight: each!, spread: within! };
}

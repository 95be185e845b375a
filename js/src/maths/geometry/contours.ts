/*
 * Level lines of a function on a grid of pixels, by marching squares.
 *
 * Each square gives at most two straight pieces; a saddle is settled by the
 * mean of its corners. The pieces are not joined: drawn with round ends they
 * look like one line.
 */
export interface Field {
  /** Values at the grid's nodes, row by row from the top. */
  readonly values: Float64Array;
  readonly columns: number;
  readonly rows: number;
  /** Pixels between nodes, along x and along y. */
  readonly step: readonly [number, number];
}

/** A grid of about `spacing` pixels over the plot. */
export function gridOf(width: number, height: number, spacing: number): Omit<Field, "values"> {
  const columns = Math.max(2, Math.ceil(width / spacing) + 1);
  const rows = Math.max(2, Math.ceil(height / spacing) + 1);
  return { columns, rows, step: [width / (columns - 1), height / (rows - 1)] };
}

// The sides of a square that a line joins, by which corners are above it:
// corners 1, 2, 4, 8 and sides 0..3 run clockwise from the upper left and the top.
const JOINS: readonly (readonly number[])[] = [
  [],
  [3, 0],
  [0, 1],
  [3, 1],
  [1, 2],
  [3, 2, 0, 1], // saddle: upper left and lower right are above
  [0, 2],
  [3, 2],
  [2, 3],
  [2, 0],
  [0, 3, 1, 2], // saddle: upper right and lower left are above
  [2, 1],
  [1, 3],
  [1, 0],
  [0, 3],
  [],
];
const SADDLES = new Map([
  [5, [3, 0, 1, 2]],
  [10, [0, 1, 2, 3]],
]);

function joinsOf(corners: readonly number[], level: number): readonly number[] {
  const code = corners.reduce((sum, value, i) => sum + (value > level ? 1 << i : 0), 0);
  const apart = SADDLES.get(code);
  const mean = corners.reduce((sum, value) => sum + value, 0) / 4;
  return apart && mean <= level ? apart : JOINS[code]!;
}

/** The pieces of the line at `level`: x and y of both ends of one after the other. */
export function pieces({ values, columns, rows, step }: Field, level: number): number[] {
  const ends: number[] = [];
  for (let row = 0; row + 1 < rows; row++) {
    for (let column = 0; column + 1 < columns; column++) {
      const at = row * columns + column;
      const above = values[at]! > level;
      // Most squares are on one side: nothing is made for them.
      if (
        above === values[at + 1]! > level &&
        above === values[at + columns]! > level &&
        above === values[at + columns + 1]! > level
      )
        continue;
      const corners = [at, at + 1, at + columns + 1, at + columns].map((i) => values[i]!);
      for (const side of joinsOf(corners, level)) {
        const [a, b] = [corners[side]!, corners[(side + 1) % 4]!];
        const t = (level - a) / (b - a);
        const x = column + [t, 1, 1 - t, 0][side]!;
        const y = row + [0, t, 1, 1 - t][side]!;
        ends.push(x * step[0], y * step[1]);
      }
    }
  }
  return ends;
}

/** Pieces of line as an SVG path. */
export function pathOf(ends: readonly number[]): string {
  const path: string[] = [];
  for (let i = 0; i < ends.length; i += 2) {
    path.push(`${i % 4 === 0 ? "M" : "L"}${ends[i]!.toFixed(1)} ${ends[i + 1]!.toFixed(1)}`);
  }
  return path.join("");
}

/** Pieces joined where they meet, as an SVG path, so that dashes are continuous. */
export function joined(ends: readonly number[]): string {
  const spots = Array.from({ length: ends.length / 2 }, (_, i) => {
    return `${ends[2 * i]!.toFixed(1)} ${ends[2 * i + 1]!.toFixed(1)}`;
  });
  const at = new Map<string, number[]>();
  spots.forEach((spot, i) => {
    at.set(spot, [...(at.get(spot) ?? []), i]);
  });
  const used = new Set<number>();
  /** The spots that follow one end of a piece, as far as the line goes. */
  const follow = (end: number): string[] => {
    const line: string[] = [];
    for (let next: number | undefined = end; next !== undefined; ) {
      used.add(next >> 1);
      line.push(spots[next]!);
      next = at.get(spots[next]!)?.find((i) => !used.has(i >> 1));
      if (next !== undefined) next ^= 1;
    }
    return line;
  };
  const lines = spots.flatMap((_, i) => {
    if (i % 2 === 1 || used.has(i >> 1)) return [];
    const there = follow(i + 1);
    return [`M${[...follow(i).reverse(), ...there].join("L")}`];
  });
  return lines.join("");
}

/** The area where the field is below `level`, as an SVG path of one polygon a square. */
export function under({ values, columns, rows, step }: Field, level: number): string {
  const path: string[] = [];
  const write = (x: number, y: number) => `${(x * step[0]).toFixed(1)} ${(y * step[1]).toFixed(1)}`;
  for (let row = 0; row + 1 < rows; row++) {
    for (let column = 0; column + 1 < columns; column++) {
      const at = row * columns + column;
      const corners = [at, at + 1, at + columns + 1, at + columns].map((i) => values[i]!);
      const ends = corners.flatMap((a, side) => {
        const b = corners[(side + 1) % 4]!;
        const place = (t: number) =>
          write(column + [t, 1, 1 - t, 0][side]!, row + [0, t, 1, 1 - t][side]!);
        const own = a < level ? [place(0)] : [];
        return a < level === b < level ? own : [...own, place((level - a) / (b - a))];
      });
      if (ends.length > 2) path.push(`M${ends.join("L")}Z`);
    }
  }
  return path.join("");
}

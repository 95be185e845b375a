/*
 * A criterion over the number of components, a line for each structure, in
 * the columns of the map above it.
 */
import { s } from "../../base/dom.ts";
import { colourOf } from "../../base/palette.ts";
import { bestOf, type Grid, keyOf, scoreOf } from "../../state/selection-grid.ts";

export const HEIGHT = 96;
const [TOP, FOOT] = [10, 88];
const AWAY = 3; // times the median's distance from the best: worse scores are cut off
const DASHES = ["", "6 3", "2 3", "8 3 2 3"];

/** How the line of the nth structure is drawn. */
export function strokeOf(nth: number) {
  return { stroke: colourOf(nth), "stroke-dasharray": DASHES[nth % DASHES.length]! };
}

interface Spot {
  readonly x: number;
  readonly y: number;
}

/** Where the points of each line are; collapsed and spurious fits are left out. */
export function placed(grid: Grid, criterion: string, left: number, width: number): Spot[][] {
  const scores = grid.structures.map((structure) =>
    grid.counts.map((k) => scoreOf(grid.cells.get(keyOf(structure, k)), criterion)),
  );
  const known = scores.flat().filter((score) => score !== null);
  const low = Math.min(...known);
  const reach = AWAY * ((known.sort((a, b) => a - b)[known.length >> 1] ?? low) - low);
  const step = (width - left) / grid.counts.length;
  return scores.map((row) =>
    row.flatMap((score, i) => {
      if (score === null) return [];
      const y = FOOT - ((score - low) / (reach || 1)) * (FOOT - TOP);
      return [{ x: left + (i + 0.5) * step, y }];
    }),
  );
}

/** The lines with a ring around the best. */
export function curves(
  grid: Grid,
  criterion: string,
  left: number,
  width: number,
  write: (score: number) => string,
): SVGElement[] {
  const lines = placed(grid, criterion, left, width);
  const spots = lines.flat();
  if (spots.length === 0) return [];
  const lowest = spots.reduce((a, b) => (b.y > a.y ? b : a));
  const best = bestOf(grid, criterion);
  const score = scoreOf(best ?? undefined, criterion) ?? 0;
  return [
    s("line", { class: "gmm-grid", x1: left, x2: width, y1: lowest.y, y2: lowest.y }),
    s("text", { class: "gmm-tick", x: left - 6, y: lowest.y, "text-anchor": "end" }, write(score)),
    ...lines.map((line, i) =>
      s("polyline", {
        class: "gmm-curve",
        points: line.map(({ x, y }) => `${x},${y}`).join(" "),
        ...strokeOf(i),
      }),
    ),
    ...lines.flatMap((line, i) =>
      line.map(({ x, y }) => s("circle", { cx: x, cy: y, r: 2.2, fill: colourOf(i) })),
    ),
    s("circle", { class: "gmm-curve-best", cx: lowest.x, cy: lowest.y, r: 5 }),
  ];
}

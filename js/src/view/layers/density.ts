/*
 * The mixture's density as level lines, each with the share of the mixture's
 * mass that lies inside it.
 */

import { attrs, HIDDEN, s } from "../../base/dom.ts";
import { type Field, gridOf, pathOf, pieces } from "../../maths/geometry/contours.ts";
import { frameOf } from "../../maths/geometry/ellipse.ts";
import {
  covarianceToPixel,
  scales,
  toData,
  toPixel,
  type Vec,
  type Viewport,
} from "../../maths/geometry/viewport.ts";
import { densities } from "../../maths/likelihood.ts";
import { hasDensity, type Mixture } from "../../maths/mixture.ts";
import type { PlanePoints } from "../../maths/points.ts";
import { densityQuantiles } from "../../maths/sampling.ts";
import type { Layer } from "./layer.ts";

const SHARES = [0.99, 0.95, 0.9, 0.75, 0.5, 0.25];
const SPACING = { least: 3, most: 8 }; // px between the nodes at which the density is evaluated
const FINE = 0.25; // of the narrowest standard deviation: a finer grid looks the same
const WORK = 250_000; // densities of single components that can be evaluated in a frame
const EDGE = 16; // px from the plot's edges within which there is no label
const APART = { x: 34, y: 14 }; // px between two labels
const CENTRE = 20; // px around a centre, where its letter is

/** The nodes of a grid as points, for which the density is evaluated fast. */
function nodesOf({ columns, rows, step }: Omit<Field, "values">, view: Viewport): PlanePoints {
  const xy = new Float32Array(2 * columns * rows);
  for (let i = 0; i < columns * rows; i++) {
    xy[2 * i] = i % columns;
    xy[2 * i + 1] = rows - 1 - Math.floor(i / columns);
  }
  const [sx, sy] = scales(view);
  const [origin, scale] = [toData(view, [0, view.height]), [step[0] / sx, -step[1] / sy]] as const;
  return { xy, weight: null, origin, scale: scale as Vec, total: columns * rows, cell: null };
}

/** The log density of a plane mixture over the plot, on a grid as fine as its narrowest component needs. */
export function densityField(mixture: Mixture, view: Viewport): Field {
  const widths = mixture.covariances.map((c) => frameOf(covarianceToPixel(view, c)).b);
  const fine = Math.min(SPACING.most, Math.max(SPACING.least, FINE * Math.min(...widths)));
  const coarse = Math.sqrt((view.width * view.height * widths.length) / WORK);
  const spacing = Math.max(fine, coarse);
  const grid = gridOf(view.width, view.height, spacing);
  return { ...grid, values: densities(mixture, nodesOf(grid, view)) };
}

/** The topmost point of a line at which a label has room. */
function labelPosition(
  ends: readonly number[],
  view: Viewport,
  taken: readonly Vec[],
  centres: readonly Vec[],
): Vec | null {
  let best: Vec | null = null;
  for (let i = 0; i < ends.length; i += 2) {
    const [x, y] = [ends[i]!, ends[i + 1]!];
    if (best && y >= best[1]) continue;
    if (x < EDGE || x > view.width - EDGE || y < EDGE || y > view.height - EDGE) continue;
    if (taken.some((t) => Math.abs(t[0] - x) < APART.x && Math.abs(t[1] - y) < APART.y)) continue;
    if (centres.some((c) => Math.hypot(c[0] - x, c[1] - y) < CENTRE)) continue;
    best = [x, y];
  }
  return best;
}

/** The lines, and separately their labels, which go above the outlines. */
export function createDensity(): Layer & { readonly labels: SVGGElement } {
  const lines = SHARES.map(() => s("path", { class: "gmm-density" }));
  const labels = SHARES.map((share) =>
    s("text", { class: "gmm-mass", "text-anchor": "middle", dy: "0.35em" }, `${100 * share} %`),
  );
  const hidden = { ...HIDDEN };
  const root = s("g", hidden, ...lines);
  let last: readonly unknown[] = [];
  const draw: Layer["draw"] = (mixture, view) => {
    if (last[0] === mixture && last[1] === view) return;
    last = [mixture, view];
    const shown = mixture && hasDensity(mixture) ? mixture : null;
    const field = shown && densityField(shown, view);
    const taken: Vec[] = [];
    const centres = shown?.means.map(([x, y]) => toPixel(view, x!, y!)) ?? [];
    SHARES.forEach((share, i) => {
      const level = shown && densityQuantiles(shown)!.level(1 - share);
      const ends = field && level !== null ? pieces(field, level) : [];
      const at = labelPosition(ends, view, taken, centres);
      if (at) taken.push(at);
      attrs(lines[i]!, { d: pathOf(ends) || false });
      attrs(labels[i]!, { x: at?.[0] ?? -99, y: at?.[1] ?? -99 });
    });
  };
  return { root, labels: s("g", hidden, ...labels), draw };
}

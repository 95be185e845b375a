/*
 * Outliers: a dashed line around the highest-density region, and a ring around
 * each point outside it, or hatching where there are too many for rings.
 */

import { attrs, HIDDEN, s } from "../../base/dom.ts";
import { joined, pieces, under } from "../../maths/geometry/contours.ts";
import { scales, toPixel, type Viewport } from "../../maths/geometry/viewport.ts";
import { AFFORDABLE, densitiesOf } from "../../maths/likelihood.ts";
import { hasDensity, type Mixture } from "../../maths/mixture.ts";
import type { PlanePoints } from "../../maths/points.ts";
import { densityQuantiles } from "../../maths/sampling.ts";
import { densityField } from "./density.ts";
import { dotRadius, seen } from "./pixel-counts.ts";

const RINGS = 1500; // more points than this in view are hatched and not ringed
const FEW = 150; // up to so many rings are wide and have a halo

export interface OutlierBoundary {
  readonly root: SVGGElement;
  /** The invisible wide line by which the boundary is dragged. */
  readonly grip: SVGPathElement;
  draw(
    mixture: Mixture | null,
    view: Viewport,
    cloud: PlanePoints | null,
    share: number | null,
  ): void;
}

/** Points below the level, in pixels; null where they are too many or only counts are known. */
function places(
  mixture: Mixture,
  view: Viewport,
  cloud: PlanePoints,
  level: number,
): readonly (readonly [number, number])[] | null {
  const work = (cloud.xy.length / 2) * mixture.weights.length;
  if (cloud.cell || work > AFFORDABLE) return null;
  const [px, py] = toPixel(view, cloud.origin[0], cloud.origin[1]);
  const [sx, sy] = scales(view);
  const found: (readonly [number, number])[] = [];
  densitiesOf(mixture, cloud).forEach((value, row) => {
    if (!(value < level)) return;
    const x = px + cloud.xy[2 * row]! * cloud.scale[0] * sx;
    const y = py + cloud.xy[2 * row + 1]! * cloud.scale[1] * sy;
    if (x > -9 && y > -9 && x < view.width + 9 && y < view.height + 9) found.push([x, y]);
  });
  return found.length <= RINGS ? found : null;
}

function ring([x, y]: readonly [number, number], r: number): string {
  const d = (2 * r).toFixed(1);
  const arc = `a${r.toFixed(1)} ${r.toFixed(1)} 0 1 0`;
  return `M${(x - r).toFixed(1)} ${y.toFixed(1)}${arc} ${d} 0${arc} -${d} 0`;
}

let patterns = 0;

/** A pattern of diagonal lines; each view needs its own id. */
function hatching() {
  const id = `gmm-hatch-${++patterns}-${Math.random().toString(36).slice(2, 8)}`;
  const line = s("path", { class: "gmm-hatch-line", d: "M0 9L9 0" });
  const size = { width: 9, height: 9, patternUnits: "userSpaceOnUse" };
  return { id, root: s("defs", {}, s("pattern", { id, ...size }, line)) };
}

export function createOutlierBoundary(): OutlierBoundary {
  const hatch = hatching();
  const area = s("path", { class: "gmm-hatch", fill: `url(#${hatch.id})` });
  const rings = [s("path", { class: "gmm-out-halo" }), s("path", { class: "gmm-out" })];
  const line = s("path", { class: "gmm-level", "stroke-dasharray": "6 4" });
  const grip = s("path", { class: "gmm-level-grip" });
  const root = s("g", { ...HIDDEN }, hatch.root, area, ...rings, line, grip);
  let last: readonly unknown[] = [];
  const draw: OutlierBoundary["draw"] = (mixture, view, cloud, share) => {
    const now = [mixture, view, cloud, share];
    if (now.every((part, i) => part === last[i])) return;
    last = now;
    const shown = share !== null && mixture && hasDensity(mixture) ? mixture : null;
    if (!shown || share === null) {
      for (const each of [area, ...rings, line, grip]) attrs(each, { d: false });
      return;
    }
    const level = densityQuantiles(shown)!.level(share);
    const field = densityField(shown, view);
    const d = joined(pieces(field, level));
    for (const each of [line, grip]) attrs(each, { d });
    const points = cloud && places(shown, view, cloud, level);
    const few = (points?.length ?? 0) <= FEW;
    const r = dotRadius(cloud ? seen(cloud, view) : 0) + (few ? 2.5 : 1);
    const circles = points?.map((p) => ring(p, r)).join("") || false;
    attrs(rings[0]!, { d: few && circles });
    attrs(rings[1]!, { d: circles, "stroke-width": few ? 1.5 : 1 });
    attrs(area, { d: (points ? "" : under(field, level)) || false });
  };
  return { root, grip, draw };
}

/*
 * A sample from the model over the data, as small crosses, which differ in shape
 * from the points.
 */
import { attrs, HIDDEN, s } from "../../base/dom.ts";
import { scales, toPixel, type Viewport } from "../../maths/geometry/viewport.ts";
import type { Mixture } from "../../maths/mixture.ts";
import { MOST, sampleOf } from "../../maths/sampling.ts";

const FEW = 600; // up to so many crosses have a halo
const ARMS = { few: 2.5, many: 1.75 }; // px

export interface Sample {
  readonly root: SVGGElement;
  /** Draw as many points as the data have, up to a screenful; none for null. */
  draw(mixture: Mixture | null, view: Viewport, n: number): void;
}

/** The sample's points inside the plot, as crosses in an SVG path. */
export function crosses(mixture: Mixture, view: Viewport, n: number): string {
  const arm = n <= FEW ? ARMS.few : ARMS.many;
  const points = sampleOf(mixture, Math.min(n, MOST));
  const [x0, y0] = toPixel(view, 0, 0);
  const [sx, sy] = scales(view);
  const path: string[] = [];
  for (let i = 0; i < points.length; i += 2) {
    const x = x0 + points[i]! * sx;
    const y = y0 + points[i + 1]! * sy;
    if (!(x > -arm && y > -arm && x < view.width + arm && y < view.height + arm)) continue;
    const from = `M${(x - arm).toFixed(1)} ${y.toFixed(1)}h${2 * arm}`;
    path.push(`${from}m-${arm}-${arm}v${2 * arm}`);
  }
  return path.join("");
}

export function createSample(): Sample {
  const lines = [s("path", { class: "gmm-sample-halo" }), s("path", { class: "gmm-sample" })];
  const root = s("g", { ...HIDDEN }, ...lines);
  let last: readonly unknown[] = [];
  const draw: Sample["draw"] = (mixture, view, n) => {
    const now = [mixture, view, n];
    if (now.every((part, i) => part === last[i])) return;
    last = now;
    const d = mixture ? crosses(mixture, view, n) : "";
    lines.forEach((line, i) => {
      attrs(line, { d: (i === 0 && n > FEW ? "" : d) || false });
    });
  };
  return { root, draw };
}

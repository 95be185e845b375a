/*
 * Decision boundaries: where the component with the largest responsibility
 * changes.
 */
import { attrs, HIDDEN, s } from "../../base/dom.ts";
import { boundaries, type Family } from "../../maths/geometry/boundaries.ts";
import { joined } from "../../maths/geometry/contours.ts";
import { scales, toData, type Viewport } from "../../maths/geometry/viewport.ts";
import { cholesky, hasDensity, logJoint, type Mixture } from "../../maths/mixture.ts";
import type { Layer } from "./layer.ts";

/** The components' log-joints over the plot's pixels. */
export function familyOf(mixture: Mixture, view: Viewport): Family {
  const joint = logJoint(mixture);
  const [sx, sy] = scales(view);
  const bend = Float64Array.from(mixture.covariances, (covariance) => {
    const [[p, q], [, r]] = covariance as [[number, number], [number, number]];
    const lower = cholesky(covariance)!;
    const det = (lower[0]![0]! * lower[1]![1]!) ** 2;
    return det > 0 && Number.isFinite(q) ? r / det / sx ** 2 + p / det / sy ** 2 : 0;
  });
  const at: Family["at"] = (x, y, out) => joint(toData(view, [x, y]), out);
  return { size: mixture.weights.length, at, bend };
}

export function createDecisionBoundaries(): Layer {
  const lines = [s("path", { class: "gmm-border-halo" }), s("path", { class: "gmm-border" })];
  const root = s("g", { ...HIDDEN }, ...lines);
  let last: readonly unknown[] = [];
  const draw: Layer["draw"] = (mixture, view) => {
    if (last[0] === mixture && last[1] === view) return;
    last = [mixture, view];
    const any = mixture && mixture.weights.length > 1 && hasDensity(mixture);
    const d = any ? joined(boundaries(familyOf(mixture, view), view.width, view.height)) : "";
    for (const line of lines) attrs(line, { d: d || false });
  };
  return { root, draw };
}

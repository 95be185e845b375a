/*
 * The mixture's density as level lines: where it has fallen to what a single
 * Gaussian has at so many standard deviations.
 */
import { attrs, s } from "../dom.ts";
import { contour, fieldOf } from "../geometry/contours.ts";
import { toData, type Viewport } from "../geometry/viewport.ts";
import { hasDensity, logDensity, logJoint, logSumExp, type Mixture } from "../mixture.ts";

const SIGMAS = [0.5, 1, 1.5, 2, 2.5, 3];
const SPACING = 8; // px between the nodes at which the density is worked out

export interface Density {
  readonly root: SVGGElement;
  /** Draw the lines of a plane mixture; none for null. */
  draw(mixture: Mixture | null, view: Viewport): void;
}

/** Log density at the plot's pixels. */
function logDensityOn(mixture: Mixture, view: Viewport): (x: number, y: number) => number {
  const joint = logJoint(mixture);
  const out = new Float64Array(mixture.weights.length);
  return (x, y) => {
    joint(toData(view, [x, y]), out);
    return logSumExp(out);
  };
}

export function createDensity(): Density {
  const lines = SIGMAS.map(() => s("path", { class: "gmm-density" }));
  const root = s("g", { "aria-hidden": "true" }, ...lines);
  let last: readonly unknown[] = [];
  const draw: Density["draw"] = (mixture, view) => {
    if (last[0] === mixture && last[1] === view) return;
    last = [mixture, view];
    if (!mixture || !hasDensity(mixture)) {
      for (const line of lines) attrs(line, { d: false });
      return;
    }
    const value = logDensityOn(mixture, view);
    const field = fieldOf(view.width, view.height, SPACING, value);
    // From the densest centre, whether it is in view or not, so that panning changes no line.
    const top = Math.max(...logDensity(mixture, mixture.means));
    lines.forEach((line, i) => {
      attrs(line, { d: contour(field, top - SIGMAS[i]! ** 2 / 2) });
    });
  };
  return { root, draw };
}

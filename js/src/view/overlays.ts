/*
 * What can be laid over the points on demand, from the bottom up.
 */

import { s } from "../base/dom.ts";
import type { Viewport } from "../maths/geometry/viewport.ts";
import type { Mixture } from "../maths/mixture.ts";
import type { PlanePoints } from "../maths/points.ts";
import type { State } from "../state/view-state.ts";
import { createDensity } from "./layers/density.ts";
import { createEnclosure } from "./layers/lasso-outline.ts";
import { createFringe } from "./layers/outlier-boundary.ts";
import { createRegions } from "./layers/regions.ts";
import { createSample } from "./layers/sample.ts";

export interface Seen {
  readonly mixture: Mixture | null;
  /** The mixture whose memberships are on show. */
  readonly painted: Mixture | null;
  readonly cloud: PlanePoints | null;
  /** Rows of the data. */
  readonly n: number;
}

export interface Overlays {
  readonly root: SVGGElement;
  /** What goes above the outlines. */
  readonly labels: SVGGElement;
  /** The line that is the outliers' level. */
  readonly grip: SVGPathElement;
  /** Depend on what is chosen. */
  follow(): void;
  draw(seen: Seen, view: Viewport): void;
}

export function createOverlays(state: State): Overlays {
  const [density, fringe] = [createDensity(), createFringe()];
  const [regions, sample, enclosure] = [createRegions(), createSample(), createEnclosure()];
  const { contours, borders, outer, sampled, selection } = state;
  const root = s("g", {}, fringe.root, sample.root, density.root, regions.root, enclosure.root);
  return {
    root,
    labels: density.labels,
    grip: fringe.grip,
    follow: () => void [contours, borders, outer, sampled, selection].map((each) => each.value),
    draw({ mixture, painted, cloud, n }, view) {
      density.draw(contours.peek() ? mixture : null, view);
      regions.draw(borders.peek() ? painted : null, view);
      sample.draw(sampled.peek() ? mixture : null, view, n);
      enclosure.draw(selection.peek(), view);
      fringe.draw(mixture, view, cloud, outer.peek());
    },
  };
}

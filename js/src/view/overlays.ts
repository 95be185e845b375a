/*
 * The overlays that can be switched on, from the bottom up.
 */

import { s } from "../base/dom.ts";
import type { Viewport } from "../maths/geometry/viewport.ts";
import type { Mixture } from "../maths/mixture.ts";
import type { PlanePoints } from "../maths/points.ts";
import type { ViewState } from "../state/view-state.ts";
import { createDecisionBoundaries } from "./layers/decision-boundaries.ts";
import { createDensity } from "./layers/density.ts";
import { createLassoOutline } from "./layers/lasso-outline.ts";
import { createOutlierBoundary } from "./layers/outlier-boundary.ts";
import { createSample } from "./layers/sample.ts";

export interface OverlayData {
  readonly mixture: Mixture | null;
  /** The mixture whose responsibilities colour the points. */
  readonly painted: Mixture | null;
  readonly cloud: PlanePoints | null;
  /** Rows of the data. */
  readonly n: number;
}

export interface Overlays {
  readonly root: SVGGElement;
  /** Drawn above the outlines. */
  readonly labels: SVGGElement;
  /** The outlier boundary, which can be dragged. */
  readonly grip: SVGPathElement;
  /** Read the signals that say what is on. */
  follow(): void;
  draw(data: OverlayData, view: Viewport): void;
}

export function createOverlays(state: ViewState): Overlays {
  const [density, outlierBoundary] = [createDensity(), createOutlierBoundary()];
  const [regions, sample, lassoOutline] = [
    createDecisionBoundaries(),
    createSample(),
    createLassoOutline(),
  ];
  const { contours, borders, outer, sampled, selection } = state;
  const root = s(
    "g",
    {},
    outlierBoundary.root,
    sample.root,
    density.root,
    regions.root,
    lassoOutline.root,
  );
  return {
    root,
    labels: density.labels,
    grip: outlierBoundary.grip,
    follow: () => void [contours, borders, outer, sampled, selection].map((each) => each.value),
    draw({ mixture, painted, cloud, n }, view) {
      density.draw(contours.peek() ? mixture : null, view);
      regions.draw(borders.peek() ? painted : null, view);
      sample.draw(sampled.peek() ? mixture : null, view, n);
      lassoOutline.draw(selection.peek(), view);
      outlierBoundary.draw(mixture, view, cloud, outer.peek());
    },
  };
}

/*
 * What paints memberships, whatever it paints with.
 *
 * Points are binned into pixels once per view; after that a frame costs
 * pixels times components and does not depend on the number of points.
 */

import type { Oklab } from "../../base/palette.ts";
import type { Viewport } from "../../maths/geometry/viewport.ts";
import type { Mixture } from "../../maths/mixture.ts";
import type { PlanePoints } from "../../maths/points.ts";
import type { PointResponsibilities } from "../../state/responsibilities.ts";
import type { Look } from "../../state/view-state.ts";

export interface Scene {
  readonly cloud: PlanePoints;
  readonly view: Viewport;
  /** Device pixels per CSS pixel. */
  readonly ratio: number;
}

export interface Painter {
  /** The element that shows the picture. */
  readonly root: HTMLElement;
  /** New points or a new view: bin again. */
  bin(scene: Scene): void;
  /**
   * Colour every pixel by its membership. `hurry` may trade sharpness for
   * speed; true when it did not, so that nothing is left to do at rest.
   */
  paint(mixture: Mixture, colours: readonly Oklab[], hurry: boolean, look: Look): boolean;
  /** Colour every pixel by the memberships that its points have, a row each. */
  paintPoints(pointResponsibilities: PointResponsibilities, look: Look): void;
  dispose(): void;
}

/*
 * The interface of painters, which colour points by responsibilities.
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
  /** Bin the points of a new scene. */
  bin(scene: Scene): void;
  /**
   * Colour every pixel by the responsibilities there. `fast` allows a coarser
   * picture; true if the picture is sharp all the same.
   */
  paint(mixture: Mixture, colours: readonly Oklab[], fast: boolean, look: Look): boolean;
  /** Colour every pixel by the responsibilities of its points, four bytes a row. */
  paintPoints(pointResponsibilities: PointResponsibilities, look: Look): void;
  dispose(): void;
}

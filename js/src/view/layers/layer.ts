/*
 * The interface of overlays that draw a mixture.
 */
import type { Viewport } from "../../maths/geometry/viewport.ts";
import type { Mixture } from "../../maths/mixture.ts";

export interface Layer {
  readonly root: SVGGElement;
  /** Draw a mixture of the two columns on show; nothing for null. */
  draw(mixture: Mixture | null, view: Viewport): void;
}

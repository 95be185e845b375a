/*
 * What the layers that are laid over the points have in common.
 */
import type { Viewport } from "../../maths/geometry/viewport.ts";
import type { Mixture } from "../../maths/mixture.ts";

export interface Layer {
  readonly root: SVGGElement;
  /** Draw what is to be seen of a plane mixture; nothing for null. */
  draw(mixture: Mixture | null, view: Viewport): void;
}

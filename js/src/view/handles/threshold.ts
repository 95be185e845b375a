/*
 * Dragging the outlier boundary: the density at the pointer becomes the level.
 */

import { listen } from "../../base/lifetime.ts";
import { toData, type Vec, type Viewport } from "../../maths/geometry/viewport.ts";
import { logDensity, type Mixture } from "../../maths/mixture.ts";
import { densityQuantiles } from "../../maths/sampling.ts";
import { SHARES, type ViewState } from "../../state/view-state.ts";

export interface ThresholdProps {
  readonly state: ViewState;
  view(): Viewport | null;
  plane(): Mixture | null;
}

/** The share of the mixture's mass with a lower density than a position of the plot. */
function shareAt({ view, plane }: ThresholdProps, p: Vec): number | null {
  const [port, mixture] = [view(), plane()];
  const quantiles = mixture && densityQuantiles(mixture);
  if (!port || !mixture || !quantiles) return null;
  return Math.max(SHARES.least / 10, quantiles.below(logDensity(mixture, [toData(port, p)])[0]!));
}

/** Let the line be dragged until the view ends. */
export function createThreshold(
  end: AbortSignal,
  plot: HTMLElement,
  grip: SVGPathElement,
  props: ThresholdProps,
): void {
  const { share, dragging } = props.state;
  // The ratio of the share to the one under the pointer at the press, so that nothing jumps.
  let held: number | null = null;
  const where = (event: PointerEvent): Vec => {
    const box = plot.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };
  const on = (type: string, handler: (event: PointerEvent) => void) =>
    listen<PointerEvent>(end, grip, type, handler);
  on("pointerdown", (event) => {
    const at = event.button === 0 ? shareAt(props, where(event)) : null;
    if (at === null) return;
    event.stopPropagation();
    held = share.peek() / at;
    grip.setPointerCapture(event.pointerId);
  });
  on("pointermove", (event) => {
    const at = held === null ? null : shareAt(props, where(event));
    if (held === null || at === null) return;
    event.stopPropagation();
    dragging.value = true;
    share.value = Math.min(SHARES.most, Math.max(SHARES.least, at * held));
  });
  const drop = () => {
    if (held !== null) dragging.value = false;
    held = null;
  };
  on("pointerup", drop);
  on("pointercancel", drop);
}

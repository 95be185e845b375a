/*
 * The plot: layers with the handles on top, one redraw per animation frame.
 *
 * Signals only request the next frame, which draws whatever is out of date.
 */
import { computed, type ReadonlySignal } from "@preact/signals-core";
import { attrs, h, s } from "../base/dom.ts";
import { frame, observeSize, watch } from "../base/lifetime.ts";
import { frameOf, type Shape } from "../maths/geometry/ellipse.ts";
import { covarianceToPixel, toPixel, type Viewport } from "../maths/geometry/viewport.ts";
import type { Mixture } from "../maths/mixture.ts";
import type { PlanePoints } from "../maths/points.ts";
import type { Structure } from "../maths/structures.ts";
import type { Fit, View } from "../messages/messages.ts";
import type { PointResponsibilities } from "../state/responsibilities.ts";
import { RADII, type ViewState } from "../state/view-state.ts";
import { createMarks, type Marks } from "./handles/marks.ts";
import { createAxes, MARGIN } from "./layers/axes.ts";
import { createEllipses } from "./layers/ellipses.ts";
import { createNextStepOutlines } from "./layers/next-step-outlines.ts";
import type { Painter } from "./layers/painter.ts";
import { PictureUpdates } from "./layers/picture-updates.ts";
import { animated } from "./motion.ts";
import { createOverlays, type Overlays } from "./overlays.ts";

export interface SceneProps {
  readonly state: ViewState;
  readonly painter: Painter;
  readonly cloud: ReadonlySignal<PlanePoints | null>;
  readonly view: ReadonlySignal<View | null>;
  /** A colour for each point, where points are coloured by the model of all columns. */
  readonly pointResponsibilities: ReadonlySignal<PointResponsibilities | null>;
  readonly height: ReadonlySignal<number>;
  readonly plane: ReadonlySignal<Mixture | null>;
  readonly painted: ReadonlySignal<Mixture | null>;
  /** The mixture drawn dashed: the next EM step, or a fit that is previewed; null for none. */
  readonly nextStep: ReadonlySignal<Mixture | null>;
  readonly ids: ReadonlySignal<readonly number[]>;
  readonly structure: ReadonlySignal<Structure>;
  readonly fit: ReadonlySignal<Fit | null>;
  readonly columns: ReadonlySignal<readonly [string, string]>;
  /** True during a drag or a run: show changes at once. */
  readonly urgent: ReadonlySignal<boolean>;
  /** Called with the CSS height of plot and axes together. */
  tall(height: string): void;
  /** Called after a picture with points and components has been drawn. */
  ready(view: Viewport): void;
}

export interface Scene {
  readonly root: HTMLElement;
  /** The plot area: its box is the visible extent, exactly. */
  readonly plot: HTMLElement;
  readonly marks: Marks;
  readonly viewport: ReadonlySignal<Viewport | null>;
  /** The outlier boundary, which can be dragged. */
  readonly grip: Overlays["grip"];
  shapes(): readonly Shape[];
}

/** The elements, one over the other. */
function stack(painter: Painter, state: ViewState) {
  const [axes, ellipses, marks] = [createAxes(), createEllipses(), createMarks()];
  const [nextStepOutlines, overlays] = [createNextStepOutlines(), createOverlays(state)];
  const overlay = s(
    "svg",
    { class: "gmm-overlay", role: "application", "aria-label": "Components in the plane" },
    overlays.root,
    nextStepOutlines.root,
    ellipses.root,
    overlays.labels,
    marks.root,
  );
  const plot = h("div", { class: "gmm-plot" }, painter.root, overlay);
  const root = h("div", { class: "gmm-stage" }, axes.root, plot);
  return { root, plot, overlay, axes, ellipses, nextStepOutlines, overlays, marks };
}

/** The visible extent: the zoom, or all of the data. */
function viewportOf({ size, zoom }: ViewState, view: View | null): Viewport | null {
  if (!size.value || !view) return null;
  return { ...size.value, extent: zoom.value ?? view.extent };
}

/** Build the plot; it redraws itself until the view ends. */
export function createScene(end: AbortSignal, props: SceneProps): Scene {
  const { state, painter, ids, urgent, view, structure, columns, cloud } = props;
  const { root, plot, overlay, axes, ellipses, nextStepOutlines, overlays, marks } = stack(
    painter,
    state,
  );
  const viewport = computed(() => viewportOf(state, view.value));
  fitSize(end, root, plot, props);
  const plane = animated(end, { target: props.plane, ids, view, urgent });
  const painted = animated(end, { target: props.painted, ids, view, urgent });
  const shapes = trackShapes(plane.shown, ids, viewport, state);
  const named = computed(() => namesFor(ids.value, props.nextStep.value?.weights.length ?? 0));
  const goals = trackShapes(props.nextStep, named, viewport, state);
  const busy = computed(() => urgent.value || plane.moving.value || painted.moving.value);
  const pictureUpdates = new PictureUpdates(end, painter, () => redraw());
  const redraw = frame(end, () => {
    const port = viewport.peek();
    if (!port) return;
    const { selected, also, hovered, look } = state;
    const emphasis = {
      selected: selected.peek(),
      also: also.peek(),
      hovered: hovered.peek(),
      locks: props.fit.peek()?.locks ?? [],
      counts: props.fit.peek()?.counts ?? [],
    };
    attrs(overlay, { width: port.width, height: port.height });
    axes.draw(port, columns.peek());
    const [mixture, points] = [painted.shown.peek(), cloud.peek()];
    const n = view.peek()?.n ?? 0;
    overlays.draw({ mixture: plane.shown.peek(), painted: mixture, cloud: points, n }, port);
    nextStepOutlines.draw(shapes.peek(), goals.peek());
    ellipses.draw(shapes.peek(), emphasis, RADII[state.rings.peek()]);
    marks.draw(shapes.peek(), port, structure.peek(), emphasis);
    const pointResponsibilities = props.pointResponsibilities.peek();
    if (
      pictureUpdates.paint(
        mixture,
        points,
        ids.peek(),
        port,
        busy.peek(),
        look.peek(),
        pointResponsibilities,
      )
    )
      props.ready(port);
  });
  watch(end, () => {
    void [
      goals.value,
      viewport.value,
      shapes.value,
      painted.shown.value,
      cloud.value,
      columns.value,
    ];
    overlays.follow();
    void [
      structure.value,
      props.fit.value?.locks,
      state.selected.value,
      state.also.value,
      state.hovered.value,
      state.look.value,
      props.pointResponsibilities.value,
      busy.value,
    ];
    redraw();
  });
  return { root, plot, marks, viewport, grip: overlays.grip, shapes: () => shapes.peek() };
}

/** Give the plot area its height and follow its width. */
function fitSize(end: AbortSignal, root: HTMLElement, plot: HTMLElement, props: SceneProps): void {
  watch(end, () => {
    const tall = `${(props.state.tall.value ?? props.height.value) + MARGIN.top + MARGIN.bottom}px`;
    root.style.height = tall;
    props.tall(tall);
  });
  for (const side of ["left", "right", "top", "bottom"] as const) {
    plot.style[side] = `${MARGIN[side]}px`;
  }
  observeSize(end, plot, (width, height) => {
    props.state.size.value = { width, height };
  });
}

/** Ids for `k` components: the present ones, then the next free ones. */
function namesFor(ids: readonly number[], k: number): readonly number[] {
  const names = ids.slice(0, k);
  for (let id = 0; names.length < k; id++) if (!names.includes(id)) names.push(id);
  return names;
}

/** Components in pixels; each frame's axes continue those of the one before. */
function trackShapes(
  plane: ReadonlySignal<Mixture | null>,
  ids: ReadonlySignal<readonly number[]>,
  viewport: ReadonlySignal<Viewport | null>,
  { rings }: ViewState,
): ReadonlySignal<readonly Shape[]> {
  const last = new Map<number, readonly [Shape, ...unknown[]]>();
  return computed(() => {
    const view = viewport.value;
    const mixture = plane.value;
    if (!view || !mixture || mixture.weights.length !== ids.value.length) return [];
    const reach = RADII[rings.value][0]!;
    return ids.value.map((id, i) => {
      const [mean, covariance, weight] = [
        mixture.means[i]!,
        mixture.covariances[i]!,
        mixture.weights[i]!,
      ];
      const [old, ...from] = last.get(id) ?? [];
      const key = [view, reach, mean, covariance, weight];
      if (old && key.every((part, j) => part === from[j])) return old;
      const found = frameOf(covarianceToPixel(view, covariance), old?.frame);
      const centre = toPixel(view, mean[0]!, mean[1]!);
      const shape = { id, centre, frame: found, weight, reach };
      last.set(id, [shape, ...key]);
      return shape;
    });
  });
}

/*
 * The plot: layers stacked, handles on top, one redraw per animation frame.
 *
 * Signals say what changed; nothing is drawn in response to them but a
 * request for the next frame, which draws whatever is out of date.
 */
import { computed, type ReadonlySignal } from "@preact/signals-core";
import type { Cloud } from "./cloud.ts";
import { attrs, h, s } from "./dom.ts";
import { type Frame, frameOf, type Shape } from "./geometry/ellipse.ts";
import { covarianceToPixel, padded, toPixel, type Viewport } from "./geometry/viewport.ts";
import { createMarks, type Marks } from "./handles/marks.ts";
import { createAxes, MARGIN } from "./layers/axes.ts";
import { createEllipses } from "./layers/ellipses.ts";
import type { Painter } from "./layers/painter.ts";
import { frame, observeSize, onEnd, timer, watch } from "./life.ts";
import type { Mixture } from "./mixture.ts";
import { colourOf, oklab } from "./palette.ts";
import type { State } from "./state.ts";
import type { Structure } from "./structure.ts";
import type { View } from "./wire.ts";

export interface SceneProps {
  readonly state: State;
  readonly painter: Painter;
  readonly cloud: ReadonlySignal<Cloud | null>;
  readonly view: ReadonlySignal<View | null>;
  readonly height: ReadonlySignal<number>;
  readonly plane: ReadonlySignal<Mixture | null>;
  readonly painted: ReadonlySignal<Mixture | null>;
  readonly ids: ReadonlySignal<readonly number[]>;
  readonly structure: ReadonlySignal<Structure>;
  readonly running: ReadonlySignal<boolean>;
  readonly columns: ReadonlySignal<readonly [string, string]>;
  /** Called after a picture with points and components has been drawn. */
  ready(view: Viewport): void;
}

export interface Scene {
  readonly root: HTMLElement;
  /** The plot area: its box is the visible extent, exactly. */
  readonly plot: HTMLElement;
  readonly marks: Marks;
  readonly viewport: ReadonlySignal<Viewport | null>;
  shapes(): readonly Shape[];
}

const PADDING = 0.04; // of the data's span, around it
const SETTLE = 140; // ms of rest after which the picture is painted sharp

/** Build the plot; it redraws itself until the view ends. */
export function createScene(end: AbortSignal, props: SceneProps): Scene {
  const { state, painter } = props;
  const axes = createAxes();
  const ellipses = createEllipses();
  const marks = createMarks();
  const overlay = s(
    "svg",
    { class: "gmm-overlay", role: "application", "aria-label": "Components in the plane" },
    ellipses.root,
    marks.root,
  );
  const plot = h("div", { class: "gmm-plot" }, painter.root, overlay);
  const root = h("div", { class: "gmm-stage" }, axes.root, plot);
  const viewport = computed(() => {
    const size = state.size.value;
    const view = props.view.value;
    if (!size || !view) return null;
    return { ...size, extent: state.zoom.value ?? padded(view.extent, PADDING) };
  });
  fitSize(end, root, plot, props);

  const shapes = shapeTracker(props, viewport);
  const binned = { cloud: null as Cloud | null, view: null as Viewport | null };
  let hurried = false;
  let colours: { ids: readonly number[]; list: ReturnType<typeof oklab>[] } = { ids: [], list: [] };
  const sharpen = timer(end, SETTLE, () => {
    if (hurried) redraw();
  });

  const paint = (view: Viewport) => {
    const mixture = props.painted.value;
    const cloud = props.cloud.value;
    const ids = props.ids.value;
    if (!mixture || !cloud || mixture.weights.length !== ids.length) return false;
    if (binned.cloud !== cloud || binned.view !== view) {
      painter.bin({ cloud, view, ratio: Math.min(2, globalThis.devicePixelRatio || 1) });
      Object.assign(binned, { cloud, view });
    }
    if (colours.ids !== ids) colours = { ids, list: ids.map((id) => oklab(colourOf(id))) };
    const busy = state.dragging.value || props.running.value;
    hurried = busy || sharpen.pending();
    painter.paint(mixture, colours.list, hurried);
    return true;
  };
  const draw = () => {
    const view = viewport.peek();
    if (!view) return;
    attrs(overlay, { width: view.width, height: view.height });
    axes.draw(view, props.columns.peek());
    const emphasis = { selected: state.selected.peek(), hovered: state.hovered.peek() };
    const list = shapes();
    ellipses.draw(list, emphasis);
    marks.draw(list, props.structure.peek(), emphasis.selected, emphasis.hovered);
    if (paint(view)) props.ready(view);
  };
  const redraw = frame(end, draw);
  watch(end, () => {
    void [viewport.value, props.plane.value, props.painted.value, props.cloud.value];
    void [props.columns.value, props.structure.value, state.selected.value, state.hovered.value];
    void [state.dragging.value, props.running.value];
    redraw();
  });
  onEnd(end, () => painter.dispose());
  return { root, plot, marks, viewport, shapes };
}

/** Keep the plot area at the asked height and the room's width. */
function fitSize(end: AbortSignal, root: HTMLElement, plot: HTMLElement, props: SceneProps): void {
  watch(end, () => {
    root.style.height = `${props.height.value + MARGIN.top + MARGIN.bottom}px`;
  });
  Object.assign(plot.style, {
    left: `${MARGIN.left}px`,
    right: `${MARGIN.right}px`,
    top: `${MARGIN.top}px`,
    bottom: `${MARGIN.bottom}px`,
  });
  observeSize(end, plot, (width, height) => {
    props.state.size.value = { width, height };
  });
}

/** Components in pixels, each with a frame that follows on from its last one. */
function shapeTracker(
  props: SceneProps,
  viewport: ReadonlySignal<Viewport | null>,
): () => readonly Shape[] {
  const last = new Map<number, Frame>();
  const list = computed(() => {
    const view = viewport.value;
    const mixture = props.plane.value;
    const ids = props.ids.value;
    if (!view || !mixture || mixture.weights.length !== ids.length) return [];
    return ids.map((id, i) => {
      const pixels = covarianceToPixel(view, mixture.covariances[i]!);
      const found = frameOf(pixels, last.get(id));
      last.set(id, found);
      const mean = mixture.means[i]!;
      return { id, centre: toPixel(view, mean[0]!, mean[1]!), frame: found };
    });
  });
  return () => list.value;
}

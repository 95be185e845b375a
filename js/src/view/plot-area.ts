/*
 * The plot area: the view bar and the outlier row above the plot, notices, help
 * and selection over it.
 */
import { computed } from "@preact/signals-core";
import { attrs, h } from "../base/dom.ts";
import { watch } from "../base/lifetime.ts";
import type { Model } from "../kernel/model.ts";
import { middle } from "../maths/geometry/polygon.ts";
import type { Viewport } from "../maths/geometry/viewport.ts";
import { inPlane, type KernelState } from "../state/kernel-state.ts";
import { createEnclosed, createOutlying } from "../state/outlier-counts.ts";
import type { ViewState } from "../state/view-state.ts";
import { toggleFull } from "./fullscreen.ts";
import { KEYS } from "./handles/keys.ts";
import { createThreshold } from "./handles/threshold.ts";
import { AdaptivePainter } from "./layers/adaptive-painter.ts";
import { download, pictureOf, pngOf } from "./layers/export.ts";
import { createHelp } from "./panels/help.ts";
import { createSelection } from "./panels/lasso-actions.ts";
import { createNotice } from "./panels/notice.ts";
import { createOutliers } from "./panels/outliers.ts";
import { createViewbar } from "./panels/viewbar.ts";
import { createScene, type Scene } from "./scene.ts";

export interface Picture {
  readonly scene: Scene;
  /** Select a box in the middle, for keys to move. */
  begin(): void;
  readonly root: HTMLElement;
}

/** Save the plot as it is on the screen. */
function save(stage: HTMLElement, kind: "png" | "svg", problem: KernelState["problem"]): void {
  const picture = pictureOf(stage);
  const svg = new Blob([picture.svg], { type: "image/svg+xml" });
  const made = kind === "svg" ? Promise.resolve(svg) : pngOf(picture);
  made.then(
    (blob) => download(blob, `mixture.${kind}`),
    (error) => {
      const text = `The picture could not be made (${error}): try the other format`;
      problem.value = { level: "error", text };
    },
  );
}

export function createPicture(
  end: AbortSignal,
  { kernelState, nextStep, command, tint }: Model,
  state: ViewState,
  root: HTMLElement,
): Picture {
  const urgent = computed(() => {
    return (
      kernelState.running.value || state.dragging.value || kernelState.pendingEdits.value.size > 0
    );
  });
  const ready = ({ extent }: Viewport) => {
    attrs(root, {
      "data-gmm-ready": "true",
      "data-gmm-extent": extent.join(","),
      "data-gmm-points": kernelState.complete.peek() ? "all" : "preview",
    });
  };
  const tall = (height: string) => root.style.setProperty("--gmm-tall", height);
  const painter = new AdaptivePainter();
  const preview = computed(
    () => inPlane(state.previewed.value, kernelState.view.value) ?? nextStep.value,
  );
  const scene = createScene(end, {
    ...kernelState,
    nextStep: preview,
    state,
    urgent,
    ready,
    tall,
    painter,
  });
  tint(state.whole);
  watch(end, () => {
    const of = kernelState.pointResponsibilities.value
      ? kernelState.dated.value
        ? "earlier"
        : "all"
      : "plane";
    attrs(root, { "data-gmm-colours": of });
  });
  const fromKernel = computed(() => kernelState.fit.value?.notice ?? null);
  scene.root.append(
    createNotice(end, { ...kernelState, fromKernel, command }),
    createHelp(end, state, KEYS),
  );
  const { viewport, plot, grip } = scene;
  const [view, plane] = [() => viewport.peek(), () => kernelState.plane.peek()];
  createThreshold(end, plot, grip, { state, view, plane });
  const selection = createSelection(end, {
    state,
    view,
    enclosed: createEnclosed(kernelState, state.selection),
    carve: (component) => {
      const polygon = state.selection.peek();
      const dims = kernelState.view.peek()?.dims;
      if (!polygon || !dims) return;
      command("carve", { polygon, dims, ...(component !== null && { component }) });
    },
  });
  const begin = () => {
    const port = view();
    state.selection.value = port && middle(port.extent);
    selection.focus();
  };
  scene.root.append(selection);
  const viewbar = createViewbar(end, {
    state,
    view: kernelState.view,
    again: () => void [kernelState.problem.value, kernelState.silence.value],
    turn: (dims) => command("set_dims", { dims }),
    begin,
    toggleFull: () => toggleFull(root),
    save: (kind) => save(scene.root, kind, kernelState.problem),
  });
  const outlying = createOutlying(kernelState, state.outer);
  const above = [viewbar, createOutliers(end, { state, outlying })];
  return { scene, begin, root: h("div", { class: "gmm-picture" }, ...above, scene.root) };
}

/*
 * The entry that anywidget loads, and that a saved page runs: it connects the
 * parts of one view and ends them together.
 */
import type { Signal } from "@preact/signals-core";
import { attrs, h } from "./base/dom.ts";
import { listen, onEnd, probe, watch } from "./base/lifetime.ts";
import { openHandout } from "./kernel/handout-host.ts";
import { createModel, type Model } from "./kernel/model.ts";
import type { Host } from "./messages/host.ts";
import type { KernelState } from "./state/kernel-state.ts";
import { createState, type ViewState } from "./state/view-state.ts";
import { copyReadably } from "./view/clipboard.ts";
import { watchFull } from "./view/fullscreen.ts";
import { Camera } from "./view/handles/camera.ts";
import type { HandleContext } from "./view/handles/context.ts";
import { createKeyboard } from "./view/handles/keyboard.ts";
import type { Act } from "./view/handles/keys.ts";
import { LassoTool } from "./view/handles/lasso.ts";
import { Pointer } from "./view/handles/pointer.ts";
import { createPanels, PANELS } from "./view/panel-list.ts";
import { createToolbar } from "./view/panels/toolbar.ts";
import { createTip } from "./view/panels/tooltip.ts";
import { createPicture } from "./view/plot-area.ts";
import type { Scene } from "./view/scene.ts";
import { watchTheme } from "./view/theme.ts";

interface RenderProps {
  readonly model: Host;
  readonly el: HTMLElement;
  /** Older hosts have none; then only the returned cleanup ends the view. */
  readonly signal?: AbortSignal;
}

type Acts = Readonly<Record<Act, () => void>>;

const ZOOM = 1.25; // factor of a key press

/** What keys and buttons do, apart from edits of single components. */
function createActs(model: Model, state: ViewState, camera: Camera, begin: () => void): Acts {
  const { command, kernelState } = model;
  return {
    add: () => command("add", { dims: kernelState.view.peek()?.dims ?? [0, 1] }),
    delete: () => {
      const component = state.selected.peek();
      if (component !== null && kernelState.ids.peek().length > 1) command("delete", { component });
    },
    split: () => {
      const component = state.selected.peek();
      if (component !== null) command("split", { component });
    },
    merge: () => {
      const { selected, also } = state;
      const chosen = kernelState.ids.peek().filter((id) => {
        return id === selected.peek() || also.peek().includes(id);
      });
      // The first keeps its letter; each of the others goes into it.
      for (const other of chosen.slice(1)) command("merge", { components: [chosen[0]!, other] });
    },
    run: () => command(kernelState.running.peek() ? "stop" : "run"),
    em_step: () => command("step"),
    undo: () => command("undo"),
    redo: () => command("redo"),
    ...createViewActs(state, camera),
    box: () => {
      state.tool.value = "box";
      begin();
    },
    lasso: () => {
      state.tool.value = "lasso";
    },
  };
}

/** Toggle a signal. */
const toggle = (what: Signal<boolean>) => () => {
  what.value = !what.peek();
};

/** Actions that concern this view alone. */
function createViewActs(state: ViewState, camera: Camera) {
  return {
    contours: toggle(state.contours),
    borders: toggle(state.borders),
    outliers: toggle(state.outliers),
    sampled: toggle(state.sampled),
    fit_view: () => {
      state.zoom.value = null;
    },
    zoom_in: () => camera.zoom(1 / ZOOM),
    zoom_out: () => camera.zoom(ZOOM),
    help: toggle(state.help),
    cancel: () => {
      state.help.value = false;
    },
  };
}

/** Keep a component selected while there is one, and select a new one. */
function followSelection(
  end: AbortSignal,
  { ids }: KernelState,
  { selected, also, selection }: ViewState,
): void {
  let before: readonly number[] = [];
  watch(end, () => {
    const fresh = ids.value.filter((id) => !before.includes(id));
    const held = selected.peek();
    if (before.length > 0 && fresh.length === 1) selected.value = fresh[0]!;
    else if (held === null || !ids.value.includes(held)) selected.value = ids.value[0] ?? null;
    if (before.length > 0 && ids.value !== before) selection.value = null;
    before = ids.value;
    const others = also.peek().filter((id) => before.includes(id) && fresh.length === 0);
    if (others.length < also.peek().length) also.value = others;
  });
}

/** Show all of new data or columns. */
function followData(end: AbortSignal, { view }: KernelState, { zoom, selection }: ViewState): void {
  let before: string | null = null;
  watch(end, () => {
    const now = JSON.stringify([view.value?.dataRev, view.value?.dims]);
    if (before !== null && now !== before) {
      zoom.value = null;
      selection.value = null;
    }
    before = now;
  });
}

/** What pointer and keyboard handlers need. */
function createHandleContext(
  { kernelState, gesture, edit, command }: Model,
  state: ViewState,
  scene: Scene,
): HandleContext {
  return {
    state,
    gesture,
    edit,
    shapes: scene.shapes,
    view: () => scene.viewport.peek(),
    home: () => kernelState.view.peek()?.extent ?? null,
    running: () => kernelState.running.peek(),
    lock: (component, what) => command("lock", { component, what }),
    add: (mean) => command("add", { mean, dims: kernelState.view.peek()?.dims ?? [0, 1] }),
    structure: () => kernelState.structure.peek(),
    placed: (id) => {
      const at = kernelState.ids.peek().indexOf(id);
      const plane = kernelState.plane.peek();
      if (!plane || at < 0) return null;
      return {
        mean: plane.means[at]!,
        covariance: plane.covariances[at]!,
        weight: plane.weights[at]!,
      };
    },
    focus: scene.marks.focus,
  };
}

function createSide(end: AbortSignal, model: Model, state: ViewState): HTMLElement {
  const card = h("div", { class: "gmm-card" }, ...createPanels(end, "card", model, state));
  return h("div", { class: "gmm-side" }, card, ...createPanels(end, "side", model, state));
}

function connect(end: AbortSignal, model: Model, state: ViewState, root: HTMLElement): void {
  const { scene, begin, root: picture } = createPicture(end, model, state, root);
  watchFull(end, root, scene.root, state);
  model.follow(scene.viewport);
  const context = createHandleContext(model, state, scene);
  const camera = new Camera(end, scene.plot, context);
  const acts = createActs(model, state, camera, begin);
  const { command, kernelState } = model;
  watch(end, () => attrs(root, { "data-gmm-points": kernelState.complete.value ? "all" : "some" }));
  root.append(
    createToolbar(end, { ...kernelState, state, command, ...acts, remove: acts.delete }, PANELS),
    ...createPanels(end, "above", model, state),
    h("div", { class: "gmm-main" }, picture, createSide(end, model, state)),
    createTip(end, root),
  );
  const selecting = new LassoTool(end, scene.plot, context);
  const pointer = new Pointer(end, scene.plot, context, camera);
  createKeyboard(end, root, context, (name) => {
    if (name !== "cancel" || !(pointer.cancel() || selecting.cancel())) acts[name]();
  });
}

function createRoot(end: AbortSignal): HTMLElement {
  const root = h("div", {
    class: "gmm-root",
    role: "region",
    "aria-label": "Gaussian mixture",
    tabindex: -1,
    "data-lm-suppress-shortcuts": "true",
  });
  const theme = watchTheme(end);
  watch(end, () => attrs(root, { "data-gmm-theme": theme.value }));
  copyReadably(end, root);
  onEnd(end, () => root.remove());
  return root;
}

/** Draw one view of the model into `el`; the returned function ends it. */
function render({ model: host, el, signal }: RenderProps): () => void {
  const controller = new AbortController();
  const end = controller.signal;
  const finish = () => controller.abort();
  probe().views += 1;
  onEnd(end, () => {
    probe().views -= 1;
  });
  const root = createRoot(end);
  const state = createState();
  const model = createModel(end, host);
  followSelection(end, model.kernelState, state);
  followData(end, model.kernelState, state);
  connect(end, model, state, root);
  el.append(root);
  if (signal?.aborted) finish();
  else if (signal) listen(end, signal, "abort", finish);
  return finish;
}

/** Show the widget of a saved page: a view on what the page holds, with no kernel behind it. */
function openPage(): void {
  const contents = document.getElementById("gmm-contents")?.textContent ?? "";
  const el = document.getElementById("gmm-widget");
  if (el) render({ model: openHandout(contents), el });
}

// A saved page runs this very module. Its root element says so, which no output of a notebook can.
if (document.documentElement.hasAttribute("data-gmm-page")) openPage();

export default { render };

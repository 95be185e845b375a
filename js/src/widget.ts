/*
 * The entry that anywidget loads: it connects the parts of one view and
 * ends them together.
 */
import { computed } from "@preact/signals-core";
import { attrs, h } from "./dom.ts";
import { createKeyboard } from "./handles/keyboard.ts";
import { type Act, KEYS } from "./handles/keys.ts";
import { createPointer, type Desk } from "./handles/pointer.ts";
import { PlainPainter } from "./layers/plain.ts";
import { onEnd, probe, watch } from "./life.ts";
import { type Host, Model } from "./model.ts";
import { createComponents } from "./panels/components.ts";
import { createHelp } from "./panels/help.ts";
import { createNotice } from "./panels/notice.ts";
import { createReadout } from "./panels/readout.ts";
import { createTip } from "./panels/tip.ts";
import { createToolbar } from "./panels/toolbar.ts";
import { createTrace } from "./panels/trace.ts";
import { createScene, type Scene } from "./scene.ts";
import { createState, type State } from "./state.ts";
import { watchTheme } from "./theme.ts";

interface RenderProps {
  readonly model: Host;
  readonly el: HTMLElement;
  readonly signal?: AbortSignal;
}

/** What the view may ask the kernel for. */
function actions(model: Model, state: State) {
  const remove = () => {
    const component = state.selected.peek();
    if (component !== null && (model.kernel.peek()?.fit.ids.length ?? 0) > 1) {
      model.command("delete", { component });
    }
  };
  const add = () => model.command("add", { dims: model.view.peek()?.dims ?? [0, 1] });
  const run = () => model.command(model.running.peek() ? "stop" : "run");
  return { remove, add, run };
}

/** Keep a component selected while there is one; follow a new one. */
function followSelection(end: AbortSignal, model: Model, state: State): void {
  let before: readonly number[] = [];
  watch(end, () => {
    const ids = model.kernel.value?.fit.ids ?? [];
    const fresh = ids.filter((id) => !before.includes(id));
    const selected = state.selected.peek();
    if (before.length > 0 && fresh.length === 1) state.selected.value = fresh[0]!;
    else if (selected === null || !ids.includes(selected)) state.selected.value = ids[0] ?? null;
    before = ids;
  });
}

function connect(end: AbortSignal, model: Model, state: State, root: HTMLElement): void {
  const fit = computed(() => model.kernel.value?.fit ?? null);
  const held: { ids: readonly number[] } = { ids: [] };
  const ids = computed(() => {
    const next = fit.value?.ids ?? [];
    const same = next.length === held.ids.length && next.every((id, i) => id === held.ids[i]);
    if (!same) held.ids = next;
    return held.ids;
  });
  const columns = computed((): readonly [string, string] => {
    const view = model.view.value;
    return view ? [view.columns[view.dims[0]]!, view.columns[view.dims[1]]!] : ["", ""];
  });
  const { view, cloud, height, plane, painted, structure, running, figures, trace } = model;
  const scene = createScene(end, {
    ...{ state, cloud, view, height, plane, painted, structure, running, ids, columns },
    painter: new PlainPainter(),
    ready: ({ extent }) =>
      attrs(root, { "data-gmm-ready": "true", "data-gmm-extent": extent.join(",") }),
  });
  const { add, remove, run } = actions(model, state);
  const command = model.command.bind(model);
  const said = computed(() => fit.value?.notice ?? null);
  const side = h(
    "div",
    { class: "gmm-side" },
    h(
      "div",
      { class: "gmm-card" },
      createReadout(end, { fit, running, figures }),
      createTrace(end, trace),
    ),
    createComponents(end, { state, plane, ids, columns }),
  );
  root.append(
    createToolbar(end, { state, fit, running, structure, command, add, remove }),
    h("div", { class: "gmm-main" }, h("div", { class: "gmm-left" }, scene.root), side),
    createTip(end, root),
  );
  const { problem, silent } = model;
  scene.root.append(createNotice(end, { problem, silent, said }), createHelp(end, state, KEYS));
  const desk = deskOf(model, state, scene);
  const pointer = createPointer(end, scene.plot, desk);
  const acts: Record<Act, () => void> = {
    add,
    delete: remove,
    run,
    em_step: () => command("em_step"),
    undo: () => command("undo"),
    redo: () => command("redo"),
    help: () => {
      state.help.value = !state.help.peek();
    },
    cancel: () => {
      if (!pointer.cancel()) state.help.value = false;
    },
  };
  createKeyboard(end, root, desk, (name) => acts[name]());
}

function deskOf(model: Model, state: State, scene: Scene): Desk {
  return {
    state,
    shapes: scene.shapes,
    view: () => scene.viewport.peek(),
    structure: () => model.structure.peek(),
    placed: (id) => {
      const at = model.kernel.peek()?.fit.ids.indexOf(id) ?? -1;
      const plane = model.plane.peek();
      if (!plane || at < 0) return null;
      return { mean: plane.means[at]!, covariance: plane.covariances[at]! };
    },
    gesture: () => model.gesture(),
    edit: (...args) => model.edit(...args),
    focus: (id) => scene.marks.focus(id),
  };
}

function render({ model: host, el, signal: outer }: RenderProps): () => void {
  const controller = new AbortController();
  const end = controller.signal;
  const finish = () => controller.abort();
  outer?.addEventListener("abort", finish, { once: true });
  if (outer?.aborted) finish();
  probe().views += 1;
  onEnd(end, () => {
    probe().views -= 1;
    outer?.removeEventListener("abort", finish);
  });
  const root = h("div", {
    class: "gmm-root",
    role: "region",
    "aria-label": "Gaussian mixture",
    tabindex: -1,
    "data-lm-suppress-shortcuts": "true",
  });
  const theme = watchTheme(end);
  watch(end, () => attrs(root, { "data-gmm-theme": theme.value }));
  const state = createState();
  const model = new Model(end, host);
  followSelection(end, model, state);
  connect(end, model, state, root);
  el.append(root);
  onEnd(end, () => root.remove());
  return finish;
}

export default { render };

/*
 * The panels, one row each: where it is, its button in the toolbar if it opens
 * and closes, and what makes it. No other file knows a panel by its name.
 */
import { attrs } from "../base/dom.ts";
import { watch } from "../base/lifetime.ts";
import { type Needs, needing } from "../base/needs.ts";
import type { Model } from "../kernel/model.ts";
import type { Patch } from "../maths/mixture.ts";
import { wholeTrace } from "../state/kernel-state.ts";
import type { ViewState } from "../state/view-state.ts";
import type { ButtonSpec } from "./panels/button.ts";
import { createComponents } from "./panels/component-table.ts";
import { createTrace } from "./panels/history-chart.ts";
import { createReadout } from "./panels/readout.ts";
import { createStarts } from "./panels/restart-map.ts";
import { createChoose } from "./panels/selection-table.ts";
import { createTuning } from "./panels/tuning.ts";

/** Above the plot; in the card beside it; or below that card. */
type Place = "above" | "card" | "side";

export interface Panel {
  readonly name: string;
  readonly place: Place;
  /** Of a panel that opens and closes, which is closed at first. */
  readonly button?: ButtonSpec;
  /** It has keys of its own, which come before the plot's. */
  readonly ownKeys?: boolean;
  readonly needs?: Needs;
  create(end: AbortSignal, model: Model, state: ViewState): HTMLElement;
}

export const PANELS: readonly Panel[] = [
  {
    name: "selection",
    place: "above",
    button: {
      icon: "choose",
      name: "Choose k",
      text: "Choose k",
      tip: "Compare numbers of components and structures",
    },
    ownKeys: true,
    needs: "kernel",
    create: (end, { kernelState, command }, state) =>
      createChoose(end, { ...kernelState, state, command }),
  },
  {
    name: "tuning",
    place: "above",
    button: {
      icon: "tune",
      name: "How to fit",
      tip: "EM or k-means, regularisation, Bayesian prior",
    },
    create: (end, { kernelState, command }, state) =>
      createTuning(end, { ...kernelState, state, command }),
  },
  {
    name: "readout",
    place: "card",
    create: (end, { kernelState, figures }, state) =>
      createReadout(end, { ...kernelState, figures, state }),
  },
  {
    name: "history",
    place: "card",
    ownKeys: true,
    create: (end, { kernelState, command }) =>
      createTrace(end, {
        trace: wholeTrace(kernelState),
        jump: (entry, step) => command("jump", step ? { entry, step } : { entry }),
      }),
  },
  {
    name: "restarts",
    place: "card",
    ownKeys: true,
    needs: "kernel",
    create: (end, model, state) => createStarts(end, { ...model.kernelState, ...model, state }),
  },
  {
    name: "components",
    place: "side",
    ownKeys: true,
    create: (end, model, state) => {
      const { kernelState, command } = model;
      const edit = (id: number, patch: Patch) => model.edit(model.gesture(), id, patch, true);
      const refuse = (text: string) => {
        kernelState.problem.value = { level: "warning", text };
      };
      return createComponents(end, { ...kernelState, state, command, edit, refuse });
    },
  },
];

/** The panels of a place, in the order of the rows. */
export function createPanels(
  end: AbortSignal,
  place: Place,
  model: Model,
  state: ViewState,
): HTMLElement[] {
  return PANELS.filter((panel) => panel.place === place).map((panel) => {
    const root = panel.create(end, model, state);
    attrs(root, { "data-gmm-panel": panel.name, "data-gmm-own-keys": panel.ownKeys });
    if (panel.needs) needing(panel.needs, root);
    if (panel.button) {
      watch(end, () => {
        root.hidden = !state.open.value.includes(panel.name);
      });
    }
    return root;
  });
}

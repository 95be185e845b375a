/*
 * ViewState that only the browser has: selection, hover, zoom, tool.
 *
 * None of it is sent or saved. Layers, handles and panels share it and nothing
 * else with each other.
 */
import { computed, type ReadonlySignal, type Signal, signal } from "@preact/signals-core";
import type { Polygon } from "../maths/geometry/polygon.ts";
import type { Extent } from "../maths/geometry/viewport.ts";
import type { Mixture } from "../maths/mixture.ts";

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** What the colour of a point shows: its responsibilities, the largest one, or their entropy. */
export type Look = "soft" | "hard" | "entropy";

/** Outlines at so many standard deviations, or around so much of a component's mass. */
export type Rings = "sigma" | "mass";

const around = (mass: number) => Math.sqrt(-2 * Math.log(1 - mass));

/** Their radii in standard deviations, the outermost first: there the handles are. */
export const RADII: Readonly<Record<Rings, readonly number[]>> = {
  sigma: [2, 1],
  mass: [around(0.95), around(0.9), around(0.5)],
};

/** What may count as hardly reached: shares of a mixture's own mass. */
export const SHARES = { least: 0.001, most: 0.5, first: 0.01 } as const;

/** What the pointer does on the plot. */
export type Tool = "move" | "box" | "lasso";

export interface ViewState {
  readonly tool: Signal<Tool>;
  /** The line drawn around points, in data units; null while nothing is selected. */
  readonly selection: Signal<Polygon | null>;
  /** Identity of the selected component. */
  readonly selected: Signal<number | null>;
  /** Identities of the components selected besides that one, in the order of choice. */
  readonly also: Signal<readonly number[]>;
  /** Identity of the component under the pointer. */
  readonly hovered: Signal<number | null>;
  /** Another fit that is previewed, drawn dashed. */
  readonly previewed: Signal<Mixture | null>;
  /** A hand is on a handle, or moves the plane, at this moment. */
  readonly dragging: Signal<boolean>;
  /** Visible data extent; null follows the kernel's. */
  readonly zoom: Signal<Extent | null>;
  /** Size of the plot area in CSS pixels; null until it is laid out. */
  readonly size: Signal<Size | null>;
  /** Height of the plot while the view fills the screen, in CSS pixels; else null. */
  readonly tall: Signal<number | null>;
  /** Lines of equal density are drawn. */
  readonly contours: Signal<boolean>;
  /** Lines between the regions of the strongest component are drawn. */
  readonly borders: Signal<boolean>;
  /** A sample from the model is drawn. */
  readonly sampled: Signal<boolean>;
  /** Points that the mixture hardly reaches are marked. */
  readonly outliers: Signal<boolean>;
  /** The share of the mixture's own mass that counts as hardly reached. */
  readonly share: Signal<number>;
  /** What the same asks for: the share, or null while outliers are not marked. */
  readonly outer: ReadonlySignal<number | null>;
  /** Which outlines the components have. */
  readonly rings: Signal<Rings>;
  /** What the points' colours tell. */
  readonly look: Signal<Look>;
  /** Names of the panels that were opened. */
  readonly open: Signal<readonly string[]>;
  /** Colours tell of all columns, and not of the two on show alone. */
  readonly whole: Signal<boolean>;
  /** The list of keys is open. */
  readonly help: Signal<boolean>;
}

export function createState(): ViewState {
  const [outliers, share] = [signal(false), signal<number>(SHARES.first)];
  return {
    tool: signal<Tool>("move"),
    selection: signal(null),
    outliers,
    share,
    outer: computed(() => (outliers.value ? share.value : null)),
    borders: signal(false),
    sampled: signal(false),
    rings: signal<Rings>("sigma"),
    selected: signal(null),
    also: signal([]),
    hovered: signal(null),
    dragging: signal(false),
    previewed: signal<Mixture | null>(null),
    zoom: signal(null),
    size: signal(null),
    contours: signal(false),
    tall: signal(null),
    look: signal<Look>("soft"),
    open: signal([]),
    whole: signal(false),
    help: signal(false),
  };
}

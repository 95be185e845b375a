/*
 * State that only the browser has: what is selected, hovered, zoomed to.
 *
 * None of it is sent or saved. Layers, handles and panels share it and
 * nothing else with each other.
 */
import { type Signal, signal } from "@preact/signals-core";
import type { Extent } from "./geometry/viewport.ts";

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** What colour tells of a point: its memberships, the strongest one, or how unsure they are. */
export type Look = "soft" | "hard" | "entropy";

export interface State {
  /** Identity of the selected component. */
  readonly selected: Signal<number | null>;
  /** Identities of the components selected besides that one, in the order of choice. */
  readonly also: Signal<readonly number[]>;
  /** Identity of the component under the pointer. */
  readonly hovered: Signal<number | null>;
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
  /** What the points' colours tell. */
  readonly look: Signal<Look>;
  /** The list of keys is open. */
  readonly help: Signal<boolean>;
}

export function createState(): State {
  return {
    selected: signal(null),
    also: signal([]),
    hovered: signal(null),
    dragging: signal(false),
    zoom: signal(null),
    size: signal(null),
    contours: signal(false),
    tall: signal(null),
    look: signal<Look>("soft"),
    help: signal(false),
  };
}

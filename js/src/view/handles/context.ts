/*
 * What pendingEdits know and may do, whether they point or type.
 */
import type { Shape } from "../../maths/geometry/ellipse.ts";
import type { Extent, Vec, Viewport } from "../../maths/geometry/viewport.ts";
import type { Matrix, Vector } from "../../maths/matrix.ts";
import type { Patch } from "../../maths/mixture.ts";
import type { Structure } from "../../maths/structures.ts";
import type { ViewState } from "../../state/view-state.ts";
import type { HandleName } from "./handle-table.ts";

export interface Desk {
  readonly state: ViewState;
  shapes(): readonly Shape[];
  view(): Viewport | null;
  /** The extent that shows all of the data. */
  home(): Extent | null;
  structure(): Structure;
  /** Where the component is now, in the plane and in data units. */
  placed(
    id: number,
  ): { readonly mean: Vector; readonly covariance: Matrix; readonly weight: number } | null;
  /** A number for a new gesture. */
  gesture(): number;
  edit(gesture: number, id: number, patch: Patch, final: boolean): void;
  /** EM runs: what a hand takes hold of is to stay in it. */
  running(): boolean;
  /** Have EM leave this part of a component as it is, from now on. */
  lock(id: number, what: string): void;
  /** Ask for a new component at a place in the plane. */
  add(mean: Vec): void;
  /** Put the keyboard on a component, or on one of its handles. */
  focus(id: number, handle?: HandleName): void;
}

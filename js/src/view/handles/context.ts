/*
 * What pointer and keyboard handlers need: state to read, and edits to make.
 */
import type { Shape } from "../../maths/geometry/ellipse.ts";
import type { Extent, Vec, Viewport } from "../../maths/geometry/viewport.ts";
import type { Matrix, Vector } from "../../maths/matrix.ts";
import type { Locks, Patch } from "../../maths/mixture.ts";
import type { Structure } from "../../maths/structures.ts";
import type { ViewState } from "../../state/view-state.ts";

export interface HandleContext {
  readonly state: ViewState;
  shapes(): readonly Shape[];
  view(): Viewport | null;
  /** The extent that shows all of the data. */
  home(): Extent | null;
  structure(): Structure;
  /** The component's present values in the plane, in data units. */
  placed(
    id: number,
  ): { readonly mean: Vector; readonly covariance: Matrix; readonly weight: number } | null;
  /** An id for a new gesture. */
  gesture(): number;
  edit(gesture: number, id: number, patch: Patch, final: boolean): void;
  /** EM runs; then a component is held from the press on, not from the first move. */
  running(): boolean;
  /** Lock this part of a component. */
  lock(id: number, what: keyof Locks): void;
  /** Add a component at this mean. */
  add(mean: Vec): void;
  /** Focus a component, or one of its handles. */
  focus(id: number, handle?: string): void;
}

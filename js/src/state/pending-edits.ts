/*
 * Edits that the kernel has not yet acknowledged.
 *
 * A dragged component is drawn where the pointer has it, whatever the kernel
 * sends meanwhile, until the kernel has acknowledged the final edit of the
 * gesture. Everything else on the screen is the kernel's.
 */
import type { Dims, Mixture, Patch } from "../maths/mixture.ts";
import { place } from "../maths/mixture.ts";
import type { Structure } from "../maths/structures.ts";

export interface Held {
  readonly gesture: number;
  readonly dims: Dims;
  readonly patch: Patch;
  /** The seq of the gesture's final edit once sent; until then null. */
  readonly seq: number | null;
}

/** Held components by identity, oldest first. */
export type PendingEdits = ReadonlyMap<number, Held>;

export const NO_EDITS: PendingEdits = new Map();

/** The pending edits after one more; fields that it leaves out keep their values. */
export function withEdit(
  pendingEdits: PendingEdits,
  id: number,
  gesture: number,
  dims: Dims,
  patch: Patch,
): PendingEdits {
  const old = pendingEdits.get(id);
  const sameView = old && old.dims[0] === dims[0] && old.dims[1] === dims[1];
  const next = new Map(pendingEdits);
  next.delete(id);
  return next.set(id, {
    gesture,
    dims,
    patch: sameView ? { ...old.patch, ...patch } : patch,
    seq: null,
  });
}

/** Note that the final edit of a gesture left as `seq`. */
export function finished(
  pendingEdits: PendingEdits,
  id: number,
  gesture: number,
  seq: number,
): PendingEdits {
  const held = pendingEdits.get(id);
  return held?.gesture === gesture ? new Map(pendingEdits).set(id, { ...held, seq }) : pendingEdits;
}

/** The pending edits without those whose final edit is answered, or whose component is gone. */
export function released(
  pendingEdits: PendingEdits,
  answered: (seq: number) => boolean,
  ids: readonly number[],
): PendingEdits {
  const kept = [...pendingEdits].filter(
    ([id, { seq }]) => ids.includes(id) && (seq === null || !answered(seq)),
  );
  return kept.length === pendingEdits.size ? pendingEdits : new Map(kept);
}

/** The kernel's mixture with the pending edits applied. */
export function withPendingEdits(
  mixture: Mixture,
  ids: readonly number[],
  pendingEdits: PendingEdits,
  structure: Structure,
): Mixture {
  let shown = mixture;
  for (const [id, { dims, patch }] of pendingEdits) {
    const index = ids.indexOf(id);
    if (index >= 0) shown = place(shown, index, dims, patch, structure);
  }
  return shown;
}

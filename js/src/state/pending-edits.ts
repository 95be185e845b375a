/*
 * What hands hold: edits that the kernel has not yet made its own.
 *
 * A dragged component is drawn where the hand has it, whatever the kernel
 * says about it meanwhile, until the kernel has acknowledged the final edit
 * of the gesture. Everything else on the screen is the kernel's.
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
export type Hands = ReadonlyMap<number, Held>;

export const NO_HANDS: Hands = new Map();

/** The hands after one more edit; fields that it leaves out keep what they had. */
export function grasp(hands: Hands, id: number, gesture: number, dims: Dims, patch: Patch): Hands {
  const old = hands.get(id);
  const sameView = old && old.dims[0] === dims[0] && old.dims[1] === dims[1];
  const next = new Map(hands);
  next.delete(id);
  return next.set(id, {
    gesture,
    dims,
    patch: sameView ? { ...old.patch, ...patch } : patch,
    seq: null,
  });
}

/** Note that the final edit of a gesture left as `seq`. */
export function sealed(hands: Hands, id: number, gesture: number, seq: number): Hands {
  const held = hands.get(id);
  return held?.gesture === gesture ? new Map(hands).set(id, { ...held, seq }) : hands;
}

/** The hands without those whose final edit is answered, or whose component is gone. */
export function released(
  hands: Hands,
  answered: (seq: number) => boolean,
  ids: readonly number[],
): Hands {
  const kept = [...hands].filter(
    ([id, { seq }]) => ids.includes(id) && (seq === null || !answered(seq)),
  );
  return kept.length === hands.size ? hands : new Map(kept);
}

/** The kernel's mixture with every held component where its hand has it. */
export function overlaid(
  mixture: Mixture,
  ids: readonly number[],
  hands: Hands,
  structure: Structure,
): Mixture {
  let shown = mixture;
  for (const [id, { dims, patch }] of hands) {
    const index = ids.indexOf(id);
    if (index >= 0) shown = place(shown, index, dims, patch, structure);
  }
  return shown;
}

/*
 * What a control needs in order to work. A saved page, which has no kernel and
 * may hold a part of the data only, hides by an attribute what would not work
 * in it.
 */
import { attrs } from "./dom.ts";

/** A kernel; or all that was fitted, with every column and the weights of rows. */
export type Needs = "kernel" | "all-data";

/** The same element, marked. */
export function needing<E extends Element>(what: Needs, element: E): E {
  attrs(element, { "data-gmm-needs": what });
  return element;
}

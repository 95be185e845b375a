/*
 * A covariance structure as far as edits need it: what an edited covariance
 * becomes, whether all components share it, and which handles it has.
 *
 * Which structures there are, and the traits of each, the kernel sends.
 */
import type { Matrix } from "./matrix.ts";

/** What the kernel states of a structure. */
export interface Traits {
  readonly name: string;
  readonly label: string;
  /** All components have one shape. */
  readonly shared: boolean;
  /** No correlations. */
  readonly diagonal: boolean;
  /** One standard deviation for all columns; diagonal too, then. */
  readonly isotropic: boolean;
  /** An M-step averages scatters, as the browser can. */
  readonly averages: boolean;
}

export interface Structure extends Traits {
  /** Project an edited covariance onto the structure, preserving columns `dims`, by default all. */
  constrain(covariance: Matrix, dims?: readonly number[]): Matrix;
}

const same = (covariance: Matrix): Matrix => covariance;

function diagonal(covariance: Matrix): Matrix {
  return covariance.map((row, i) => row.map((value, j) => (i === j ? value : 0)));
}

function isotropic(
  covariance: Matrix,
  dims: readonly number[] = covariance.map((_, i) => i),
): Matrix {
  const mean = dims.reduce((sum, i) => sum + covariance[i]![i]!, 0) / dims.length;
  return covariance.map((row, i) => row.map((_, j) => (i === j ? mean : 0)));
}

/** The structure with these traits. */
export function structureWith(traits: Traits): Structure {
  const constrain = traits.isotropic ? isotropic : traits.diagonal ? diagonal : same;
  return { ...traits, constrain };
}

/** What is drawn before the kernel has sent anything. */
export const UNCONSTRAINED = structureWith({
  name: "",
  label: "",
  shared: false,
  diagonal: false,
  isotropic: false,
  averages: true,
});

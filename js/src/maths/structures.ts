/*
 * The covariance structures, as far as edits need them: what an edited
 * covariance becomes, whether all components share it, and which handles it has.
 */
import type { Matrix } from "./matrix.ts";

export interface Structure {
  readonly name: string;
  readonly label: string;
  /** All components have one shape. */
  readonly shared: boolean;
  /** The axes of an ellipse may be rotated. */
  readonly turns: boolean;
  /** One standard deviation for all columns. */
  readonly round: boolean;
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

export const STRUCTURES: Readonly<Record<string, Structure>> = {
  full: {
    name: "full",
    label: "Full",
    shared: false,
    turns: true,
    round: false,
    constrain: same,
  },
  tied: { name: "tied", label: "Tied", shared: true, turns: true, round: false, constrain: same },
  diag: {
    name: "diag",
    label: "Diagonal",
    shared: false,
    turns: false,
    round: false,
    constrain: diagonal,
  },
  spherical: {
    name: "spherical",
    label: "Spherical",
    shared: false,
    turns: false,
    round: true,
    constrain: isotropic,
  },
};

/** The structure of that name; an unknown name is treated as unconstrained. */
export function structureOf(name: string): Structure {
  return Object.hasOwn(STRUCTURES, name) ? STRUCTURES[name]! : STRUCTURES.full!;
}

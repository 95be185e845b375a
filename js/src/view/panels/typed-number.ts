/*
 * The edit that a number typed into the table makes.
 */
import { withHyphens } from "../../base/format.ts";
import type { Matrix, Vector } from "../../maths/matrix.ts";
import type { Patch } from "../../maths/mixture.ts";
import type { Structure } from "../../maths/structures.ts";

export const FIELDS = ["weight", "mean0", "mean1", "sd0", "sd1", "corr"] as const;
export type Field = (typeof FIELDS)[number];

/** One component of the plane, in data units. */
export interface Placed {
  readonly weight: number;
  readonly mean: Vector;
  readonly covariance: Matrix;
}

/** A number as people type it, with a decimal comma or any minus sign; NaN if it is none. */
export function numberOf(text: string): number {
  const number = withHyphens(text.trim()).replaceAll("–", "-").replace(",", ".");
  return number === "" ? Number.NaN : Number(number);
}

/** The covariance with these standard deviations and this correlation. */
function covarianceOf(s: Vector, r: number): Matrix {
  const off = r * s[0]! * s[1]!;
  return [
    [s[0]! * s[0]!, off],
    [off, s[1]! * s[1]!],
  ];
}

function reshaped({ covariance: c }: Placed, axis: 0 | 1, sd: number, round: boolean): Matrix {
  const s = [Math.sqrt(c[0]![0]!), Math.sqrt(c[1]![1]!)];
  const r = c[0]![1]! / (s[0]! * s[1]!);
  return covarianceOf(round ? [sd, sd] : s.map((old, i) => (i === axis ? sd : old)), r);
}

function correlated({ covariance: c }: Placed, r: number): Matrix {
  return covarianceOf([Math.sqrt(c[0]![0]!), Math.sqrt(c[1]![1]!)], r);
}

/** The edit that sets a field, or why that cannot be. */
export function patchOf(
  field: Field,
  value: number,
  placed: Placed,
  structure: Structure,
): Patch | string {
  if (!Number.isFinite(value)) return "is not a number";
  if (field === "weight") {
    return value > 0 && value < 1 ? { weight: value } : "must lie between 0 and 1";
  }
  const axis = field.endsWith("1") ? 1 : 0;
  if (field === "mean0" || field === "mean1") {
    return { mean: placed.mean.map((old, i) => (i === axis ? value : old)) };
  }
  if (field === "corr") {
    if (!(Math.abs(value) < 1)) return "must lie between −1 and 1";
    return { covariance: structure.constrain(correlated(placed, value)) };
  }
  if (!(value > 0)) return "must be more than 0";
  return { covariance: structure.constrain(reshaped(placed, axis, value, structure.isotropic)) };
}

/*
 * Pixels coloured by responsibilities: the mean of the components' colours in
 * OKLab, weighted by the responsibilities at the pixel's centre.
 *
 * In two columns the position determines the responsibilities, so all points
 * on a pixel have one colour. Components without a visible share in a block of
 * pixels are skipped there.
 */

import { type Oklab, oklab, packed } from "../../base/palette.ts";
import { covarianceToPixel, toPixel, type Viewport } from "../../maths/geometry/viewport.ts";
import { EXP, SLIGHT, TO_TABLE } from "../../maths/likelihood.ts";
import type { Mixture } from "../../maths/mixture.ts";
import type { Look } from "../../state/view-state.ts";
import { BLOCK, type Sheet } from "./opacity.ts";

const STRIDE = 9;
const FLAT = 1e-14; // least determinant, relative: collinear columns are painted too
/** The ends of the entropy scale: 0 bits, and 1 bit or more. */
export const CERTAIN = oklab("#8b8d98");
export const UNSURE = oklab("#fe408c");

/** Per component: constant, mean, and the inverse covariance, in sheet pixels; then its colour. */
function coefficients(
  mixture: Mixture,
  colours: readonly Oklab[],
  view: Viewport,
  sheet: Sheet,
): Float64Array {
  const zx = sheet.width / view.width;
  const zy = sheet.height / view.height;
  const out = new Float64Array(mixture.weights.length * STRIDE);
  mixture.weights.forEach((weight, k) => {
    const c = covarianceToPixel(view, mixture.covariances[k]!);
    const p = c[0]![0]! * zx * zx;
    const q = c[0]![1]! * zx * zy;
    const r = c[1]![1]! * zy * zy;
    const det = Math.max(p * r - q * q, FLAT * p * r);
    const [mx, my] = toPixel(view, mixture.means[k]![0]!, mixture.means[k]![1]!);
    const constant = Math.log(Math.max(weight, Number.MIN_VALUE)) - 0.5 * Math.log(det);
    const form = [r / (2 * det), -q / det, p / (2 * det)];
    out.set([constant, mx * zx - 0.5, my * zy - 0.5, ...form, ...colours[k]!], k * STRIDE);
  });
  return out;
}

/** Log-joints of all components at a pixel, into `joint`; returns the largest. */
function jointAt(f: Float64Array, column: number, row: number, joint: Float64Array): number {
  let top = -Infinity;
  for (let k = 0, j = 0; k < joint.length; k++, j += STRIDE) {
    const x = column - f[j + 1]!;
    const y = row - f[j + 2]!;
    const value = f[j]! - x * (f[j + 3]! * x + f[j + 4]! * y) - f[j + 5]! * y * y;
    joint[k] = value;
    if (value > top) top = value;
  }
  return top;
}

/** The mean colour by responsibilities, packed. */
function mixed(f: Float64Array, joint: Float64Array, top: number): number {
  let sum = 0;
  let lightness = 0;
  let a = 0;
  let b = 0;
  for (let k = 0, j = 0; k < joint.length; k++, j += STRIDE) {
    const below = top - joint[k]!;
    if (below >= SLIGHT) continue;
    const share = EXP[(below * TO_TABLE + 0.5) | 0]!;
    sum += share;
    lightness += share * f[j + 6]!;
    a += share * f[j + 7]!;
    b += share * f[j + 8]!;
  }
  return packed(lightness / sum, a / sum, b / sum);
}

/** The colour of the strongest component, packed. */
function strongest(f: Float64Array, joint: Float64Array, top: number): number {
  const j = STRIDE * joint.indexOf(top);
  return packed(f[j + 6]!, f[j + 7]!, f[j + 8]!);
}

/** The entropy of the responsibilities, in bits up to 1, as a packed colour. */
function unsure(_: Float64Array, joint: Float64Array, top: number): number {
  let sum = 0;
  let below = 0;
  for (const value of joint) {
    const share = top - value < SLIGHT ? Math.exp(value - top) : 0;
    sum += share;
    below += share * (value - top);
  }
  const t = Math.min(1, Math.max(0, (Math.log(sum) - below / sum) / Math.LN2));
  const at = (i: 0 | 1 | 2) => CERTAIN[i] + (UNSURE[i] - CERTAIN[i]) * t;
  return packed(at(0), at(1), at(2));
}

const LOOKS = { soft: mixed, hard: strongest, entropy: unsure } as const;

/** The coefficients of the components that can have a visible share in the block at this corner. */
function near(f: Float64Array, x: number, y: number, out: Float64Array): Float64Array {
  const half = BLOCK / 2;
  // The square root of the form is a norm: within the block it changes by at most `reach`.
  const bound = (j: number, way: number) => {
    const [u, v] = [x + half - f[j + 1]!, y + half - f[j + 2]!];
    const away = Math.sqrt(u * (f[j + 3]! * u + f[j + 4]! * v) + f[j + 5]! * v * v);
    const reach = half * Math.sqrt(f[j + 3]! + Math.abs(f[j + 4]!) + f[j + 5]!);
    return f[j]! - Math.max(0, away + way * reach) ** 2;
  };
  let least = -Infinity;
  for (let j = 0; j < f.length; j += STRIDE) least = Math.max(least, bound(j, 1));
  let size = 0;
  for (let j = 0; j < f.length; j += STRIDE) {
    if (bound(j, -1) < least - SLIGHT) continue;
    for (let i = 0; i < STRIDE; i++) out[size++] = f[j + i]!;
  }
  return out.subarray(0, size);
}

/** Write the colours of the sheet's occupied pixels into packed RGBA. */
export function colourise(
  sheet: Sheet,
  mixture: Mixture,
  colours: readonly Oklab[],
  view: Viewport,
  out: Uint32Array,
  look: Look = "soft",
): void {
  const colour = LOOKS[look];
  const all = coefficients(mixture, colours, view, sheet);
  const room = new Float64Array(all.length);
  const { cells, width, alpha } = sheet;
  let [f, joint, block] = [all, room, -1];
  for (let n = 0; n < cells.length; n++) {
    const cell = cells[n]!;
    const row = (cell / width) | 0;
    const column = cell - row * width;
    const at = ((row / BLOCK) | 0) * width + ((column / BLOCK) | 0);
    if (at !== block) {
      block = at;
      f = near(all, column - (column % BLOCK), row - (row % BLOCK), room);
      joint = new Float64Array(f.length / STRIDE);
    }
    const top = jointAt(f, column, row, joint);
    out[cell] = (alpha[cell]! << 24) | colour(f, joint, top);
  }
}

/*
 * Pixels coloured by the responsibilities of the points on them: the mean of
 * the points' colours in OKLab.
 *
 * With more than two columns the position in the plane does not determine the
 * responsibilities. The sums are counts weighted by colour, so they do not
 * depend on the order of the points, and are computed only when
 * responsibilities or the view change.
 */

import { type Oklab, oklab, PALETTE, packed } from "../../base/palette.ts";
import type { PointResponsibilities } from "../../state/responsibilities.ts";
import type { Look } from "../../state/view-state.ts";
import { CERTAIN, UNSURE } from "./colour.ts";
import type { Sheet } from "./opacity.ts";
import type { Scene } from "./painter.ts";
import { splat } from "./pixel-counts.ts";

const HUES = PALETTE.map(oklab);

/** The two colours of a row and how much it has of the first. */
function mixOf(
  pointResponsibilities: PointResponsibilities,
  at: number,
  look: Look,
): readonly [Oklab, Oklab, number] {
  if (look === "entropy") return [UNSURE, CERTAIN, pointResponsibilities[at + 3]! / 255];
  const share = look === "hard" ? 1 : pointResponsibilities[at + 2]! / 255;
  return [HUES[pointResponsibilities[at]!]!, HUES[pointResponsibilities[at + 1]!]!, share];
}

interface Made {
  readonly look: Look;
  readonly channels: readonly Float32Array[];
}

const held = new WeakMap<PointResponsibilities, Made>();

/** A row's colour as three weights. */
function channels(
  pointResponsibilities: PointResponsibilities,
  look: Look,
): readonly Float32Array[] {
  const old = held.get(pointResponsibilities);
  if (old?.look === look) return old.channels;
  const rows = pointResponsibilities.length / 4;
  const made = [0, 1, 2].map(() => new Float32Array(rows));
  for (let row = 0; row < rows; row++) {
    const [a, b, share] = mixOf(pointResponsibilities, 4 * row, look);
    made.forEach((channel, i) => {
      channel[row] = b[i]! + share * (a[i]! - b[i]!);
    });
  }
  held.set(pointResponsibilities, { look, channels: made });
  return made;
}

/** Write the colours of the sheet's occupied pixels into packed RGBA. */
export function colourPoints(
  scene: Scene,
  sheet: Sheet,
  pointResponsibilities: PointResponsibilities,
  look: Look,
  out: Uint32Array,
): void {
  const sums = [null, ...channels(pointResponsibilities, look)].map((weight) => {
    return splat({ ...scene, cloud: { ...scene.cloud, weight } }).counts;
  });
  const [count, lightness, a, b] = sums as [Float32Array, Float32Array, Float32Array, Float32Array];
  for (const cell of sheet.cells) {
    const n = count[cell]!;
    const colour = packed(lightness[cell]! / n, a[cell]! / n, b[cell]! / n);
    out[cell] = (sheet.alpha[cell]! << 24) | colour;
  }
}

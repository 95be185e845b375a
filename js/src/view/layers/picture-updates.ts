/*
 * What the painter has to do in a frame: bin when the view or the points
 * changed, colour when the mixture did, and paint a sharp picture when the
 * changes have stopped.
 */

import { onEnd, timer } from "../../base/lifetime.ts";
import { colourOf, oklab } from "../../base/palette.ts";
import type { Viewport } from "../../maths/geometry/viewport.ts";
import type { Mixture } from "../../maths/mixture.ts";
import type { PlanePoints } from "../../maths/points.ts";
import type { PointResponsibilities } from "../../state/responsibilities.ts";
import type { Look } from "../../state/view-state.ts";
import type { Painter } from "./painter.ts";

const SETTLE = 140; // ms without a change after which the picture is painted sharp

const SHARPEST = 2; // device pixels per CSS pixel; more are not visible

export class PictureUpdates {
  readonly #painter: Painter;
  readonly #settle: ReturnType<typeof timer>;
  #binned: readonly unknown[] = [];
  #coloured: readonly unknown[] = [];
  #settled = false;

  /** `redraw` is called when a coarse picture is to be painted sharp. */
  constructor(end: AbortSignal, painter: Painter, redraw: () => void) {
    this.#painter = painter;
    this.#settle = timer(end, SETTLE, () => {
      this.#settled = true;
      redraw();
    });
    onEnd(end, () => painter.dispose());
  }

  /** Bring the picture up to date; false while there is nothing to paint. */
  paint(
    mixture: Mixture | null,
    cloud: PlanePoints | null,
    ids: readonly number[],
    view: Viewport,
    busy: boolean,
    look: Look,
    pointResponsibilities: PointResponsibilities | null = null,
  ): boolean {
    if (!mixture || !cloud || mixture.weights.length !== ids.length) return false;
    this.#bin(cloud, view);
    const each =
      pointResponsibilities && pointResponsibilities.length === 2 * cloud.xy.length && !cloud.cell
        ? pointResponsibilities
        : null;
    const wanted = each ? [each, null, look] : [mixture, ids, look];
    const done = wanted.every((part, i) => part === this.#coloured[i]);
    if (!this.#settled && done) return true;
    if (each) {
      this.#painter.paintPoints(each, look);
      this.#done(wanted, true);
      return true;
    }
    const colours = ids.map((id) => oklab(colourOf(id)));
    const sharp = this.#painter.paint(mixture, colours, busy && !this.#settled, look);
    this.#done(wanted, sharp);
    return true;
  }

  #done(wanted: readonly unknown[], sharp: boolean): void {
    this.#coloured = wanted;
    this.#settled = false;
    if (sharp) this.#settle.stop();
    else this.#settle.start();
  }

  #bin(cloud: PlanePoints, view: Viewport): void {
    const ratio = Math.min(SHARPEST, globalThis.devicePixelRatio || 1);
    const wanted = [cloud, view, ratio];
    if (wanted.every((part, i) => part === this.#binned[i])) return;
    this.#painter.bin({ cloud, view, ratio });
    this.#binned = wanted;
    this.#coloured = [];
  }
}

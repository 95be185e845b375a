/*
 * The painter in plain JavaScript, for browsers without WebGL.
 *
 * At rest it colours every device pixel. During drags and runs it colours the
 * finest sheet that fits into a frame, by the cost per pixel measured so far.
 */

import { HIDDEN, h } from "../../base/dom.ts";
import type { Oklab } from "../../base/palette.ts";
import type { Mixture } from "../../maths/mixture.ts";
import type { PointResponsibilities } from "../../state/responsibilities.ts";
import type { Look } from "../../state/view-state.ts";
import { colourise } from "./colour.ts";
import { coarser, opaque, type Sheet } from "./opacity.ts";
import type { Painter, Scene } from "./painter.ts";
import { splat } from "./pixel-counts.ts";
import { colourPoints } from "./point-colours.ts";

const FACTORS = [1, 2, 3, 4];
const TOO_LONG = 6; // ms of a frame that colouring may take
const COST = { least: 1e-6, most: 8e-5, first: 2e-5 }; // ms per pixel and component

interface Level {
  readonly sheet: Sheet;
  /** Made when it is first painted on. */
  image: ImageData | null;
}

const level = (sheet: Sheet): Level => ({ sheet, image: null });

export class CanvasPainter implements Painter {
  readonly root: HTMLCanvasElement = h("canvas", { class: "gmm-canvas", ...HIDDEN });
  #scene: Scene | null = null;
  #levels: (Level | undefined)[] = [];
  #cost = COST.first;

  /** Opacities at full sharpness, once something has been binned. */
  get sheet(): Sheet | null {
    return this.#levels[0]?.sheet ?? null;
  }

  bin(scene: Scene): void {
    this.#scene = scene;
    this.#levels = [level(opaque(splat(scene)))];
  }

  paint(mixture: Mixture, colours: readonly Oklab[], fast: boolean, look: Look): boolean {
    const scene = this.#scene;
    if (!scene) return true;
    const chosen = fast ? this.#affordable(mixture.weights.length) : this.#level(0);
    const started = performance.now();
    this.#draw(chosen, (words) => {
      colourise(chosen.sheet, mixture, colours, scene.view, words, look);
      this.#learn(performance.now() - started, chosen.sheet.cells.length * mixture.weights.length);
    });
    return chosen === this.#levels[0];
  }

  paintPoints(pointResponsibilities: PointResponsibilities, look: Look): void {
    const scene = this.#scene;
    if (!scene) return;
    const fine = this.#level(0);
    this.#draw(fine, (words) =>
      colourPoints(scene, fine.sheet, pointResponsibilities, look, words),
    );
  }

  /** Give the canvas the sheet's pixels; over the plot the browser stretches coarse ones. */
  fit({ width, height }: Sheet): void {
    const { root, sheet } = this;
    if (!sheet || (root.width === width && root.height === height)) return;
    const blocks = Math.ceil(sheet.width / width);
    const share = (part: number, all: number) => `${(100 * blocks * part) / all}%`;
    Object.assign(root, { width, height });
    root.style.width = share(width, sheet.width);
    root.style.height = share(height, sheet.height);
  }

  dispose(): void {
    this.#levels = [];
    this.#scene = null;
    this.root.width = 0;
  }

  #draw(level: Level, colour: (words: Uint32Array) => void): void {
    level.image ??= new ImageData(level.sheet.width, level.sheet.height);
    colour(new Uint32Array(level.image.data.buffer));
    this.#show(level.sheet, level.image);
  }

  /** Update the measured cost; smoothed and bounded, so that one slow frame does not matter. */
  #learn(took: number, work: number): void {
    if (work < 50_000) return; // too little work to be timed
    const measured = Math.min(COST.most, Math.max(COST.least, took / work));
    this.#cost += 0.2 * (measured - this.#cost);
  }

  #level(index: number): Level {
    const fine = this.#levels[0]!;
    this.#levels[index] ??= level(coarser(fine.sheet, FACTORS[index]!));
    return this.#levels[index]!;
  }

  /** The sharpest level that can be coloured within a frame. */
  #affordable(components: number): Level {
    const last = FACTORS.length - 1;
    for (let index = 0; index < last; index++) {
      const { cells } = this.#level(index).sheet;
      if (cells.length * components * this.#cost < TOO_LONG) return this.#level(index);
    }
    return this.#level(last);
  }

  #show(sheet: Sheet, image: ImageData): void {
    this.fit(sheet);
    this.root.getContext("2d")?.putImageData(image, 0, 0);
  }
}

/*
 * The painter that is used: WebGL2 where the page has it, plain JavaScript
 * where it has not, or for as long as the context is lost.
 *
 * Both bin on the processor, which counts a million points in a few
 * milliseconds and needs no float textures, and both draw on one canvas: the
 * picture is the same, and a change from one to the other is not seen. Under a
 * hand the frames are timed: where WebGL is drawn by the processor, plain
 * JavaScript, which can trade sharpness for speed, takes over until the rest.
 */

import type { Oklab } from "../../base/palette.ts";
import { covarianceToPixel, toPixel, type Viewport } from "../../maths/geometry/viewport.ts";
import type { Mixture } from "../../maths/mixture.ts";
import type { PointResponsibilities } from "../../state/responsibilities.ts";
import type { Look } from "../../state/view-state.ts";
import { PlainPainter } from "./canvas-painter.ts";
import { CERTAIN, UNSURE } from "./colour.ts";
import type { Sheet } from "./opacity.ts";
import type { Painter, Scene } from "./painter.ts";
import { FRAGMENT, LOOK_CODES, TEXELS } from "./shader.ts";
import { programOf, type Shared, sharedContext, texture } from "./webgl.ts";

const SLOW = 40; // ms between frames under a hand; runs of EM come at 33
const LONG = 8; // ms that a frame may keep the page itself, where a GPU would draw on its own
const ENOUGH = 3; // such frames in a row
const PAUSE = 200; // ms: what comes later is not the next frame of the same drag
const FLAT = 1e-14; // least share of a variance that the other column leaves unexplained

/** Component k in the sheet's pixels: constant and mean, whitened factor, colour. */
export function parts(
  mixture: Mixture,
  colours: readonly Oklab[],
  view: Viewport,
  sheet: Pick<Sheet, "width" | "height">,
): Float32Array {
  const [zx, zy] = [sheet.width / view.width, sheet.height / view.height];
  const out = new Float32Array(mixture.weights.length * TEXELS * 4);
  mixture.weights.forEach((weight, k) => {
    const c = covarianceToPixel(view, mixture.covariances[k]!);
    const v = c[1]![1]! * zy * zy;
    const l11 = Math.sqrt(c[0]![0]!) * zx;
    const l21 = (c[0]![1]! * zx * zy) / l11;
    const l22 = Math.sqrt(Math.max(1 - (l21 * l21) / v, FLAT) * v);
    const [mx, my] = toPixel(view, mixture.means[k]![0]!, mixture.means[k]![1]!);
    const constant = Math.log(Math.max(weight, Number.MIN_VALUE)) - Math.log(l11 * l22);
    const place = [constant, mx * zx - 0.5, my * zy - 0.5, 0];
    out.set([...place, 1 / l11, l21, 1 / l22, 0, ...colours[k]!, 0], 4 * TEXELS * k);
  });
  return out;
}

/** What one view keeps in the shared context. */
class Kept {
  readonly generation: number;
  readonly #shared: Shared;
  readonly #program: WebGLProgram;
  readonly #alpha: WebGLTexture | null;
  readonly #parts: WebGLTexture | null;
  #sheet: Sheet | null = null;

  constructor(shared: Shared, program: WebGLProgram) {
    this.#shared = shared;
    this.#program = program;
    this.generation = shared.generation;
    this.#alpha = texture(shared.gl);
    this.#parts = texture(shared.gl);
  }

  /** Draw into the upper left corner of the shared canvas. */
  draw(sheet: Sheet, table: Float32Array, look: Look): void {
    const { gl, canvas } = this.#shared;
    if (canvas.width < sheet.width) canvas.width = sheet.width;
    if (canvas.height < sheet.height) canvas.height = sheet.height;
    const k = table.length / (4 * TEXELS);
    gl.activeTexture(gl.TEXTURE1);
    gl.bindTexture(gl.TEXTURE_2D, this.#parts);
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA32F, TEXELS, k, 0, gl.RGBA, gl.FLOAT, table);
    gl.activeTexture(gl.TEXTURE0);
    gl.bindTexture(gl.TEXTURE_2D, this.#alpha);
    this.#upload(sheet);
    gl.useProgram(this.#program);
    this.#tell(k, look);
    gl.disable(gl.BLEND);
    gl.viewport(0, canvas.height - sheet.height, sheet.width, sheet.height);
    gl.drawArrays(gl.TRIANGLES, 0, 3);
  }

  dispose(): void {
    const { gl } = this.#shared;
    gl.deleteTexture(this.#alpha);
    gl.deleteTexture(this.#parts);
  }

  /** The sheet's opacities, a byte each, unless they are there already. */
  #upload(sheet: Sheet): void {
    if (sheet === this.#sheet) return;
    const { gl } = this.#shared;
    const { width, height, alpha } = sheet;
    gl.pixelStorei(gl.UNPACK_ALIGNMENT, 1);
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.R8, width, height, 0, gl.RED, gl.UNSIGNED_BYTE, alpha);
    this.#sheet = sheet;
  }

  #tell(components: number, look: Look): void {
    const { gl, canvas } = this.#shared;
    const at = (name: string) => gl.getUniformLocation(this.#program, name);
    gl.uniform1i(at("u_alpha"), 0);
    gl.uniform1i(at("u_parts"), 1);
    gl.uniform1i(at("u_components"), components);
    gl.uniform1i(at("u_look"), LOOK_CODES[look]);
    gl.uniform1i(at("u_top"), canvas.height);
    gl.uniform3fv(at("u_certain"), CERTAIN);
    gl.uniform3fv(at("u_unsure"), UNSURE);
  }
}

/** Tells if frames come slowly, which is all that shows a busy GPU, or if there is hardly a GPU. */
export class Beat {
  #last = -Infinity;
  #mean = 0;
  #long = 0;

  get slow(): boolean {
    return this.#mean > SLOW || this.#long >= ENOUGH;
  }

  /** Note how long the page was kept by a frame. */
  took(time: number): void {
    this.#long = time > LONG ? this.#long + 1 : 0;
  }

  tick(now: number): void {
    const took = now - this.#last;
    this.#last = now;
    if (took < PAUSE) this.#mean += 0.25 * (took - this.#mean);
  }
}

export class BestPainter implements Painter {
  readonly #plain = new PlainPainter();
  readonly root = this.#plain.root;
  #scene: Scene | null = null;
  #kept: Kept | null = null;
  #beat = new Beat();

  bin(scene: Scene): void {
    this.#scene = scene;
    this.#plain.bin(scene);
  }

  paint(mixture: Mixture, colours: readonly Oklab[], hurry: boolean, look: Look): boolean {
    const plainly = hurry && this.#beat.slow;
    if (hurry && !plainly) this.#beat.tick(performance.now());
    const shared = plainly ? null : sharedContext();
    const { sheet } = this.#plain;
    const kept = shared && sheet && this.#fits(shared, sheet) ? this.#keep(shared) : null;
    this.root.dataset.gmmPainter = kept ? "webgl2" : "plain";
    if (!kept || !shared || !sheet || !this.#scene) {
      return this.#plain.paint(mixture, colours, hurry, look);
    }
    const began = performance.now();
    kept.draw(sheet, parts(mixture, colours, this.#scene.view, sheet), look);
    this.#copy(shared.canvas, sheet);
    if (hurry) this.#beat.took(performance.now() - began);
    return true;
  }

  paintPoints(pointResponsibilities: PointResponsibilities, look: Look): void {
    this.root.dataset.gmmPainter = "plain";
    this.#plain.paintPoints(pointResponsibilities, look);
  }

  dispose(): void {
    if (this.#kept && this.#kept.generation === sharedContext()?.generation) this.#kept.dispose();
    this.#kept = null;
    this.#plain.dispose();
  }

  #fits({ gl }: Shared, { width, height }: Sheet): boolean {
    return Math.max(width, height) <= Number(gl.getParameter(gl.MAX_TEXTURE_SIZE));
  }

  /** This view's textures, made anew after a loss. */
  #keep(shared: Shared): Kept | null {
    if (this.#kept?.generation === shared.generation) return this.#kept;
    const program = programOf(shared, FRAGMENT);
    this.#kept = program ? new Kept(shared, program) : null;
    return this.#kept;
  }

  #copy(from: HTMLCanvasElement, sheet: Sheet): void {
    const { width, height } = sheet;
    this.#plain.fit(sheet);
    const context = this.root.getContext("2d");
    if (!context) return;
    context.globalCompositeOperation = "copy";
    context.drawImage(from, 0, 0, width, height, 0, 0, width, height);
    context.globalCompositeOperation = "source-over";
  }
}

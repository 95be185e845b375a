/*
 * The painter in use: WebGL2 where the page has it, plain JavaScript where it
 * has not, or while the context is lost.
 *
 * Both bin on the CPU, which counts a million points in a few milliseconds and
 * needs no float textures, and both draw on one canvas, so that a change from
 * one to the other is not visible. Frames are timed during a drag: where WebGL
 * is emulated on the CPU, plain JavaScript, which can trade sharpness for
 * speed, takes over until the drag ends.
 */

import type { Oklab } from "../../base/palette.ts";
import { covarianceToPixel, toPixel, type Viewport } from "../../maths/geometry/viewport.ts";
import type { Mixture } from "../../maths/mixture.ts";
import type { PointResponsibilities } from "../../state/responsibilities.ts";
import type { Look } from "../../state/view-state.ts";
import { CanvasPainter } from "./canvas-painter.ts";
import { CERTAIN, UNSURE } from "./colour.ts";
import type { Sheet } from "./opacity.ts";
import type { Painter, Scene } from "./painter.ts";
import { FRAGMENT, LOOK_CODES, TEXELS } from "./shader.ts";
import { programOf, type Shared, sharedContext, texture } from "./webgl.ts";

const SLOW = 40; // ms between frames of a drag; EM runs send a state every 33
const LONG = 8; // ms that drawing blocks the page where there is no GPU
const ENOUGH = 3; // such frames in a row switch to plain JavaScript
const PAUSE = 200; // ms: a longer gap is a pause between frames, not a slow frame
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

/** One view's textures in the shared context. */
class ViewTextures {
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
    this.#setUniforms(k, look);
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

  #setUniforms(components: number, look: Look): void {
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

/** Finds out whether WebGL is too slow: frames far apart, or drawing that blocks the page. */
export class FrameTimer {
  #last = -Infinity;
  #mean = 0;
  #long = 0;

  get slow(): boolean {
    return this.#mean > SLOW || this.#long >= ENOUGH;
  }

  /** Note how long drawing a frame blocked the page. */
  took(time: number): void {
    this.#long = time > LONG ? this.#long + 1 : 0;
  }

  tick(now: number): void {
    const took = now - this.#last;
    this.#last = now;
    if (took < PAUSE) this.#mean += 0.25 * (took - this.#mean);
  }
}

export class AdaptivePainter implements Painter {
  readonly #canvas = new CanvasPainter();
  readonly root = this.#canvas.root;
  #scene: Scene | null = null;
  #textures: ViewTextures | null = null;
  #timer = new FrameTimer();

  bin(scene: Scene): void {
    this.#scene = scene;
    this.#canvas.bin(scene);
  }

  paint(mixture: Mixture, colours: readonly Oklab[], fast: boolean, look: Look): boolean {
    const onCanvas = fast && this.#timer.slow;
    if (fast && !onCanvas) this.#timer.tick(performance.now());
    const shared = onCanvas ? null : sharedContext();
    const { sheet } = this.#canvas;
    const textures = shared && sheet && this.#fits(shared, sheet) ? this.#texturesIn(shared) : null;
    this.root.dataset.gmmPainter = textures ? "webgl2" : "plain";
    if (!textures || !shared || !sheet || !this.#scene) {
      return this.#canvas.paint(mixture, colours, fast, look);
    }
    const began = performance.now();
    textures.draw(sheet, parts(mixture, colours, this.#scene.view, sheet), look);
    this.#copy(shared.canvas, sheet);
    if (fast) this.#timer.took(performance.now() - began);
    return true;
  }

  paintPoints(pointResponsibilities: PointResponsibilities, look: Look): void {
    this.root.dataset.gmmPainter = "plain";
    this.#canvas.paintPoints(pointResponsibilities, look);
  }

  dispose(): void {
    if (this.#textures && this.#textures.generation === sharedContext()?.generation)
      this.#textures.dispose();
    this.#textures = null;
    this.#canvas.dispose();
  }

  #fits({ gl }: Shared, { width, height }: Sheet): boolean {
    return Math.max(width, height) <= Number(gl.getParameter(gl.MAX_TEXTURE_SIZE));
  }

  /** This view's textures, created again after a lost context. */
  #texturesIn(shared: Shared): ViewTextures | null {
    if (this.#textures?.generation === shared.generation) return this.#textures;
    const program = programOf(shared, FRAGMENT);
    this.#textures = program ? new ViewTextures(shared, program) : null;
    return this.#textures;
  }

  #copy(from: HTMLCanvasElement, sheet: Sheet): void {
    const { width, height } = sheet;
    this.#canvas.fit(sheet);
    const context = this.root.getContext("2d");
    if (!context) return;
    context.globalCompositeOperation = "copy";
    context.drawImage(from, 0, 0, width, height, 0, 0, width, height);
    context.globalCompositeOperation = "source-over";
  }
}

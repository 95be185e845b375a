/*
 * One WebGL2 context for all views of a page: browsers allow only a handful.
 *
 * It is kept on the page and not in the module, because hosts evaluate the
 * module once per widget. Each view has its own textures, draws, and copies the
 * result onto its own canvas at once.
 */
import { VERTEX } from "./shader.ts";

export interface Shared {
  readonly canvas: HTMLCanvasElement;
  readonly gl: WebGL2RenderingContext;
  /** Linked programs by the source of their fragment shader; null for one that does not link. */
  readonly programs: Map<string, WebGLProgram | null>;
  /** Grows with each loss, after which no texture or program is valid. */
  generation: number;
}

const KEY = Symbol.for("gmm_widget.gl");

type Holder = { [KEY]?: Shared | null };

function opened(): Shared | null {
  const canvas = document.createElement("canvas");
  const gl = canvas.getContext("webgl2", {
    alpha: true,
    premultipliedAlpha: true,
    antialias: false,
    depth: false,
    stencil: false,
  });
  if (!gl) return null;
  const shared: Shared = { canvas, gl, programs: new Map(), generation: 1 };
  canvas.addEventListener("webglcontextlost", (event) => {
    event.preventDefault(); // asks the browser to restore the context
    shared.generation += 1;
    shared.programs.clear();
  });
  return shared;
}

/** The page's context, or null where there is none or it is lost. */
export function sharedContext(): Shared | null {
  const page = globalThis as Holder;
  if (page[KEY] === undefined) page[KEY] = opened();
  const shared = page[KEY] ?? null;
  return shared?.gl.isContextLost() ? null : shared;
}

function compiled(gl: WebGL2RenderingContext, kind: number, source: string): WebGLShader | null {
  const shader = gl.createShader(kind);
  if (!shader) return null;
  gl.shaderSource(shader, source);
  gl.compileShader(shader);
  return shader;
}

/** The program of a fragment shader, or null where it does not link. */
export function programOf({ gl, programs }: Shared, fragment: string): WebGLProgram | null {
  const held = programs.get(fragment);
  if (held !== undefined) return held;
  programs.set(fragment, linked(gl, fragment));
  return programs.get(fragment) ?? null;
}

function linked(gl: WebGL2RenderingContext, fragment: string): WebGLProgram | null {
  const program = gl.createProgram();
  const parts = [
    compiled(gl, gl.VERTEX_SHADER, VERTEX),
    compiled(gl, gl.FRAGMENT_SHADER, fragment),
  ];
  if (!program || parts.some((part) => part === null)) return null;
  for (const part of parts) gl.attachShader(program, part!);
  gl.linkProgram(program);
  return gl.getProgramParameter(program, gl.LINK_STATUS) ? program : null;
}

/** A texture without interpolation. */
export function texture(gl: WebGL2RenderingContext): WebGLTexture | null {
  const made = gl.createTexture();
  gl.bindTexture(gl.TEXTURE_2D, made);
  for (const side of [gl.TEXTURE_WRAP_S, gl.TEXTURE_WRAP_T]) {
    gl.texParameteri(gl.TEXTURE_2D, side, gl.CLAMP_TO_EDGE);
  }
  for (const filter of [gl.TEXTURE_MIN_FILTER, gl.TEXTURE_MAG_FILTER]) {
    gl.texParameteri(gl.TEXTURE_2D, filter, gl.NEAREST);
  }
  return made;
}

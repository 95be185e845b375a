/*
 * A covariance in pixels as an ellipse with two axes, which handles stand on.
 *
 * The axes of a covariance have no sign and, when the ellipse is round, no
 * order. A frame is therefore chosen nearest to the one before it, so that
 * a handle never jumps to the other end while its ellipse moves.
 */
import type { Matrix } from "../matrix.ts";
import type { Vec } from "./viewport.ts";

export interface Frame {
  /** Unit vectors of the two axes, in pixels. */
  readonly u: Vec;
  readonly v: Vec;
  /** Standard deviations along them, in pixels. */
  readonly a: number;
  readonly b: number;
}

/** One component in pixels. */
export interface Shape {
  readonly id: number;
  readonly centre: Vec;
  readonly frame: Frame;
  readonly weight: number;
  /** How many standard deviations out the handles are. */
  readonly reach: number;
}

const ROUND = 1e-9;
const FLAT = 1e-14; // least determinant, relative: collinear columns still have an ellipse

const dot = (p: Vec, q: Vec) => p[0] * q[0] + p[1] * q[1];

/** The major axis first, pointing right; the minor one pointing up. */
function canonical(c: Matrix): Frame {
  const p = c[0]![0]!;
  const q = c[0]![1]!;
  const r = c[1]![1]!;
  const half = (p - r) / 2;
  const root = Math.hypot(half, q);
  const major = (p + r) / 2 + root;
  // det / major loses nothing where the ellipse is thin.
  const minor = Math.max(p * r - q * q, FLAT * p * r) / major;
  let u: Vec = [1, 0];
  if (q !== 0) {
    const angle = 0.5 * Math.atan2(2 * q, p - r);
    u = [Math.cos(angle), Math.sin(angle)];
  } else if (r > p) u = [0, -1];
  if (u[0] < 0) u = [-u[0], -u[1]];
  const v: Vec = [u[1], -u[0]];
  return { u, v, a: Math.sqrt(major), b: Math.sqrt(minor) };
}

/** The frame of a covariance in pixels, nearest to the previous one. */
export function frameOf(c: Matrix, previous?: Frame): Frame {
  const found = canonical(c);
  if (!previous) return found;
  // A circle has no directions of its own: it keeps the ones it had.
  if (found.a - found.b <= ROUND * found.a) return { ...previous, a: found.a, b: found.b };
  let { u, v, a, b } = found;
  if (Math.abs(dot(u, previous.u)) < Math.abs(dot(v, previous.u))) {
    [u, v, a, b] = [v, u, b, a];
  }
  if (dot(u, previous.u) < 0) u = [-u[0], -u[1]];
  if (dot(v, previous.v) < 0) v = [-v[0], -v[1]];
  return { u, v, a, b };
}

/** The covariance in pixels that a frame stands for. */
export function covarianceOf({ u, v, a, b }: Frame): Matrix {
  const off = a * a * u[0] * u[1] + b * b * v[0] * v[1];
  return [
    [a * a * u[0] * u[0] + b * b * v[0] * v[0], off],
    [off, a * a * u[1] * u[1] + b * b * v[1] * v[1]],
  ];
}

/** The frame turned by an angle in pixels (clockwise on the screen). */
export function turned(frame: Frame, angle: number): Frame {
  const cos = Math.cos(angle);
  const sin = Math.sin(angle);
  const turn = (p: Vec): Vec => [cos * p[0] - sin * p[1], sin * p[0] + cos * p[1]];
  return { ...frame, u: turn(frame.u), v: turn(frame.v) };
}

/** How many standard deviations a pixel is from the centre. */
export function distance(frame: Frame, centre: Vec, p: Vec): number {
  const d: Vec = [p[0] - centre[0], p[1] - centre[1]];
  return Math.hypot(dot(d, frame.u) / frame.a, dot(d, frame.v) / frame.b);
}

/**
 * The ellipse so many standard deviations out as an SVG path, to 1/`grain` px; none for none.
 *
 * Absolute, since browsers sort all layers of the page anew when a transform changes.
 */
export function outline({ centre, frame }: Shape, radius: number, grain = 100): string | false {
  if (!radius) return false;
  const { u, a, b } = frame;
  const px = (value: number) => Math.round(value * grain) / grain;
  const [x, y, rx, ry] = [...centre, radius * a, radius * b];
  const end = (to: number) => `${px(x + to * rx * u[0])} ${px(y + to * rx * u[1])}`;
  const turn = Math.round((Math.atan2(u[1], u[0]) * 1.8e4) / Math.PI) / 100;
  const arc = `A${px(rx)} ${px(ry)} ${turn} 0 1 `;
  return `M${end(1)}${arc}${end(-1)}${arc}${end(1)}Z`;
}

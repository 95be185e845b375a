/*
 * The handles, one row each: where it is, what dragging it means, how it looks.
 * No other file knows a handle by its name.
 *
 * A row maps the handle's new position to absolute values of a component in
 * data units, which the structure then projects.
 */
import { covarianceOf, type Frame, type Shape, turned } from "../../maths/geometry/ellipse.ts";
import {
  covarianceToData,
  scales,
  toData,
  type Vec,
  type Viewport,
} from "../../maths/geometry/viewport.ts";
import type { Matrix } from "../../maths/matrix.ts";
import type { Patch } from "../../maths/mixture.ts";
import type { Structure } from "../../maths/structures.ts";
import { arrow, disc, knob } from "./glyphs.ts";

export interface Start {
  readonly shape: Shape;
  readonly view: Viewport;
  readonly structure: Structure;
}

export interface Modifiers {
  readonly shift: boolean;
  readonly alt: boolean;
}

export interface Row {
  readonly name: string;
  /** What a drag changes of the component. */
  readonly part: keyof Patch;
  /** When it is to be seen: also while the component is hovered, or only while it is selected. */
  readonly shown: "always" | "hovered" | "selected";
  /** How far it may be shown from the centre; without, it is itself kept inside the plot. */
  readonly ray?: Ray;
  /** A drag starts from where the handle is shown, which may differ from its position. */
  readonly fromShown?: boolean;
  /** The row of the handle at which a line to this one begins. */
  readonly stemFrom?: string;
  /** The pointer over it, and while it is held where that differs. */
  cursor(shape: Shape): string;
  readonly heldCursor?: string;
  /** Its drawing about the origin. */
  glyph(letter: string): readonly SVGElement[];
  /** Accessible name for the component's letter. */
  label(letter: string): string;
  /** Where the handle is, in pixels. */
  at(shape: Shape): Vec;
  allowed(structure: Structure, shape: Shape): boolean;
  /** What arrow keys do, in shares of the view, where that is not a drag. */
  nudge?(shape: Shape, dx: number, dy: number): Patch;
  /** The component when the handle has been dragged to `to`. */
  drag(start: Start, to: Vec, modifiers: Modifiers): Patch;
}

/** The ray from the centre on which a handle is shown, and its bounds. */
interface Ray {
  direction(shape: Shape): Vec;
  /** Least distance from the centre, in pixels. */
  readonly clear: number;
  /** Distance kept from the plot's margin, in pixels. */
  readonly spare: number;
}

const STEM = 26; // px from the end of axis 1 to the rotation handle
export const LEAST = 0.75; // px: the smallest standard deviation that can be dragged
const SNAP = Math.PI / 12;

const along = (centre: Vec, direction: Vec, length: number): Vec => [
  centre[0] + direction[0] * length,
  centre[1] + direction[1] * length,
];

/** The covariance in data units of a frame in pixels, projected onto the structure. */
export function shaped(frame: Frame, view: Viewport, structure: Structure): Matrix {
  return structure.constrain(covarianceToData(view, covarianceOf(frame)));
}

/** A round covariance in data units whose dragged end is under the pointer. */
function round(direction: Vec, length: number, view: Viewport): Matrix {
  const [sx, sy] = scales(view);
  const wanted = length / Math.hypot(direction[0] * sx, direction[1] * sy);
  const variance = Math.max(wanted, LEAST / Math.min(sx, -sy)) ** 2;
  return [
    [variance, 0],
    [0, variance],
  ];
}

function stretch(start: Start, to: Vec, modifiers: Modifiers, first: boolean): Patch {
  const { shape, view, structure } = start;
  const { frame, centre } = shape;
  const direction = first ? frame.u : frame.v;
  const reach = (to[0] - centre[0]) * direction[0] + (to[1] - centre[1]) * direction[1];
  const length = Math.max(LEAST, reach / shape.reach);
  if (structure.isotropic) return { covariance: round(direction, length, view) };
  const factor = length / (first ? frame.a : frame.b);
  const a = first ? length : modifiers.shift ? frame.a * factor : frame.a;
  const b = first ? (modifiers.shift ? frame.b * factor : frame.b) : length;
  return { covariance: shaped({ ...frame, a, b }, view, structure) };
}

const angleOf = (centre: Vec, p: Vec) => Math.atan2(p[1] - centre[1], p[0] - centre[0]);

const DIAL = 22; // px: radius of the dial, on which the weight is read clockwise from the top
const EDGE = 0.001; // least weight that can be dragged, and least that is left to the others

const held = (weight: number) => Math.min(1 - EDGE, Math.max(EDGE, weight));

/** The weight at a position on the dial; at most half a turn from the last. */
function dialled({ centre, weight }: Shape, p: Vec): number {
  const turn = Math.atan2(p[0] - centre[0], centre[1] - p[1]) / (2 * Math.PI);
  const by = turn - weight;
  return held(weight + by - Math.round(by));
}

/** The dial's arc from the top, clockwise, as an SVG path in relative terms from the centre. */
export function dial(weight: number): string {
  const angle = 2 * Math.PI * Math.min(weight, 0.9999);
  const [x, y] = [DIAL * Math.sin(angle), DIAL - DIAL * Math.cos(angle)];
  return `m0 ${-DIAL}a${DIAL} ${DIAL} 0 ${weight > 0.5 ? 1 : 0} 1 ${x} ${y}`;
}

const CLEAR = 38; // px: least distance of an axis's end from the centre, for letter and dial
const RESIZE = ["ew-resize", "nwse-resize", "ns-resize", "nesw-resize"];

/** The cursor of a handle that moves along `axis`. */
function resizeCursor([x, y]: Vec): string {
  const turn = Math.atan2(y, x) / (Math.PI / 4);
  return RESIZE[((Math.round(turn) % 4) + 4) % 4]!;
}

const onDial = ({ weight }: Shape): Vec => {
  const angle = 2 * Math.PI * weight;
  return [Math.sin(angle), -Math.cos(angle)];
};

/** The handle that stands for the component itself: the focus of the whole, and what is hit last. */
export const MAIN: Row = {
  name: "centre",
  part: "mean",
  shown: "always",
  cursor: () => "grab",
  heldCursor: "grabbing",
  glyph: disc,
  label: (letter) => `Centre of ${letter}`,
  at: ({ centre }) => centre,
  allowed: () => true,
  drag: ({ view }, to) => ({ mean: [...toData(view, to)] }),
};

export const ROWS: readonly Row[] = [
  {
    name: "weight",
    part: "weight",
    shown: "selected",
    ray: { direction: onDial, clear: 0, spare: 0 },
    cursor: () => "grab",
    glyph: () => knob(4.5),
    label: (letter) => `Weight of ${letter}`,
    at: (shape) => along(shape.centre, onDial(shape), DIAL),
    allowed: (_, { weight }) => weight < 1,
    drag: ({ shape }, to) => ({ weight: dialled(shape, to) }),
    nudge: ({ weight }, dx, dy) => ({ weight: held(weight + dx - dy) }),
  },
  {
    name: "rotate",
    part: "covariance",
    shown: "hovered",
    ray: { direction: ({ frame }) => frame.u, clear: CLEAR + STEM, spare: 0 },
    fromShown: true,
    stemFrom: "axis1",
    cursor: () => "alias",
    glyph: arrow,
    label: (letter) => `Rotate ${letter}`,
    at: ({ centre, frame, reach }) => along(centre, frame.u, reach * frame.a + STEM),
    allowed: (structure) => !structure.diagonal,
    drag: ({ shape, view, structure }, to, { shift }) => {
      const angle = angleOf(shape.centre, to);
      const goal = shift ? Math.round(angle / SNAP) * SNAP : angle;
      const by = goal - Math.atan2(shape.frame.u[1], shape.frame.u[0]);
      return { covariance: shaped(turned(shape.frame, by), view, structure) };
    },
  },
  {
    name: "axis1",
    part: "covariance",
    shown: "hovered",
    ray: { direction: ({ frame }) => frame.u, clear: CLEAR, spare: STEM },
    stemFrom: "axis1",
    cursor: ({ frame }) => resizeCursor(frame.u),
    glyph: () => knob(5.5),
    label: (letter) => `Axis 1 of ${letter}`,
    at: ({ centre, frame, reach }) => along(centre, frame.u, reach * frame.a),
    allowed: () => true,
    drag: (start, to, modifiers) => stretch(start, to, modifiers, true),
  },
  {
    name: "axis2",
    part: "covariance",
    shown: "hovered",
    ray: { direction: ({ frame }) => frame.v, clear: CLEAR, spare: 0 },
    stemFrom: "axis2",
    cursor: ({ frame }) => resizeCursor(frame.v),
    glyph: () => knob(5.5),
    label: (letter) => `Axis 2 of ${letter}`,
    at: ({ centre, frame, reach }) => along(centre, frame.v, reach * frame.b),
    allowed: () => true,
    drag: (start, to, modifiers) => stretch(start, to, modifiers, false),
  },
  MAIN,
];

const INSET = 14; // px: least distance of a handle from the plot's edge

const clamp = (value: number, low: number, high: number) =>
  Math.min(Math.max(value, low), Math.max(low, high));

/** How far one can go from `p` along `direction` before the plot's margin. */
function room(p: Vec, direction: Vec, view: Viewport): number {
  const limits = [view.width, view.height].map((size, axis) => {
    const step = direction[axis]!;
    if (Math.abs(step) < 1e-9) return Infinity;
    return ((step > 0 ? size - INSET : INSET) - p[axis]!) / step;
  });
  return Math.min(...limits);
}

/**
 * Where a handle is shown and grabbed: its position, or nearer to the centre
 * where that is outside the plot, or further out where the letter would cover it.
 * Gestures keep the offset from the pointer, so dragging works all the same.
 */
export function displayPosition(row: Row, shape: Shape, view: Viewport): Vec {
  const { centre } = shape;
  const at = row.at(shape);
  const inside: Vec = [
    clamp(centre[0], INSET, view.width - INSET),
    clamp(centre[1], INSET, view.height - INSET),
  ];
  if (!row.ray) return inside;
  if (inside[0] !== centre[0] || inside[1] !== centre[1]) return at;
  const length = Math.hypot(at[0] - centre[0], at[1] - centre[1]);
  const direction = row.ray.direction(shape);
  const most = room(centre, direction, view) - row.ray.spare;
  const held = clamp(length, Math.min(row.ray.clear, most), Math.max(0, most));
  return held === length ? at : along(centre, direction, held);
}

/** The lines from an outline to the handles that stand off it, as an SVG path. */
export function stems(shape: Shape, view: Viewport, structure: Structure): string {
  const lines = ROWS.map((row) => {
    const from = rowOf(row.stemFrom);
    if (!from || !row.allowed(structure, shape)) return "";
    const at = from.at(shape);
    const near = Math.hypot(at[0] - shape.centre[0], at[1] - shape.centre[1]) < CLEAR;
    return `M${near ? at : displayPosition(from, shape, view)}L${displayPosition(row, shape, view)}`;
  });
  return lines.join("");
}

export function rowOf(name: string | undefined): Row | undefined {
  return ROWS.find((row) => row.name === name);
}

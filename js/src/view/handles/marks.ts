/*
 * The handles on the screen, with their names for assistive technology.
 *
 * One focusable group per component with its handles inside. All are there
 * for the selected component and hinted for the one under the pointer; the
 * letters at the centres are always there.
 */
import { attrs, keyed, s } from "../../base/dom.ts";
import { colourOf, letterOf } from "../../base/palette.ts";
import { outline, type Shape } from "../../maths/geometry/ellipse.ts";
import type { Vec, Viewport } from "../../maths/geometry/viewport.ts";
import type { Locks } from "../../maths/mixture.ts";
import type { Structure } from "../../maths/structures.ts";
import { dial, displayPosition, MAIN, ROWS, type Row, stems } from "./handle-table.ts";

interface Handle {
  readonly row: Row;
  readonly root: SVGGElement;
}

interface Mark {
  readonly root: SVGGElement;
  readonly body: SVGPathElement;
  readonly stem: SVGPathElement;
  readonly dial: SVGGElement;
  readonly handles: readonly Handle[];
  /** What was drawn last. */
  drawn?: readonly unknown[];
}

function handle(row: Row, letter: string): Handle {
  const root = s(
    "g",
    {
      class: `gmm-handle gmm-shown-${row.shown}`,
      role: "button",
      tabindex: -1,
      "aria-label": row.label(letter),
      "data-gmm-handle": row.name,
    },
    s("circle", { class: "gmm-target", r: 14 }),
    ...row.glyph(letter),
  );
  return { row, root };
}

function mark(id: number): Mark {
  const letter = letterOf(id);
  const handles = ROWS.map((row) => handle(row, letter));
  const body = s("path", { class: "gmm-body" });
  const stem = s("path", { class: "gmm-stem" });
  const dial = s(
    "g",
    { class: "gmm-dial" },
    s("circle", { class: "gmm-dial-track", r: 22 }),
    s("path", { class: "gmm-dial-arc" }),
  );
  const root = s(
    "g",
    {
      class: "gmm-component",
      role: "group",
      "aria-label": `Component ${letter}`,
      "data-gmm-component": id,
    },
    body,
    stem,
    dial,
    ...handles.map((each) => each.root),
  );
  root.style.setProperty("--gmm-colour", colourOf(id));
  return { root, body, stem, dial, handles };
}

/**
 * Put the parts of a group where it is now; paths begin there and go on in relative terms.
 *
 * A transform would be shorter, but browsers sort all layers of the page anew when one changes.
 */
function put(root: SVGGElement, [x, y]: Vec): void {
  const at = `${x} ${y}`;
  if (root.dataset.gmmAt === at) return;
  root.dataset.gmmAt = at;
  for (const part of root.querySelectorAll("circle, text, path")) {
    const d = part.getAttribute("d");
    if (d) attrs(part, { d: `M${at}${d.slice(d.indexOf("m"))}` });
    else attrs(part, part.localName === "text" ? { x, y } : { cx: x, cy: y });
  }
}

function drawMark(mark: Mark, shape: Shape, view: Viewport, structure: Structure): void {
  if (mark.drawn?.[0] === shape && mark.drawn[1] === structure) return;
  mark.drawn = [shape, structure];
  const { body, stem, dial: ring, handles } = mark;
  const { centre } = shape;
  attrs(body, { d: outline(shape, shape.reach) });
  for (const { row, root } of handles) {
    put(root, displayPosition(row, shape, view));
    root.classList.toggle("gmm-absent", !row.allowed(structure, shape));
  }
  const [x, y] = displayPosition(MAIN, shape, view);
  attrs(ring.lastElementChild!, { d: `M${x} ${y}${dial(shape.weight)}` });
  put(ring, [x, y]);
  ring.classList.toggle("gmm-absent", x !== centre[0] || y !== centre[1]);
  attrs(stem, { d: stems(shape, view, structure) });
}

/** The locked parts of a component, in words; undefined where there are none. */
function lockedIn(locks: Locks | undefined): string | undefined {
  const names = [locks?.mean && "mean", locks?.covariance && "shape", locks?.weight && "weight"];
  const held = names.filter(Boolean);
  return held.length > 0 ? `locked: ${held.join(", ")}` : undefined;
}

/** Which components are selected or hovered, and what is locked of each. */
export interface Emphasis {
  readonly locks: readonly Locks[];
  readonly selected: number | null;
  readonly also: readonly number[];
  readonly hovered: number | null;
}

export interface Marks {
  readonly root: SVGGElement;
  draw(shapes: readonly Shape[], view: Viewport, structure: Structure, emphasis: Emphasis): void;
  /** Focus a component, or one of its handles. */
  focus(id: number, handle?: string): void;
}

export function createMarks(): Marks {
  const root = s("g", { class: "gmm-marks" });
  const held = new Map<number, Mark>();
  const draw: Marks["draw"] = (shapes, view, structure, { selected, also, hovered, locks }) => {
    const marks = keyed(
      held,
      shapes.map((shape) => shape.id),
      mark,
      root,
    );
    shapes.forEach((shape, i) => {
      const each = marks[i]!;
      drawMark(each, shape, view, structure);
      const locked = lockedIn(locks[i]);
      attrs(each.root, {
        tabindex: shape.id === selected ? 0 : -1,
        "aria-description": locked,
      });
      each.root.classList.toggle("gmm-locked", locked !== undefined);
      each.root.classList.toggle("gmm-selected", shape.id === selected);
      each.root.classList.toggle("gmm-also", also.includes(shape.id));
      each.root.classList.toggle("gmm-hovered", shape.id === hovered);
    });
    raise(root, held.get(selected ?? -1)?.root);
  };
  const focus: Marks["focus"] = (id, name) => {
    const mark = held.get(id);
    const handle = mark?.handles.find(({ row }) => row.name === name);
    (handle ?? mark)?.root.focus({ preventScroll: true });
  };
  return { root, draw, focus };
}

/** Bring a group to the top by moving the others below it: it keeps its focus. */
function raise(parent: SVGGElement, top: SVGGElement | undefined): void {
  while (top?.nextElementSibling) parent.insertBefore(top.nextElementSibling, top);
}

/*
 * Where the next EM step would take the components: dashed outlines, each
 * with a line from where the component is.
 */
import { attrs, HIDDEN, keyed, s } from "../../base/dom.ts";
import { colourOf } from "../../base/palette.ts";
import { outline, type Shape } from "../../maths/geometry/ellipse.ts";

const GRAIN = 8; // of a pixel: of components far from the hand hardly anything is drawn anew

interface Ghost {
  readonly root: SVGGElement;
  readonly ring: SVGPathElement;
  readonly way: SVGLineElement;
  readonly dot: SVGCircleElement;
}

function ghost(id: number): Ghost {
  const ring = s("path", { class: "gmm-ghost-outline" });
  const way = s("line", { class: "gmm-ghost-way" });
  const dot = s("circle", { class: "gmm-ghost-dot", r: 3 });
  const root = s("g", { class: "gmm-ghost" }, ring, way, dot);
  root.style.setProperty("--gmm-colour", colourOf(id));
  return { root, ring, way, dot };
}

export interface Ghosts {
  readonly root: SVGGElement;
  /** Draw where `shapes` would go; nothing for no `goals`. */
  draw(shapes: readonly Shape[], goals: readonly Shape[]): void;
}

export function createGhosts(): Ghosts {
  const root = s("g", { class: "gmm-ghosts", ...HIDDEN });
  const held = new Map<number, Ghost>();
  const draw: Ghosts["draw"] = (shapes, goals) => {
    const ids = goals.map(({ id }) => id);
    keyed(held, ids, ghost, root).forEach(({ ring, way, dot }, i) => {
      const goal = goals[i]!;
      const from = shapes.find((shape) => shape.id === goal.id)?.centre ?? goal.centre;
      const [x1, y1, x2, y2] = [...from, ...goal.centre].map((p) => Math.round(p * GRAIN) / GRAIN);
      attrs(ring, { d: outline(goal, 2, GRAIN) });
      attrs(way, { x1, y1, x2, y2 });
      attrs(dot, { cx: x2, cy: y2 });
    });
  };
  return { root, draw };
}

/*
 * Where the next EM step would take the components: dashed outlines, each
 * with a line from where the component is.
 */
import { attrs, keyed, s } from "../dom.ts";
import { degrees, type Shape } from "../geometry/ellipse.ts";
import { colourOf } from "../palette.ts";

interface Ghost {
  readonly root: SVGGElement;
  readonly outline: SVGEllipseElement;
  readonly way: SVGLineElement;
  readonly dot: SVGCircleElement;
}

function ghost(id: number): Ghost {
  const outline = s("ellipse", { class: "gmm-ghost-outline" });
  const way = s("line", { class: "gmm-ghost-way" });
  const dot = s("circle", { class: "gmm-ghost-dot", r: 3 });
  const root = s("g", { class: "gmm-ghost" }, outline, way, dot);
  root.style.setProperty("--gmm-colour", colourOf(id));
  return { root, outline, way, dot };
}

export interface Ghosts {
  readonly root: SVGGElement;
  /** Draw where `shapes` would go; nothing for no `goals`. */
  draw(shapes: readonly Shape[], goals: readonly Shape[]): void;
}

export function createGhosts(): Ghosts {
  const root = s("g", { class: "gmm-ghosts", "aria-hidden": "true" });
  const held = new Map<number, Ghost>();
  const draw: Ghosts["draw"] = (shapes, goals) => {
    const ids = goals.map(({ id }) => id);
    keyed(held, ids, ghost, root).forEach(({ outline, way, dot }, i) => {
      const { id, centre, frame } = goals[i]!;
      const [x, y] = centre;
      const from = shapes.find((shape) => shape.id === id)?.centre ?? centre;
      const turn = `translate(${x} ${y}) rotate(${degrees(frame)})`;
      attrs(outline, { transform: turn, rx: 2 * frame.a, ry: 2 * frame.b });
      attrs(way, { x1: from[0], y1: from[1], x2: x, y2: y });
      attrs(dot, { cx: x, cy: y });
    });
  };
  return { root, draw };
}

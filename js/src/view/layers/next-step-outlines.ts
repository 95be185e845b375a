/*
 * Dashed outlines of where components would go, by the next EM step or by a
 * fit that is previewed, each with a line from where the component is.
 */
import { attrs, HIDDEN, keyed, s } from "../../base/dom.ts";
import { colourOf } from "../../base/palette.ts";
import { outline, type Shape } from "../../maths/geometry/ellipse.ts";

const GRAIN = 8; // parts of a pixel: tiny changes during a drag redraw nothing

interface NextStepOutline {
  readonly root: SVGGElement;
  readonly ring: SVGPathElement;
  readonly way: SVGLineElement;
  readonly dot: SVGCircleElement;
}

function createOutline(id: number): NextStepOutline {
  const ring = s("path", { class: "gmm-next-step-outline" });
  const way = s("line", { class: "gmm-next-step-way" });
  const dot = s("circle", { class: "gmm-next-step-dot", r: 3 });
  const root = s("g", { class: "gmm-next-step" }, ring, way, dot);
  root.style.setProperty("--gmm-colour", colourOf(id));
  return { root, ring, way, dot };
}

export interface NextStepOutlines {
  readonly root: SVGGElement;
  /** Draw `goals`, joined to the shapes of the same ids. */
  draw(shapes: readonly Shape[], goals: readonly Shape[]): void;
}

export function createNextStepOutlines(): NextStepOutlines {
  const root = s("g", { class: "gmm-next-steps", ...HIDDEN });
  const held = new Map<number, NextStepOutline>();
  const draw: NextStepOutlines["draw"] = (shapes, goals) => {
    const ids = goals.map(({ id }) => id);
    keyed(held, ids, createOutline, root).forEach(({ ring, way, dot }, i) => {
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

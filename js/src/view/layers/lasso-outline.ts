/*
 * The outline of the selection that was drawn around points.
 */
import { attrs, HIDDEN, s } from "../../base/dom.ts";
import type { Polygon } from "../../maths/geometry/polygon.ts";
import { toPixel, type Viewport } from "../../maths/geometry/viewport.ts";

export interface LassoOutline {
  readonly root: SVGGElement;
  draw(polygon: Polygon | null, view: Viewport): void;
}

export function createLassoOutline(): LassoOutline {
  const names = ["gmm-lasso-halo", "gmm-lasso"];
  const lines = names.map((name) => s("path", { class: name, "fill-rule": "evenodd" }));
  const root = s("g", { ...HIDDEN }, ...lines);
  const draw: LassoOutline["draw"] = (polygon, view) => {
    const corners = polygon?.map(([x, y]) => {
      const [px, py] = toPixel(view, x, y);
      return `${px.toFixed(1)} ${py.toFixed(1)}`;
    });
    for (const line of lines) attrs(line, { d: corners ? `M${corners.join("L")}Z` : false });
  };
  return { root, draw };
}

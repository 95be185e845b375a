/*
 * Thin axes: a few ticks, a quiet grid, and the columns' names where the
 * axes end.
 */
import { attrs, HIDDEN, s } from "../../base/dom.ts";
import { ticksOf } from "../../base/format.ts";
import { toPixel, type Viewport } from "../../maths/geometry/viewport.ts";

export const MARGIN = { left: 44, right: 12, top: 24, bottom: 40 } as const;

export interface Axes {
  readonly root: SVGSVGElement;
  draw(view: Viewport, columns: readonly [string, string]): void;
}

/** The axes' layer; it lies under the plot and is MARGIN larger than it. */
export function createAxes(): Axes {
  const root = s("svg", { class: "gmm-axes", ...HIDDEN });
  let last = "";
  const draw = (view: Viewport, columns: readonly [string, string]) => {
    const key = JSON.stringify([view, columns]);
    if (key === last) return;
    last = key;
    attrs(root, {
      width: view.width + MARGIN.left + MARGIN.right,
      height: view.height + MARGIN.top + MARGIN.bottom,
    });
    const plane = s("g", { transform: `translate(${MARGIN.left} ${MARGIN.top})` });
    plane.append(...horizontal(view, columns[0]), ...vertical(view, columns[1]));
    root.replaceChildren(plane);
  };
  return { root, draw };
}

function horizontal(view: Viewport, column: string): SVGElement[] {
  const { width, height, extent } = view;
  const marks = ticksOf(extent[0], extent[1], Math.max(2, width / 110)).flatMap(({ at, text }) => {
    const x = Math.round(toPixel(view, at, 0)[0]) + 0.5;
    return [
      s("line", { class: "gmm-grid", x1: x, x2: x, y1: 0, y2: height }),
      s("text", { class: "gmm-tick", x, y: height + 16, "text-anchor": "middle" }, text),
    ];
  });
  const y = height + 0.5;
  const name = s("text", { class: "gmm-label", x: width, y: height + 34, "text-anchor": "end" });
  name.textContent = `${shortened(column, width)} →`;
  return [...marks, s("line", { class: "gmm-axis", x1: 0, x2: width, y1: y, y2: y }), name];
}

function vertical(view: Viewport, column: string): SVGElement[] {
  const { width, height, extent } = view;
  const marks = ticksOf(extent[2], extent[3], Math.max(2, height / 70)).flatMap(({ at, text }) => {
    const y = Math.round(toPixel(view, 0, at)[1]) + 0.5;
    return [
      s("line", { class: "gmm-grid", x1: 0, x2: width, y1: y, y2: y }),
      s("text", { class: "gmm-tick", x: -8, y: y + 3.5, "text-anchor": "end" }, text),
    ];
  });
  const name = s("text", { class: "gmm-label", x: 8 - MARGIN.left, y: -9 });
  name.textContent = `↑ ${shortened(column, width)}`;
  return [...marks, name];
}

function shortened(name: string, width: number): string {
  const most = Math.max(8, Math.floor(width / 8));
  return name.length > most ? `${name.slice(0, most - 1)}…` : name;
}

/*
 * The outlines of each component, at standard deviations or masses, with a
 * halo in the background's colour so that they can be seen on any data.
 */
import { attrs, HIDDEN, keyed, s } from "../../base/dom.ts";
import { colourOf, dashOf } from "../../base/palette.ts";
import { outline as ringOf, type Shape } from "../../maths/geometry/ellipse.ts";

export interface Emphasis {
  readonly selected: number | null;
  readonly also: readonly number[];
  readonly hovered: number | null;
  /** Rows that each component is expected to have, where that is known. */
  readonly counts: readonly number[];
}

interface Outline {
  readonly root: SVGGElement;
  readonly rings: readonly SVGPathElement[];
  shape?: Shape;
}

function outline(id: number): Outline {
  const ring = (name: string) => s("path", { class: `gmm-ring ${name}` });
  const halos = [0, 1, 2].map(() => ring("gmm-halo"));
  const lines = [ring("gmm-sigma2"), ring("gmm-sigma1"), ring("gmm-sigma1")];
  const root = s("g", { class: "gmm-outline" }, ...halos, ...lines);
  root.style.setProperty("--gmm-colour", colourOf(id));
  for (const line of lines) attrs(line, { "stroke-dasharray": dashOf(id) });
  return { root, rings: [...halos, ...lines] };
}

export interface Ellipses {
  readonly root: SVGGElement;
  /** Outlines at these radii in standard deviations, the outermost first; at most three. */
  draw(shapes: readonly Shape[], emphasis: Emphasis, radii: readonly number[]): void;
}

export function createEllipses(): Ellipses {
  const root = s("g", { class: "gmm-ellipses", ...HIDDEN });
  const held = new Map<number, Outline>();
  const draw: Ellipses["draw"] = (shapes, { selected, also, hovered, counts }, radii) => {
    const ids = shapes.map((shape) => shape.id);
    const outlines = keyed(held, ids, outline, root);
    shapes.forEach((shape, i) => {
      const { id } = shape;
      const each = outlines[i]!;
      const group = each.root;
      if (each.shape !== shape) {
        each.rings.forEach((ring, r) => {
          attrs(ring, { d: ringOf(shape, radii[r % 3] ?? 0) });
        });
      }
      each.shape = shape;
      group.classList.toggle("gmm-selected", id === selected || also.includes(id));
      group.classList.toggle("gmm-hovered", id === hovered);
      group.classList.toggle("gmm-pruned", counts[i]! < 1);
    });
  };
  return { root, draw };
}

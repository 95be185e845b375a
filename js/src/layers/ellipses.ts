/*
 * The outlines: one and two standard deviations of each component, with a
 * halo in the background's colour so that they read on any data.
 */
import { attrs, keyed, s } from "../dom.ts";
import { degrees, type Shape } from "../geometry/ellipse.ts";
import { colourOf, dashOf } from "../palette.ts";

export interface Emphasis {
  readonly selected: number | null;
  readonly also: readonly number[];
  readonly hovered: number | null;
}

interface Outline {
  readonly root: SVGGElement;
  readonly rings: readonly SVGEllipseElement[];
}

function outline(id: number): Outline {
  const ring = (name: string) => s("ellipse", { class: `gmm-ring ${name}` });
  const halos = [ring("gmm-halo"), ring("gmm-halo")];
  const lines = [ring("gmm-sigma2"), ring("gmm-sigma1")];
  const root = s("g", { class: "gmm-outline" }, ...halos, ...lines);
  root.style.setProperty("--gmm-colour", colourOf(id));
  for (const line of lines) attrs(line, { "stroke-dasharray": dashOf(id) });
  return { root, rings: [...halos, ...lines] };
}

export interface Ellipses {
  readonly root: SVGGElement;
  draw(shapes: readonly Shape[], emphasis: Emphasis): void;
}

export function createEllipses(): Ellipses {
  const root = s("g", { class: "gmm-ellipses", "aria-hidden": "true" });
  const held = new Map<number, Outline>();
  const draw = (shapes: readonly Shape[], { selected, also, hovered }: Emphasis) => {
    const ids = shapes.map((shape) => shape.id);
    const outlines = keyed(held, ids, outline, root);
    shapes.forEach(({ id, centre, frame }, i) => {
      const { root: group, rings } = outlines[i]!;
      attrs(group, { transform: `translate(${centre[0]} ${centre[1]}) rotate(${degrees(frame)})` });
      rings.forEach((ring, r) => {
        const sigmas = r % 2 === 0 ? 2 : 1;
        attrs(ring, { rx: sigmas * frame.a, ry: sigmas * frame.b });
      });
      group.classList.toggle("gmm-selected", id === selected || also.includes(id));
      group.classList.toggle("gmm-hovered", id === hovered);
    });
  };
  return { root, draw };
}

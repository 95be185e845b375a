/*
 * What handles look like, drawn about the origin; the first part is the ring that shows the focus.
 */
import { s } from "../../base/dom.ts";

const ring = (r: number) => s("circle", { class: "gmm-focus", r });

/** Shown at a centre while something of the component is locked. */
function padlock(): SVGElement {
  const parts = ["m-3.5 0h7v5h-7z", "m-2.2 0v-2a2.2 2.2 0 0 1 4.4 0v2"];
  const paths = parts.map((d) => s("path", { d }));
  return s(
    "g",
    { class: "gmm-padlock", transform: "translate(11 10)" },
    s("circle", { r: 7.5 }),
    ...paths,
  );
}

/** A disc with the component's letter, and a padlock that style shows. */
export function disc(letter: string): SVGElement[] {
  const size = letter.length > 1 ? 10 : 12;
  return [
    ring(15),
    s("circle", { class: "gmm-disc", r: 11 }),
    padlock(),
    s("text", { class: "gmm-letter", dy: "0.36em", "font-size": size }, letter),
  ];
}

/** A small circle of radius `r`. */
export function knob(r: number): SVGElement[] {
  return [ring(11), s("circle", { class: "gmm-knob", r })];
}

/** A circle with an arrow that turns. */
export function arrow(): SVGElement[] {
  const d = "m-3.4 1.2a3.6 3.6 0 1 1 4.6 2.2m-6.4-3.8l1.8 2l1.8-2";
  return [...knob(8), s("path", { class: "gmm-turn", d })];
}

/*
 * The toolbar's icons: 16 x 16 line drawings in the text's own colour.
 */
import { s } from "../dom.ts";

const DRAWINGS = {
  e: [
    "M8 2.2c2.4 2.8 4 4.9 4 7a4 4 0 0 1-8 0c0-2.1 1.6-4.2 4-7Z",
    "M8 12.2a3 3 0 0 1-3-3h6a3 3 0 0 1-3 3Z*",
  ],
  m: [
    "M11.9 4.1c1.7 1.7 1.2 4.900-1 7.1s-5.100 2.500-6.800.8-1.300-4.800.9-7 5.200-2.600 6.900-.9Z",
    "M8 6.300v3.400M6.300 8h3.400",
  ],
  em: ["M3.500 3.200v9.600L10.500 8Z", "M12.800 3.200v9.600"],
  run: ["M4.500 2.800v10.400L13 8Z*"],
  stop: ["M4 4h8v8H4Z*"],
  undo: ["M5.800 3 2.800 6l3 3", "M3 6h6.200a3.600 3.600 0 0 1 0 7.200H6.500"],
  redo: ["m10.200 3 3 3-3 3", "M13 6H6.800a3.600 3.600 0 0 0 0 7.200h2.700"],
  add: ["M8 3v10M3 8h10"],
  remove: ["M3 4.500h10M6.500 4.300V3h3v1.300M4.500 4.500l.6 8.500h5.800l.6-8.500"],
  help: ["M6 6.200a2 2 0 1 1 2.900 1.800c-.6.300-.9.700-.9 1.400", "M8 11.700v.1"],
  close: ["m4.500 4.500 7 7M11.500 4.500l-7 7"],
} as const;

export type IconName = keyof typeof DRAWINGS;

/** One icon; strokes that end in a star are filled. */
export function icon(name: IconName): SVGSVGElement {
  const paths = DRAWINGS[name].map((drawing) => {
    const filled = drawing.endsWith("*");
    return s("path", {
      d: filled ? drawing.slice(0, -1) : drawing,
      class: filled ? "gmm-solid" : "",
    });
  });
  return s("svg", { class: "gmm-icon", viewBox: "0 0 16 16", "aria-hidden": "true" }, ...paths);
}

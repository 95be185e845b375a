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
    "M12.6 3.400c1.9 1.9 1.3 5.4-1.3 7.900s-6 3.2-7.9 1.3-1.3-5.4 1.3-7.9 6-3.2 7.9-1.300Z",
    "M8 5.900v4.200M5.9 8h4.2",
  ],
  em: ["M3.5 3.200v9.600L10.5 8Z", "M12.8 3.200v9.6"],
  run: ["M4.5 2.800v10.400L13 8Z*"],
  stop: ["M4 4h8v8H4Z*"],
  undo: ["M5.8 3 2.8 6l3 3", "M3 6h6.200a3.6 3.6 0 0 1 0 7.200H6.5"],
  redo: ["m10.2 3 3 3-3 3", "M13 6H6.800a3.6 3.6 0 0 0 0 7.200h2.7"],
  add: ["M8 3v10M3 8h10"],
  remove: ["M3 4.500h10M6.5 4.300V3h3v1.300M4.5 4.500l.6 8.500h5.800l.6-8.5"],
  help: ["M6 6.200a2 2 0 1 1 2.9 1.800c-.6.3-.9.7-.9 1.4", "M8 11.700v.1"],
  centre: ["M8 2.500v3M8 10.500v3M2.500 8h3M10.500 8h3", "M8 7v2M7 8h2"],
  shape: ["M12.6 3.400c1.9 1.9 1.3 5.4-1.3 7.900s-6 3.2-7.9 1.3-1.3-5.4 1.3-7.9 6-3.2 7.9-1.300Z"],
  weight: ["M3 13V8M8 13V3M13 13v-3"],
  split: ["M6 4.200a4 4 0 1 0 0 7.600M10 4.200a4 4 0 1 1 0 7.600M8 2v12"],
  merge: [
    "M6 4.200a4 4 0 1 0 0 7.600 4 4 0 0 0 0-7.600Z",
    "M10 4.200a4 4 0 1 1 0 7.600 4 4 0 0 1 0-7.600Z",
  ],
  fit: [
    "M2.500 6V2.500H6M10 2.500h3.500V6M13.5 10v3.500H10M6 13.500H2.500V10",
    "M8 6.900v2.200M6.9 8h2.2",
  ],
  full: ["M9.500 2.500h4v4M13.5 2.500 9.3 6.7M6.500 13.500h-4v-4M2.500 13.500l4.200-4.200"],
  save: ["M8 2.500v7M5 7l3 3 3-3M3 13.200h10"],
  contours: [
    "M8 2.500c4 0 5.500 2.200 5.500 5.200S11 13.500 7.500 13.500 2.500 11 2.500 8 4.500 2.500 8 2.500Z",
    "M8.300 5.700c1.700 0 2.400 1 2.400 2.200S9.600 10.300 8 10.300 5.600 9.300 5.600 8 6.600 5.700 8.300 5.700Z",
  ],
  left: ["m9.500 4.500-3.500 3.500 3.500 3.500"],
  right: ["m6.500 4.500 3.500 3.500-3.500 3.500"],
  borders: [
    "M8.500 2.500C6 5.500 10.5 8 7.500 13.5",
    "M3.200 5v.1M4.700 8v.1M3.200 11v.1M12.500 5v.1M11.300 8v.1M12.800 11v.1",
  ],
  outliers: [
    "M10.500 5.500a2.500 2.500 0 1 0 0-.1Z",
    "M13 5.500v.1M4 9.500v.1M6.200 11.500v.1M3.700 12.700v.1M6.800 8.700v.1",
  ],
  sample: ["M5 3v4M3 5h4M11 6v4M9 8h4M5.500 10v4M3.500 12h4"],
  chevron: ["m5 6.5 3 3 3-3"],
  close: ["m4.5 4.5 7 7M11.5 4.500l-7 7"],
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

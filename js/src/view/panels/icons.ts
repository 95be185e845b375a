/*
 * The toolbar's icons: 16 x 16 line drawings in the text's own colour.
 */
import { HIDDEN, h, s } from "../../base/dom.ts";

const ELLIPSE = "M12.6 3.4c1.9 1.9 1.3 5.4-1.3 7.9s-6 3.2-7.9 1.3-1.3-5.4 1.3-7.9 6-3.2 7.9-1.3Z";

const DRAWINGS = {
  e: [
    "M8 2.2c2.4 2.8 4 4.9 4 7a4 4 0 0 1-8 0c0-2.1 1.6-4.2 4-7Z",
    "M8 12.2a3 3 0 0 1-3-3h6a3 3 0 0 1-3 3Z*",
  ],
  m: [ELLIPSE, "M8 5.9v4.2M5.9 8h4.2"],
  em: ["M3.5 3.2v9.6L10.5 8Z", "M12.8 3.2v9.6"],
  run: ["M4.5 2.8v10.4L13 8Z*"],
  stop: ["M4 4h8v8H4Z*"],
  undo: ["M5.8 3 2.8 6l3 3", "M3 6h6.2a3.6 3.6 0 0 1 0 7.2H6.5"],
  redo: ["m10.2 3 3 3-3 3", "M13 6H6.8a3.6 3.6 0 0 0 0 7.2h2.7"],
  add: ["M8 3v10M3 8h10"],
  remove: ["M3 4.5h10M6.5 4.3V3h3v1.3M4.5 4.5l.6 8.5h5.8l.6-8.5"],
  help: ["M6 6.2a2 2 0 1 1 2.9 1.8c-.6.3-.9.7-.9 1.4", "M8 11.7v.1"],
  centre: ["M8 2.5v3M8 10.5v3M2.5 8h3M10.5 8h3", "M8 7v2M7 8h2"],
  shape: [ELLIPSE],
  weight: ["M3 13V8M8 13V3M13 13v-3"],
  split: ["M6 4.2a4 4 0 1 0 0 7.6M10 4.2a4 4 0 1 1 0 7.6M8 2v12"],
  merge: ["M6 4.2a4 4 0 1 0 0 7.6 4 4 0 0 0 0-7.6Z", "M10 4.2a4 4 0 1 1 0 7.6 4 4 0 0 1 0-7.6Z"],
  fit: ["M2.5 6V2.5H6M10 2.5h3.5V6M13.5 10v3.5H10M6 13.5H2.5V10", "M8 6.9v2.2M6.9 8h2.2"],
  full: ["M9.5 2.5h4v4M13.5 2.5 9.3 6.7M6.5 13.5h-4v-4M2.5 13.5l4.2-4.2"],
  save: ["M8 2.5v7M5 7l3 3 3-3M3 13.2h10"],
  contours: [
    "M8 2.5c4 0 5.5 2.2 5.5 5.2S11 13.5 7.5 13.5 2.5 11 2.5 8 4.5 2.5 8 2.5Z",
    "M8.3 5.7c1.7 0 2.4 1 2.4 2.2S9.6 10.3 8 10.3 5.6 9.3 5.6 8 6.6 5.7 8.3 5.7Z",
  ],
  starts: ["M3 12.5h10", "M4.5 9.5v.1M8 9.5v.1M8 6.5v.1M11.5 9.5v.1M11.5 6.5v.1M11.5 3.5v.1"],
  choose: ["M2.5 3.5c1.5 5.5 3.5 7.5 5.5 7.5s3.5-1.5 5.5-5", "M8 13.2v.1"],
  tune: ["M2.5 5h11M2.5 11h11M6 3v4M10 9v4"],
  left: ["m9.5 4.5-3.5 3.5 3.5 3.5"],
  right: ["m6.5 4.5 3.5 3.5-3.5 3.5"],
  borders: [
    "M8.5 2.5C6 5.5 10.5 8 7.5 13.5",
    "M3.2 5v.1M4.7 8v.1M3.2 11v.1M12.5 5v.1M11.3 8v.1M12.8 11v.1",
  ],
  outliers: [
    "M10.5 5.5a2.5 2.5 0 1 0 0-.1Z",
    "M13 5.5v.1M4 9.5v.1M6.2 11.5v.1M3.7 12.7v.1M6.8 8.7v.1",
  ],
  box: ["M2.5 5V3h2M7 3h2M11.5 3h2v2M13.5 7.2v1.6M13.5 11v2h-2M9 13H7M4.5 13h-2v-2M2.5 8.8V7.2"],
  lasso: [
    "M8 3c3.3 0 5.5 1.5 5.5 3.6S11.3 10.3 8 10.3 2.5 8.7 2.5 6.6 4.7 3 8 3Z",
    "M4.2 9.4c-1 .6-1 2 .2 2.2 1.3.2 1.5-1.4.4-1.7M4.5 11.6c.1 1-.2 1.6-.8 2.1",
  ],
  sample: ["M5 3v4M3 5h4M11 6v4M9 8h4M5.5 10v4M3.5 12h4"],
  chevron: ["m5 6.5 3 3 3-3"],
  close: ["m4.5 4.5 7 7M11.5 4.5l-7 7"],
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
  return s("svg", { class: "gmm-icon", viewBox: "0 0 16 16", ...HIDDEN }, ...paths);
}

/** A list to choose from, with the sign that it is one. */
export const boxed = (select: HTMLElement): HTMLElement =>
  h("span", { class: "gmm-select-box" }, select, icon("chevron"));

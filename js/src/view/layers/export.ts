/*
 * The plot as a file: an SVG that needs no stylesheet, with the points as an
 * embedded image, or a PNG of it. Handles and other controls are left out.
 */
import { attrs, s } from "../../base/dom.ts";

const STYLES = [
  "fill",
  "fill-opacity",
  "stroke",
  "stroke-width",
  "stroke-opacity",
  "stroke-dasharray",
  "stroke-linecap",
  "paint-order",
  "font-family",
  "font-size",
  "font-weight",
  "text-anchor",
] as const;

const CONTROLS = `.gmm-target, .gmm-focus, .gmm-stem, .gmm-dial, .gmm-body, .gmm-next-steps, .gmm-absent,
  .gmm-level-grip, .gmm-component:not(.gmm-locked) .gmm-padlock`;
const HANDLES = ".gmm-handle:not(.gmm-shown-always)";
const SHARP = 2; // PNG pixels per CSS pixel, at least

/** A copy with its computed style in attributes. */
function plainCopy(element: Element): Element | null {
  if (element.matches(`${CONTROLS}, ${HANDLES}`)) return null;
  const copy = element.cloneNode(false) as Element;
  const style = getComputedStyle(element);
  if (element.children.length === 0) {
    attrs(copy, Object.fromEntries(STYLES.map((name) => [name, style.getPropertyValue(name)])));
    copy.textContent = element.textContent;
  }
  for (const name of ["class", "style", "role", "tabindex", "aria-label"]) {
    copy.removeAttribute(name);
  }
  for (const child of element.children) {
    const made = plainCopy(child);
    if (made) copy.append(made);
  }
  return copy;
}

/** A layer's children, moved to where the layer is in the stage. */
function layer(from: Element, x: number, y: number, width: number, height: number): Element {
  const box = s("svg", { x, y, width, height });
  for (const child of from.children) {
    const made = plainCopy(child);
    if (made) box.append(made);
  }
  return box;
}

export interface Picture {
  readonly svg: string;
  readonly width: number;
  readonly height: number;
}

/** The stage, as it is on the screen, as SVG text. */
export function pictureOf(stage: HTMLElement): Picture {
  const find = (selector: string) => stage.querySelector(selector)!;
  const canvas = find(".gmm-canvas") as HTMLCanvasElement;
  const [box, inner, drawn] = [stage, find(".gmm-plot"), canvas].map((each) =>
    each.getBoundingClientRect(),
  );
  const [x, y] = [inner!.left - box!.left, inner!.top - box!.top];
  const { width, height } = box!;
  const background = getComputedStyle(stage.closest(".gmm-root") ?? stage).backgroundColor;
  const [w, h] = [drawn!.width, drawn!.height]; // larger than the plot for a coarse picture
  const size = { width: inner!.width, height: inner!.height };
  const root = s("svg", { xmlns: "http://www.w3.org/2000/svg", width, height });
  root.append(
    s("rect", { width, height, fill: background }),
    layer(find(".gmm-axes"), 0, 0, width, height),
    s("svg", { x, y, ...size }, s("image", { width: w, height: h, href: canvas.toDataURL() })),
    layer(find(".gmm-overlay"), x, y, size.width, size.height),
  );
  return { svg: new XMLSerializer().serializeToString(root), width, height };
}

/** The picture as a PNG; rejects where the page cannot draw it. */
export async function pngOf({ svg, width, height }: Picture): Promise<Blob> {
  const ratio = Math.max(SHARP, globalThis.devicePixelRatio || 1);
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
  await image.decode();
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width: Math.round(width * ratio), height: Math.round(height * ratio) });
  canvas.getContext("2d")?.drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("no picture"))), "image/png");
  });
}

/** Offer a file for download. */
export function download(blob: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/*
 * The colours and letters of the components, the same in both themes.
 *
 * Chosen for a contrast of at least 3:1 on white and on near-black and for
 * distance in OKLab under normal and colour-blind vision. A component keeps
 * its colour and letter for life, because both follow its identity and not
 * its place in the list. Mixing is done in OKLab (Ottosson 2020).
 */
export const PALETTE: readonly string[] = [
  "#5b40f2",
  "#d77d2c",
  "#b70096",
  "#8b8fc1",
  "#fe408c",
  "#329092",
  "#8449ba",
  "#cd0f35",
  "#958161",
  "#c758ed",
  "#317010",
  "#9d546a",
];

export type Oklab = readonly [number, number, number];

/** The component's colour as a hexadecimal string. */
export function colourOf(id: number): string {
  return PALETTE[id % PALETTE.length]!;
}

/** The component's letter: 0 is A, 25 is Z, 26 is AA. */
export function letterOf(id: number): string {
  let text = "";
  for (let n = id; n >= 0; n = Math.floor(n / 26) - 1) {
    text = String.fromCharCode(65 + (n % 26)) + text;
  }
  return text;
}

/** Beyond one round of the palette, outlines are dashed as well. */
export function dashOf(id: number): string | undefined {
  const round = Math.floor(id / PALETTE.length);
  return round === 0 ? undefined : round % 2 === 1 ? "7 4" : "2 4";
}

function linear(channel: number): number {
  const c = channel / 255;
  return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
}

/** Colour in OKLab from a #rrggbb string. */
export function oklab(hex: string): Oklab {
  const value = Number.parseInt(hex.slice(1), 16);
  const r = linear(value >> 16);
  const g = linear((value >> 8) & 255);
  const b = linear(value & 255);
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ];
}

const STEPS = 4096;
const GAMMA = Uint8Array.from({ length: STEPS + 1 }, (_, i) => {
  const c = i / STEPS;
  return Math.round(255 * (c <= 0.0031308 ? 12.92 * c : 1.055 * c ** (1 / 2.4) - 0.055));
});

function byte(channel: number): number {
  return GAMMA[channel <= 0 ? 0 : channel >= 1 ? STEPS : (channel * STEPS + 0.5) | 0]!;
}

/** Every pixel of a picture needs it three times, and `** 3` took most of that time. */
const cube = (x: number) => x * x * x;

/** sRGB packed as 0xBBGGRR (the byte order of image data) from OKLab. */
export function packed(lightness: number, a: number, b: number): number {
  const l = cube(lightness + 0.3963377774 * a + 0.2158037573 * b);
  const m = cube(lightness - 0.1055613458 * a - 0.0638541728 * b);
  const s = cube(lightness - 0.0894841775 * a - 1.291485548 * b);
  const red = byte(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s);
  const green = byte(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s);
  const blue = byte(-0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s);
  return (blue << 16) | (green << 8) | red;
}

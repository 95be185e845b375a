/*
 * The smallest checks of received values: a finite number, a list of a given
 * length, an extent. Each returns the clean value or throws a WireError that
 * names the field.
 */
import type { Extent } from "../maths/geometry/viewport.ts";
import type { Dims } from "../maths/mixture.ts";

export class WireError extends Error {}

export function fail(what: string): never {
  throw new WireError(what);
}

export type Fields = Record<string, unknown>;

export function fields(value: unknown, what: string): Fields {
  if (typeof value !== "object" || value === null) fail(`${what} is not an object`);
  return value as Fields;
}

export function number(value: unknown, what: string): number {
  if (typeof value !== "number" || !Number.isFinite(value)) fail(`${what} is not a finite number`);
  return value as number;
}

export function whole(value: unknown, what: string, most = Number.MAX_SAFE_INTEGER): number {
  const n = number(value, what);
  if (!Number.isInteger(n) || n < 0 || n > most) fail(`${what} is not a whole number in range`);
  return n;
}

export function maybe(value: unknown): number | null {
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}

export function numbers(value: unknown, length: number, what: string): number[] {
  if (!Array.isArray(value) || value.length !== length) fail(`${what} does not hold ${length}`);
  return (value as unknown[]).map((entry, i) => number(entry, `${what}[${i}]`));
}

export function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

export function pair(value: unknown, what: string): Dims {
  const [a, b] = numbers(value, 2, what);
  return [a!, b!];
}

export function extent(value: unknown, what: string): Extent {
  const [x0, x1, y0, y1] = numbers(value, 4, what);
  if (!(x1! > x0! && y1! > y0!)) fail(`${what} is empty`);
  return [x0!, x1!, y0!, y1!];
}

/** Whether a trait holds nothing yet. */
export const isEmpty = (value: unknown): boolean =>
  value === undefined ||
  value === null ||
  (typeof value === "object" && Object.keys(value).length === 0);

/** Some hosts drop the buffers of traits when a model is opened; the points come by themselves. */
export function isStripped(preview: unknown): boolean {
  const counts = (preview as { counts?: unknown }).counts;
  const binary = ArrayBuffer.isView(counts) || counts instanceof ArrayBuffer;
  return !binary && isEmpty(counts);
}

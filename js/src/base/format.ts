/*
 * Numbers as text: enough digits, never too many.
 *
 * All of them are written with the minus sign of typography (U+2212), as the
 * axes are; `withHyphens` gives what code and number fields can read.
 */
import { tickStep, ticks } from "d3-array";
import { format, formatPrefix, formatSpecifier, precisionFixed, precisionPrefix } from "d3-format";

const MINUS = "\u2212";

/** Minus signs in place of hyphens, in a number as `toFixed` and its like write it. */
export const withMinus = (text: string): string => text.replaceAll("-", MINUS);

/** Hyphens in place of minus signs, as code has them. */
export const withHyphens = (text: string): string => text.replaceAll(MINUS, "-");

/** A log-likelihood or a criterion: to the thousandth, or to seven digits. */
export function criterion(value: number | null): string {
  if (value === null) return "–";
  const digits = Math.max(1, Math.ceil(Math.log10(Math.abs(value) + 1)));
  return withMinus(value.toFixed(Math.min(3, Math.max(0, 8 - digits))));
}

/** A gain of so many nats: one significant digit is all that it means. */
export function gain(value: number): string {
  if (value === 0) return "0";
  return withMinus(Math.abs(value) < 0.01 ? value.toExponential(0) : format(".1~g")(value));
}

/**
 * Digits after the point for a column of numbers with these spreads: two
 * that mean something for the tightest; null where that takes exponents.
 */
export function digitsFor(spreads: readonly number[], most: number): number | null {
  const least = Math.min(...spreads.filter((spread) => spread > 0));
  if (!Number.isFinite(least) || most >= 1e6) return null;
  const digits = 1 - Math.floor(Math.log10(least));
  return digits > 6 ? null : Math.max(0, digits);
}

/** A number with the digits of its column. */
export function measured(value: number, digits: number | null): string {
  return digits === null ? withMinus(format(".4~g")(value)) : share(value, digits);
}

/** A share or a correlation, to the hundredth; what rounds to nothing has no sign. */
export function share(value: number, digits = 2): string {
  const text = value.toFixed(digits);
  return Number(text) === 0 ? (0).toFixed(digits) : withMinus(text);
}

/** A part of a whole in per cent, finer near nothing and near all of it. */
export function percent(part: number): string {
  const far = Math.min(part, 1 - part);
  const digits =
    far > 0 && far < 0.1 ? Math.min(4, Math.max(1, -Math.floor(Math.log10(100 * far)))) : 0;
  return `${Number((100 * part).toFixed(digits))} %`;
}

/** A count with separators. */
export const count = format(",d");

/** Tick values with their texts, about `count` of them, all in one notation. */
export function ticksOf(low: number, high: number, count: number): { at: number; text: string }[] {
  const values = ticks(low, high, count);
  const step = tickStep(low, high, count);
  const top = Math.max(Math.abs(low), Math.abs(high));
  const write = writer(step, top);
  return values.map((at) => ({ at, text: withMinus(write(at)) }));
}

function writer(step: number, top: number): (value: number) => string {
  if (top >= 1e5 && top < 1e15) {
    const spec = formatSpecifier("s");
    spec.precision = precisionPrefix(step, top);
    return formatPrefix(spec.toString(), top);
  }
  if (top >= 1e15 || top < 1e-3) return format(".3~g");
  return format(`.${precisionFixed(step)}f`);
}

/*
 * Numbers as people read them: enough digits, never too many, and a plain
 * hyphen for minus, so that what is copied pastes into code.
 */
import { format, formatLocale } from "d3-format";

const plain = formatLocale({
  decimal: ".",
  thousands: ",",
  grouping: [3],
  currency: ["", ""],
  minus: "-",
});

/** A log-likelihood or a criterion: to the thousandth, or to seven digits. */
export function criterion(value: number | null): string {
  if (value === null) return "–";
  const digits = Math.max(1, Math.ceil(Math.log10(Math.abs(value) + 1)));
  return value.toFixed(Math.min(3, Math.max(0, 8 - digits)));
}

/** A gain of so many nats: one significant digit is all that it means. */
export function gain(value: number): string {
  if (value === 0) return "0";
  const text = Math.abs(value) < 0.01 ? value.toExponential(0) : plain.format(".1~g")(value);
  return text.replace("e-0", "e-");
}

/** A number of a column whose spread is known: digits to a hundredth of it. */
export function measured(value: number, spread: number): string {
  if (!(spread > 0)) return plain.format(".4~g")(value);
  const digits = 2 - Math.floor(Math.log10(spread)) - 1;
  if (Math.abs(value) >= 1e6 || digits > 6) return plain.format(".4~g")(value);
  return value.toFixed(Math.min(6, Math.max(0, digits)));
}

/** A share or a correlation, to the hundredth. */
export function share(value: number, digits = 2): string {
  const text = value.toFixed(digits);
  return Number(text) === 0 ? (0).toFixed(digits) : text;
}

/** A count with separators. */
export const count = format(",d");

/*
 * Texts that come from the kernel as a code with values: labels of the history,
 * notices, errors. The words are made here, from the template of the code.
 */
import { letterOf } from "../base/palette.ts";
import { COUNTED, TEMPLATES } from "./templates.ts";

type Value = number | string | readonly number[];

export interface CodedText {
  readonly code: string;
  readonly values: readonly Value[];
}

const MOST_VALUES = 8;
const MOST_CHARACTERS = 4000; // of a value
const MOST_COMPONENTS = 200;

function checked(value: unknown): Value {
  if (typeof value === "number") return value;
  if (typeof value === "string") return value.slice(0, MOST_CHARACTERS);
  const ids: unknown[] = Array.isArray(value) ? value.slice(0, MOST_COMPONENTS) : [];
  return ids.filter((id): id is number => Number.isSafeInteger(id) && (id as number) >= 0);
}

/** A code and its values; null for what is none. */
export function parseCodedText(value: unknown): CodedText | null {
  if (!Array.isArray(value) || typeof value[0] !== "string") return null;
  const [code, ...values] = value as [string, ...unknown[]];
  return { code: code.slice(0, 40), values: values.slice(0, MOST_VALUES).map(checked) };
}

function shown(slot: string, value: Value | undefined): string {
  if (value === undefined) return "?";
  if (typeof value === "object") return value.map(letterOf).join(" and ");
  const counted = COUNTED[slot];
  return counted ? `${value.toLocaleString("en")} ${counted}${value === 1 ? "" : "s"}` : `${value}`;
}

/** The words; of a code that is not known here, the code. */
export function wordsOf({ code, values }: CodedText): string {
  if (!Object.hasOwn(TEMPLATES, code)) return code.replaceAll("_", " ");
  let next = 0;
  return TEMPLATES[code]!.replace(/\{(\w+)\}/g, (_, slot: string) => shown(slot, values[next++]));
}

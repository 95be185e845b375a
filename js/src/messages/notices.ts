/*
 * Notices: what a view says over the plot, in sentences of the kernel or of its own.
 */
import type { Fields } from "./checks.ts";
import { type CodedText, parseCodedText, wordsOf } from "./coded-text.ts";

export interface Notice {
  readonly level: "info" | "warning" | "error";
  readonly text: string;
  /** What a notice of the kernel's is about. */
  readonly code?: string;
}

const MOST_SENTENCES = 4;

/** The kernel's notice; null for none. */
export function parseNotice(value: unknown): Notice | null {
  if (typeof value !== "object" || value === null) return null;
  const { level, sentences } = value as Fields;
  const coded = (Array.isArray(sentences) ? (sentences as unknown[]) : [])
    .slice(0, MOST_SENTENCES)
    .map(parseCodedText)
    .filter((each) => each !== null);
  return coded.length === 0 ? null : noticeOf(level, coded);
}

/** The notice that says these sentences; its code is that of the first. */
export function noticeOf(level: unknown, sentences: readonly CodedText[]): Notice {
  return {
    level: level === "error" || level === "warning" ? level : "info",
    text: sentences.map(wordsOf).join(". "),
    code: sentences[0]?.code,
  };
}

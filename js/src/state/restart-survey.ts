/*
 * The results of a search from many starts, as the kernel sends them, checked.
 */

import type { Mixture } from "../maths/mixture.ts";
import { fields, maybe, text } from "../messages/checks.ts";
import { parseMixture } from "../messages/messages.ts";

export interface Start {
  readonly value: number | null;
  readonly status: string;
  /** Place of the optimum that it reached, if it was followed so far. */
  readonly optimum: number | null;
  readonly reason: string;
}

export interface Optimum {
  readonly mixture: Mixture;
  readonly value: number;
  readonly spurious: string;
}

export interface RestartSurvey {
  readonly n: number;
  readonly running: boolean;
  readonly problem: string;
  readonly starts: readonly Start[];
  /** From the highest down. */
  readonly optima: readonly Optimum[];
}

const MOST = 200;

const list = (value: unknown) => (Array.isArray(value) ? (value as unknown[]).slice(0, MOST) : []);

/** A survey, or null where none was made. */
export function parseRestartSurvey(value: unknown): RestartSurvey | null {
  const raw = fields(value, "survey");
  const n = maybe(raw.n) ?? 0;
  if (n < 1) return null;
  const starts = list(raw.starts).map((each): Start => {
    const start = fields(each, "survey.starts");
    const optimum = maybe(start.optimum);
    return {
      value: maybe(start.log_likelihood),
      status: text(start.status),
      optimum,
      reason: text(start.reason),
    };
  });
  const optima = list(raw.optima).map((each): Optimum => {
    const found = fields(each, "survey.optima");
    const mixture = parseMixture(found.mixture);
    return { mixture, value: maybe(found.log_likelihood) ?? 0, spurious: text(found.spurious) };
  });
  return { n, running: raw.running === true, problem: text(raw.problem), starts, optima };
}

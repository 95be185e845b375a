/*
 * The cells of a model selection, as the kernel sends them: checked, and added to
 * those already there.
 */

import type { Mixture } from "../maths/mixture.ts";
import { type Fields, fail, fields, maybe, text, whole } from "../messages/checks.ts";
import { parseMixture } from "../messages/messages.ts";

export interface Cell {
  readonly k: number;
  readonly structure: string;
  /** "fitted", "spurious" or "collapsed". */
  readonly status: string;
  readonly reason: string;
  readonly scores: Readonly<Record<string, number | null>>;
  /** To be looked at; null where it is too large, or there is none. */
  readonly mixture: Mixture | null;
}

export interface Grid {
  readonly search: number;
  readonly size: number;
  readonly running: boolean;
  /** Nothing is left to be fitted. */
  readonly complete: boolean;
  readonly problem: string;
  readonly criteria: readonly string[];
  readonly structures: readonly string[];
  readonly counts: readonly number[];
  readonly cells: ReadonlyMap<string, Cell>;
}

const MOST = 400;
const list = (value: unknown) => (Array.isArray(value) ? (value as unknown[]).slice(0, MOST) : []);
const names = (value: unknown) => list(value).map((name) => text(name).slice(0, 40));

export const keyOf = (structure: string, k: number) => `${structure}/${k}`;

function parseCell(value: unknown): Cell {
  const raw = fields(value, "selection.cells");
  const scores = Object.entries(fields(raw.scores, "selection.scores")).slice(0, 10);
  return {
    k: whole(raw.k, "selection.k", 1e6),
    structure: text(raw.structure),
    status: text(raw.status),
    reason: text(raw.reason),
    scores: Object.fromEntries(scores.map(([name, score]) => [name, maybe(score)])),
    mixture: raw.mixture ? parseMixture(raw.mixture) : null,
  };
}

function shapeOf(raw: Fields) {
  const structures = names(raw.structures);
  const counts = list(raw.counts).map((k) => whole(k, "selection.counts", 1e6));
  if (structures.length * counts.length > MOST) fail("selection has too many cells");
  return { structures, counts, criteria: names(raw.criteria) };
}

/** What is known with what a message adds; null where there is no table any more. */
export function withSelection(before: Grid | null, value: unknown): Grid | null {
  const raw = fields(value, "selection");
  const size = whole(raw.size, "selection.size", MOST);
  if (size === 0) return null;
  const shape = shapeOf(raw);
  const search = whole(raw.search, "selection.search");
  const cells = new Map(before?.search === search ? before.cells : []);
  for (const cell of list(raw.cells).map(parseCell)) {
    const known = shape.structures.includes(cell.structure) && shape.counts.includes(cell.k);
    if (known) cells.set(keyOf(cell.structure, cell.k), cell);
  }
  const flags = { running: raw.running === true, complete: raw.complete === true };
  return { search, size, ...flags, problem: text(raw.problem), ...shape, cells };
}

/** The cell's score, where it can be trusted. */
export function scoreOf(cell: Cell | undefined, criterion: string): number | null {
  return cell?.status === "fitted" ? (cell.scores[criterion] ?? null) : null;
}

/** The best cell so far that can be trusted. */
export function bestOf({ cells }: Grid, criterion: string): Cell | null {
  let best: Cell | null = null;
  for (const cell of cells.values()) {
    const score = scoreOf(cell, criterion);
    if (score !== null && score < (scoreOf(best ?? undefined, criterion) ?? Infinity)) best = cell;
  }
  return best;
}

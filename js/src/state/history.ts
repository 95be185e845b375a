/*
 * The history tree as the kernel sends it: a bounded part of it, with the steps
 * of a run in progress at its end.
 */
import { type Fields, fields, maybe, text, whole } from "../messages/checks.ts";
import { parseCodedText, wordsOf } from "../messages/coded-text.ts";

export interface Entry {
  readonly id: number;
  /** The entry that it was done on, if that is here. */
  readonly parent: number | null;
  readonly cause: string;
  readonly label: string;
  /** Log-likelihoods passed on the way, its own last; null where unknown. */
  readonly values: readonly (number | null)[];
  /** Of several values, how many EM steps from the entry's beginning each is; else empty. */
  readonly steps: readonly number[];
  /** Whether those steps can be gone to. */
  readonly kept: boolean;
}

export interface Trace {
  /** The present branch, then others; a parent comes before what follows it. */
  readonly entries: readonly Entry[];
  /** Ids of the present branch, from the first to where redo leads. */
  readonly branch: readonly number[];
  /** Id of the present entry. */
  readonly position: number;
}

export const NO_TRACE: Trace = { entries: [], branch: [], position: 0 };
export const LIVE = Number.MAX_SAFE_INTEGER; // the id of a run that is not in the history yet

const MOST_ENTRIES = 1000;
const MOST_VALUES = 2000;

function list(value: unknown, most: number): unknown[] {
  return Array.isArray(value) ? value.slice(0, most) : [];
}

/** One row of the columns. */
function entryAt(raw: Fields, row: number): Entry {
  const at = (name: string) => list(raw[name], MOST_ENTRIES)[row];
  const id = whole(list(raw.id, MOST_ENTRIES)[row], `trace.id[${row}]`, LIVE - 1);
  const values = list(at("values"), MOST_VALUES).map(maybe);
  const steps = list(at("steps"), MOST_VALUES).map((step) => whole(step, "trace.steps"));
  const told = steps.length === values.length;
  return {
    id,
    parent: maybe(at("parent")),
    cause: text(at("cause")),
    label: wordsOf(parseCodedText(at("label")) ?? { code: text(at("cause")), values: [] }).slice(
      0,
      80,
    ),
    values,
    steps: told ? steps : [],
    kept: told && list(raw.kept, MOST_ENTRIES).includes(id),
  };
}

/** A tree whose parents come before their children. */
export function parseTrace(value: unknown): Trace {
  const raw = fields(value, "trace");
  const known = new Set<number | null>();
  const entries = list(raw.id, MOST_ENTRIES).map((_, at) => {
    const row = entryAt(raw, at);
    const parent = known.has(row.parent) ? row.parent : null;
    known.add(row.id);
    return { ...row, parent };
  });
  const branch = entries.slice(0, maybe(raw.branch) ?? entries.length).map(({ id }) => id);
  const position = maybe(raw.position) ?? 0;
  return { entries, branch, position: known.has(position) ? position : (branch.at(-1) ?? 0) };
}

/** The tree with the steps of a run in progress at the present entry. */
export function withTail(trace: Trace, tail: readonly number[]): Trace {
  if (tail.length === 0) return trace;
  const run: Entry = {
    id: LIVE,
    parent: trace.position,
    cause: "run",
    label: "EM runs",
    values: tail,
    steps: [],
    kept: false,
  };
  const kept = trace.branch.slice(0, trace.branch.indexOf(trace.position) + 1);
  return { entries: [...trace.entries, run], branch: [...kept, LIVE], position: LIVE };
}

/** A longer tail, thinned to every other value when it grows too long. */
export function longer(tail: readonly number[], value: number): readonly number[] {
  const kept = tail.length < MOST_VALUES ? tail : tail.filter((_, i) => i % 2 === 1);
  return [...kept, value];
}
